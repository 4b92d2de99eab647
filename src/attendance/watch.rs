//! A half-day watched as it happens: what a wall screen shows, sent whenever it changes, until the half-day ends.
//!
//! However many watch a half-day, one task looks at the database for all of them. Each of them is asked again and again
//! whether its key still opens the half-day, and hears nothing more once it does not.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use futures_util::{Stream, stream};
use tokio::{sync::watch, time::Instant};
use tracing::warn;
use uuid::Uuid;

use super::{
    live::{Live, live, pulse},
    words::SheetState,
};
use crate::platform::{
    access::{Actor, Ctx, still_stands},
    error::{Error, Result},
    permission::AttendanceRead,
};

/// Between two looks at the database: several instances may write to it.
const LOOK: Duration = Duration::from_secs(1);
/// Looks that fail in a row before those who watch are told that it is over.
const FAILURES: u32 = 5;
/// Between two questions whether a key still opens what it watches: with the time that an answer takes, under five seconds.
const ASKED: Duration = Duration::from_secs(3);
/// A half-day that nobody closes is watched for so long after its end.
const AFTER: TimeDelta = TimeDelta::hours(2);
/// Half-days that one key watches at once.
pub const WATCHED_AT_ONCE: usize = 20;

/// What is watched now, for the whole program.
#[derive(Default)]
pub struct Watches {
    slots: Mutex<HashMap<Uuid, Arc<watch::Sender<Told>>>>,
    keys: Mutex<HashMap<Uuid, usize>>,
    looks: AtomicU64,
}

impl Watches {
    /// How many times the database was looked at since the program started.
    pub fn looks(&self) -> u64 {
        self.looks.load(Ordering::Relaxed)
    }

    /// How many half-days are looked at now.
    pub fn slots(&self) -> usize {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The half-day as it was last told.
#[derive(Clone, Default)]
struct Told {
    live: Option<Arc<Live>>,
    times: u64,
    over: bool,
}

/// One of those that a key keeps open: given back when it is dropped.
struct Place {
    watches: Arc<Watches>,
    key: Uuid,
}

impl Place {
    fn take(watches: &Arc<Watches>, key: Uuid) -> Result<Self> {
        let mut keys = watches.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let held = keys.entry(key).or_default();
        if *held >= WATCHED_AT_ONCE {
            return Err(Error::TooManyStreams);
        }
        *held += 1;
        Ok(Self { watches: watches.clone(), key })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut keys = self.watches.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = keys.get_mut(&self.key) {
            *held -= 1;
            if *held == 0 {
                keys.remove(&self.key);
            }
        }
    }
}

struct Listener {
    ctx: Ctx,
    activity: Uuid,
    told: watch::Receiver<Told>,
    heard: u64,
    asked: Instant,
    #[expect(dead_code, reason = "held, and given back with the stream")]
    place: Place,
}

/// The half-day now, then each time that it changes; ends with it, or with the key.
pub async fn watch(ctx: Ctx, slot: Uuid) -> Result<impl Stream<Item = Live> + Send + 'static> {
    // What is out of reach is missing before anything is sent.
    let activity = ctx.scope().get::<entity::session_slot::Entity>(slot).await?.activity_id;
    let Actor::Key(principal) = ctx.actor() else { return Err(Error::Unauthorized) };
    let watches = ctx.app().kept::<Watches>();
    let place = Place::take(&watches, principal.key)?;
    let told = subscribe(&watches, &ctx, activity, slot)?;
    let listener = Listener { ctx, activity, told, heard: 0, asked: Instant::now(), place };
    Ok(stream::unfold(listener, next))
}

async fn next(mut listener: Listener) -> Option<(Live, Listener)> {
    loop {
        if listener.asked.elapsed() >= ASKED {
            if !stands(&listener).await {
                return None;
            }
            listener.asked = Instant::now();
        }
        let told = listener.told.borrow_and_update().clone();
        if let Some(live) = told.live.filter(|_| told.times > listener.heard) {
            listener.heard = told.times;
            return Some(((*live).clone(), listener));
        }
        if told.over {
            return None;
        }
        // Nobody tells any more: what it looked at is over.
        if let Ok(Err(_)) = tokio::time::timeout_at(listener.asked + ASKED, listener.told.changed()).await {
            return None;
        }
    }
}

async fn stands(listener: &Listener) -> bool {
    still_stands::<AttendanceRead>(&listener.ctx, listener.activity).await.unwrap_or_else(|failure| {
        warn!("The key of a watched half-day could not be asked about: {failure}");
        false
    })
}

/// What is told of a half-day: by the task that looks at it, begun for the first who watches.
fn subscribe(watches: &Arc<Watches>, ctx: &Ctx, activity: Uuid, slot: Uuid) -> Result<watch::Receiver<Told>> {
    let mut slots = watches.slots.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = slots.get(&slot) {
        return Ok(known.subscribe());
    }
    // Whoever watches, the half-day is the same: it is looked at within its activity.
    let within = ctx.within(activity)?;
    let (sender, receiver) = watch::channel(Told::default());
    let sender = Arc::new(sender);
    slots.insert(slot, sender.clone());
    tokio::spawn(look_after(watches.clone(), within, slot, sender));
    Ok(receiver)
}

/// Look at a half-day until it is over or nobody watches it any more.
async fn look_after(watches: Arc<Watches>, ctx: Ctx, slot: Uuid, sender: Arc<watch::Sender<Told>>) {
    let (mut seen, mut failed) = (None, 0);
    loop {
        watches.looks.fetch_add(1, Ordering::Relaxed);
        let (live, over) = match look(&ctx, slot, &mut seen).await {
            Ok(found) => {
                failed = 0;
                found
            }
            // A short lock or a restart of the database ends no screen.
            Err(failure) => {
                failed += 1;
                warn!(slot.id = %slot, "A half-day could not be watched: {failure}");
                (None, failed >= FAILURES)
            }
        };
        if live.is_some() || over {
            sender.send_modify(|told| {
                told.over = over;
                if let Some(live) = live {
                    told.live = Some(Arc::new(live));
                    told.times += 1;
                }
            });
        }
        {
            let mut slots = watches.slots.lock().unwrap_or_else(PoisonError::into_inner);
            if over || sender.receiver_count() == 0 {
                slots.remove(&slot);
                return;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The half-day if it changed since it was seen, and whether it is over.
async fn look(ctx: &Ctx, slot: Uuid, seen: &mut Option<i64>) -> Result<(Option<Live>, bool)> {
    let scope = ctx.scope();
    let newest = pulse(&scope, slot).await?;
    if *seen == Some(newest) {
        let slot = scope.get::<entity::session_slot::Entity>(slot).await?;
        return Ok((None, ctx.now() > slot.ends_at + AFTER || slot.state == "cancelled"));
    }
    let now = live(&scope, slot).await?;
    *seen = Some(newest);
    let over = now.state == SheetState::Closed || now.cancelled || ctx.now() > now.ends_at + AFTER;
    Ok((Some(now), over))
}
