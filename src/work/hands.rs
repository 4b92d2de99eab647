//! The worker of a process that runs: hands that each carry out one job, a beat that says that they live, an end that comes
//! soon after it is asked for.
//!
//! A job is taken only by a hand that is free, so nothing is held that is not begun. Mails have hands of their own: a slow
//! mail server holds papers and plans up no longer than it must.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout, timeout_at},
};
use tracing::{error, info, warn};
use uuid::Uuid;

use super::{carry_out, give_up, keep_house, look};
use crate::platform::{
    app::App,
    error::Result,
    outbox::{self, BEAT, Outcome, Which},
    stop::Stop,
};

/// The jobs that hand a mail over.
const MAILS: &[&str] = &["send", "key_ending"];
/// Who does what at the same time. As many mails as the mail transport has connections.
const LANES: [(Which, usize); 2] = [(Which::Only(MAILS), 4), (Which::But(MAILS), 4)];
/// How often the worker looks when nobody rings.
const POLL: Duration = Duration::from_secs(1);
/// How often it keeps house.
const HOUSEKEEPING: Duration = Duration::from_secs(60);
/// How long what is under way may go on once the end is asked for; what it is not done with then is let go.
const GRACE: Duration = Duration::from_secs(4);
/// How long each of the last steps may take.
const LAST: Duration = Duration::from_secs(1);

/// Work until it is asked to stop: what is under way gets a few seconds, what is left is let go for whoever comes next.
pub async fn run_forever(app: App, stop: Stop) {
    let worker = Worker { name: app.ids.new_id(app.now()).to_string().into(), held: Arc::default(), app };
    let beating = tokio::spawn(worker.clone().beat());
    let mut hands = JoinSet::new();
    let mut poll = interval(POLL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut house = Instant::now() + HOUSEKEEPING;
    while !stop.is_asked() {
        tokio::select! {
            () = stop.asked() => break,
            // A hand is free.
            Some(_) = hands.join_next() => {}
            // Something was queued.
            () = worker.app.wake.notified() => {}
            _ = poll.tick() => worker.look_around(&stop).await,
        }
        while hands.try_join_next().is_some() {}
        if stop.is_asked() {
            break;
        }
        let taken = tokio::select! { () = stop.asked() => break, taken = worker.take(&mut hands) => taken };
        if let Err(failure) = taken {
            error!("The worker could not take jobs: {failure}");
            // Not in a circle: whatever is wrong gets a moment to pass.
            tokio::select! { () = stop.asked() => {}, () = sleep(POLL) => {} }
        }
        if Instant::now() >= house {
            tokio::select! { () = stop.asked() => break, () = keep_house(&worker.app) => {} }
            house = Instant::now() + HOUSEKEEPING;
        }
    }
    worker.end(hands).await;
    beating.abort();
    info!("The worker stopped");
}

/// A worker and what it holds.
#[derive(Clone)]
struct Worker {
    app: App,
    name: Arc<str>,
    /// The jobs in hand, each with its lane.
    held: Arc<Mutex<HashMap<Uuid, usize>>>,
}

impl Worker {
    fn in_hand(&self) -> HashSet<Uuid> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    fn busy(&self, lane: usize) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).values().filter(|of| **of == lane).count()
    }

    /// See what time brought, unless the end comes first: each thing of it is a unit of work, whole or not at all.
    async fn look_around(&self, stop: &Stop) {
        let own = self.in_hand();
        tokio::select! {
            () = stop.asked() => {}
            _ = look(&self.app, &own) => {}
        }
    }

    /// Give each free hand a job.
    async fn take(&self, hands: &mut JoinSet<()>) -> Result<()> {
        for (lane, (which, many)) in LANES.into_iter().enumerate() {
            let free = many.saturating_sub(self.busy(lane));
            if free == 0 {
                continue;
            }
            for job in outbox::claim(&self.app, &self.name, which, free as u64).await? {
                self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(job.id, lane);
                hands.spawn(self.clone().carry(job));
            }
        }
        Ok(())
    }

    /// Carry one job out, whatever happens to it.
    async fn carry(self, job: entity::outbox::Model) {
        let doing = AssertUnwindSafe(carry_out(&self.app, &job)).catch_unwind();
        let outcome = match doing.await {
            Ok(outcome) => outcome,
            Err(_) => {
                error!(job = %job.id, kind = %job.kind, "A job panicked");
                let said = "erreur interne : elle est consignée dans le journal du service".to_owned();
                if job.attempts >= outbox::MAX_ATTEMPTS {
                    give_up(&self.app, &job, &said).await;
                }
                Outcome::Retry(said)
            }
        };
        if let Err(failure) = outbox::finish(&self.app, &self.name, &job, outcome).await {
            // Nobody says any more that it is alive: it is taken back in its time.
            error!(job = %job.id, kind = %job.kind, "What became of a job could not be written down: {failure}");
        }
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&job.id);
    }

    /// Say that it lives, over and over.
    async fn beat(self) {
        loop {
            sleep(BEAT).await;
            let held: Vec<Uuid> = self.in_hand().into_iter().collect();
            if let Err(failure) = outbox::keep(&self.app, &self.name, &held).await {
                warn!("The worker could not say that it lives: {failure}");
            }
        }
    }

    /// The end: wait a little, then let go.
    async fn end(&self, mut hands: JoinSet<()>) {
        let until = Instant::now() + GRACE;
        while let Ok(Some(_)) = timeout_at(until, hands.join_next()).await {}
        if timeout(LAST, hands.shutdown()).await.is_err() {
            warn!("What was under way does not end: the process ends without it");
        }
        match timeout(LAST, outbox::let_go(&self.app, &self.name)).await {
            Ok(Ok(0)) => {}
            Ok(Ok(let_go)) => info!("{let_go} jobs that were under way are left to whoever comes next"),
            Ok(Err(failure)) => warn!("The jobs that were under way could not be let go: {failure}"),
            Err(_) => warn!("The jobs that were under way could not be let go in time"),
        }
        if timeout(LAST, keep_house(&self.app)).await.is_err() {
            warn!("The last housekeeping was cut short");
        }
    }
}
