//! The worker: takes the jobs that are due, calls the feature that knows them, keeps what became of each.

mod hands;

use std::collections::HashSet;

use entity::outbox::Model;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
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
        outbox::{self, MAX_ATTEMPTS, Outcome, Which},
    },
    signature,
};

pub use hands::run_forever;

/// Jobs taken at once by `run_due`.
const BATCH: u64 = 20;
/// Jobs that `run_due` carries out at the same time.
const HANDS: usize = 4;

/// What a job is about.
#[derive(Deserialize)]
struct Subject {
    #[serde(default)]
    kind: String,
    id: Uuid,
}

/// Carry out one batch of what is due, planned mails included; answers how many there were. Tests and the demo work so; a
/// process that serves has hands ([`run_forever`]).
pub async fn run_due(app: &App) -> Result<usize> {
    let begun = look(app, &HashSet::new()).await;
    let worker = app.ids.new_id(app.now()).to_string();
    let jobs = outbox::claim(app, &worker, Which::All, BATCH).await?;
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
    Ok(begun + count)
}

/// What time brings, in every activity: planned mails, requests for signatures, keys that end, jobs of workers that fell silent, jobs that
/// a wrong clock put off. Answers how many things it began.
async fn look(app: &App, own: &HashSet<Uuid>) -> usize {
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
    match outbox::take_back(app, own).await {
        Ok(spent) => {
            for job in spent {
                let why = job.last_error.clone().unwrap_or_default();
                give_up(app, &job, &why).await;
                error!(job = %job.id, kind = %job.kind, "A job is given up: its worker stopped each time");
            }
        }
        Err(failure) => error!("The jobs of workers that fell silent could not be taken back: {failure}"),
    }
    match outbox::heal(app).await {
        Ok(0) => {}
        Ok(healed) => warn!("The clock was put right: {healed} jobs that were put off too far are due now"),
        Err(failure) => error!("The jobs that wait could not be looked at: {failure}"),
    }
    rung + swept + ending
}

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
    match Box::pin(handle(app, job)).await {
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
        // Somebody else was first: the next attempt finds their work. A file that is not there may be put back: its store
        // was away, or is restored from a backup.
        Error::Refused(refused) => {
            !(refused.code.ends_with("_taken") || matches!(&*refused.code, "file.missing" | "file.altered"))
        }
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
            let asked = message::Job { id: job.id, asked_at: job.created_at };
            message::write(&mut ctx, asked, activity?, Cause::of(&job.payload)?).await.map(|_| ())
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
            let mut ctx = Ctx::system(app, "convoke", job.activity_id);
            if !message::awaits_convocation(&ctx.scope(), id, ctx.now()).await? {
                warn!(session = %id, "A session began before its trainees could be convoked");
                return Ok(());
            }
            match journey::convoke(&mut ctx, id).await {
                // Everybody left meanwhile, or it was called off: there is nobody to convoke.
                Err(Error::Refused(no)) if matches!(&*no.code, "session.state" | "session.nobody_enrolled") => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_a_rule_is_final() {
        let refused = |code: &'static str| Error::refused(code, "non", "no");
        for passes in [refused("file.missing"), refused("file.altered"), refused("message.once_key_taken")] {
            assert!(!is_final(&passes), "{passes:?}");
        }
        for passes in [Error::Busy, Error::Unavailable("plein".into()), Error::internal("database: disk I/O error")] {
            assert!(!is_final(&passes), "{passes:?}");
        }
        for last in [refused("mail.refused"), refused("document.not_current"), Error::Missing("session")] {
            assert!(is_final(&last), "{last:?}");
        }
    }
}
