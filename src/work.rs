//! The worker: takes the jobs that are due, calls the feature that knows them, keeps what became of each.

use std::{sync::Arc, time::Duration};

use entity::outbox::Model;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use tokio::sync::Notify;
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::{
    access::tell_ends,
    agreement, attendance, booking, journey,
    message::{self, Cause},
    platform::{
        access::{self, Ctx},
        app::App,
        codes::stored,
        error::{Error, Result},
        idempotency,
        outbox::{self, MAX_ATTEMPTS, Outcome},
    },
    signature,
};

/// Jobs taken at once.
const BATCH: u64 = 20;
/// Jobs carried out at the same time.
const HANDS: usize = 4;
/// How long the worker sleeps when nobody rings.
const POLL: Duration = Duration::from_secs(1);
/// Polls between two housekeepings.
const HOUSEKEEPING: u32 = 60;

/// What a job is about.
#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    kind: String,
    id: Uuid,
}

/// Carry out one batch of what is due, planned mails included; answers how many there were.
pub async fn run_due(app: &App) -> Result<usize> {
    let rung = message::ring(&Ctx::system(app, "reminders", None)).await.unwrap_or_else(|failure| {
        error!("The planned mails could not be read: {failure}");
        0
    });
    let swept = signature::sweep(&Ctx::system(app, "signatures", None)).await.unwrap_or_else(|failure| {
        error!("The signature requests could not be read: {failure}");
        0
    });
    let ending = tell_ends(&mut Ctx::system(app, "keys", None)).await.unwrap_or_else(|failure| {
        error!("The keys that end could not be read: {failure}");
        0
    });
    let worker = app.ids.new_id(app.now()).to_string();
    let jobs = outbox::claim(app, &worker, BATCH).await?;
    let count = jobs.len();
    let finished: Vec<Result<bool>> = stream::iter(jobs)
        .map(|job| {
            let worker = &worker;
            async move {
                let outcome = carry_out(app, &job).await;
                outbox::finish(app, worker, &job, outcome).await
            }
        })
        .buffer_unordered(HANDS)
        .collect()
        .await;
    finished.into_iter().collect::<Result<Vec<bool>>>()?;
    Ok(rung + swept + ending + count)
}

/// Work until `stop` is rung; what was begun is finished first.
pub async fn run_forever(app: App, stop: Arc<Notify>) {
    let mut polls = 0_u32;
    loop {
        match run_due(&app).await {
            Ok(BATCH_FULL..) => continue,
            Ok(_) => {}
            Err(failure) => error!("The worker could not take jobs: {failure}"),
        }
        polls += 1;
        if polls.is_multiple_of(HOUSEKEEPING) {
            keep_house(&app).await;
        }
        tokio::select! {
            () = stop.notified() => break,
            () = app.wake.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    keep_house(&app).await;
    info!("The worker stopped");
}

/// A batch that was full: there may be more.
const BATCH_FULL: usize = BATCH as usize;

async fn keep_house(app: &App) {
    if let Err(failure) = access::flush_last_uses(app).await {
        warn!("The last uses of keys were not written down: {failure}");
    }
    match attendance::forget_networks(&mut Ctx::system(app, "retention", None)).await {
        Ok(0) => {}
        Ok(erased) => info!("Erased the addresses and devices of {erased} signatures, as old as they are kept"),
        Err(failure) => warn!("The addresses of old signatures were not erased: {failure}"),
    }
    match signature::forget_networks(&mut Ctx::system(app, "retention", None)).await {
        Ok(0) => {}
        Ok(erased) => info!("Erased the addresses of {erased} signatures of papers, as old as they are kept"),
        Err(failure) => warn!("The addresses of old signatures of papers were not erased: {failure}"),
    }
    if let Err(failure) = idempotency::forget(&app.db, app.now()).await {
        warn!("Old idempotency records were not forgotten: {failure}");
    }
}

/// What became of a job.
async fn carry_out(app: &App, job: &Model) -> Outcome {
    match handle(app, job).await {
        Ok(()) => Outcome::Done,
        Err(failure) => {
            let last = job.attempts >= MAX_ATTEMPTS;
            let for_good = is_final(&failure) || last;
            let said = failure.to_string();
            if for_good {
                give_up(app, job, &said).await;
                error!(job = %job.id, kind = %job.kind, "A job is given up: {said}");
                Outcome::Dead(said)
            } else {
                warn!(job = %job.id, kind = %job.kind, attempts = job.attempts, "A job will be tried again: {said}");
                Outcome::Retry(said)
            }
        }
    }
}

/// Whether trying again cannot help: a rule said no, or what the job was about is gone.
fn is_final(failure: &Error) -> bool {
    match failure {
        // Somebody else was first: the next attempt finds their work.
        Error::Refused(refused) => !refused.code.ends_with("_taken"),
        Error::Missing(_) | Error::Invalid(_) | Error::Forbidden(_) | Error::Reserved { .. } | Error::Unauthorized => {
            true
        }
        Error::Stale
        | Error::NoVersion
        | Error::TooManyStreams
        | Error::Replayed { .. }
        | Error::TooLarge(_)
        | Error::TooSlow
        | Error::CutShort
        | Error::Crowded
        | Error::TooMany(_)
        | Error::Unavailable(_)
        | Error::Busy
        | Error::Unable(_)
        | Error::Internal(_) => false,
    }
}

/// What must be told elsewhere when a job is given up.
async fn give_up(app: &App, job: &Model, why: &str) {
    if job.kind != "send" {
        return;
    }
    let Ok(Subject { id, .. }) = stored(&job.payload) else { return };
    let mut ctx = Ctx::system(app, "send", job.activity_id);
    if let Err(failure) = message::fail(&mut ctx, id, why).await {
        error!(job = %job.id, "A failed message could not be marked: {failure}");
    }
}

/// One match on the kind of job.
async fn handle(app: &App, job: &Model) -> Result<()> {
    let activity = job.activity_id.ok_or_else(|| Error::internal("a job without activity"));
    match job.kind.as_str() {
        "mail" => {
            let mut ctx = Ctx::system(app, "mail", job.activity_id);
            message::write(&mut ctx, job.id, activity?, Cause::of(&job.payload)?).await.map(|_| ())
        }
        "send" => {
            let Subject { id, .. } = stored(&job.payload)?;
            message::send(&mut Ctx::system(app, "send", job.activity_id), id).await
        }
        "key_ending" => {
            let Subject { id, .. } = stored(&job.payload)?;
            message::tell_key_ending(&Ctx::system(app, "keys", None), job.id, job.created_at, id).await
        }
        "replan" => {
            let Subject { kind, id } = stored(&job.payload)?;
            let mut ctx = Ctx::system(app, "replan", job.activity_id);
            match message::session_of_cause(&ctx.scope(), &kind, id).await? {
                Some(session) => message::replan(&mut ctx, session).await,
                None => Ok(()),
            }
        }
        "recheck_terms" => {
            let Subject { id, .. } = stored(&job.payload)?;
            booking::recheck_terms(&mut Ctx::system(app, "recheck_terms", job.activity_id), id).await
        }
        "propose_amendment" => {
            let Subject { id, .. } = stored(&job.payload)?;
            agreement::propose_amendment(&mut Ctx::system(app, "propose_amendment", job.activity_id), id).await
        }
        "issue_sheet" => {
            let Subject { id, .. } = stored(&job.payload)?;
            attendance::issue_closed_sheet(&mut Ctx::system(app, "issue_sheet", job.activity_id), id).await
        }
        "signed_file" => {
            let Subject { id, .. } = stored(&job.payload)?;
            signature::make_signed_file(&mut Ctx::system(app, "signed_file", job.activity_id), id).await
        }
        "cancel_signatures" => {
            let Subject { kind, id } = stored(&job.payload)?;
            signature::cancel_for(&mut Ctx::system(app, "cancel_signatures", job.activity_id), &kind, id).await
        }
        "convoke" => {
            let Subject { id, .. } = stored(&job.payload)?;
            match journey::convoke(&mut Ctx::system(app, "convoke", job.activity_id), id).await {
                // Everybody left meanwhile, or it was called off: there is nobody to convoke.
                Err(Error::Refused(_)) => Ok(()),
                done => done.map(|_| ()),
            }
        }
        other => Err(Error::refused(
            "job.unknown",
            format!("Tâche inconnue : {other}."),
            format!("Unknown kind of job: {other}."),
        )),
    }
}
