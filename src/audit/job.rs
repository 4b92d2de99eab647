//! A job of the worker.

pub mod events;

use chrono::{DateTime, Utc};
use entity::outbox::Model;
use poem_openapi::{Object, types::Any};
use serde_json::Value;
use uuid::Uuid;

use self::events::Event;
use crate::{
    message,
    platform::{
        access::Ctx,
        codes::stored,
        error::{Error, Result},
        outbox,
    },
    words,
};

words! {
    /// Where a job stands.
    pub enum JobState {
        /// It waits for its time or for a worker.
        Ready = "ready",
        /// A worker holds it.
        Running = "running",
        /// It was carried out.
        Done = "done",
        /// It was given up; it may be revived.
        Dead = "dead",
    }
}

/// A job of the worker: what must happen because of what was done.
#[derive(Debug, Clone, Object)]
pub struct Job {
    /// Identifier.
    pub id: Uuid,
    /// The activity (tenant) that it works for.
    pub activity_id: Option<Uuid>,
    /// What is to be done.
    pub kind: String,
    /// On what: kinds and identifiers.
    pub payload: Any<Value>,
    /// The event that asked for it.
    pub cause: String,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// Where it stands.
    pub state: JobState,
    /// How many times it was tried.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was carried out.
    pub done_at: Option<DateTime<Utc>>,
}

impl TryFrom<Model> for Job {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            activity_id: row.activity_id,
            kind: row.kind,
            payload: Any(stored(&row.payload)?),
            cause: row.cause,
            due_at: row.due_at,
            state: JobState::of(&row.state)?,
            attempts: row.attempts.unsigned_abs(),
            last_error: row.last_error,
            created_at: row.created_at,
            done_at: row.done_at,
        })
    }
}

/// Give a job that was given up another life; a mail that it was to send is ready again.
pub(super) async fn revive(ctx: &mut Ctx, id: Uuid) -> Result<Job> {
    let job = outbox::get(ctx, id).await?;
    let mut tx = ctx.begin().await?;
    if !outbox::revive(&tx, id).await? {
        return Err(Error::no_move("job.state", &job.state, "revive", &[]));
    }
    if let Some(message) = mail_of(&job)? {
        message::ready_again(&mut tx, message).await?;
    }
    tx.act(job.activity_id, Event::Revived { job: id }.into());
    tx.commit().await?;
    ctx.app().wake.notify_one();
    outbox::get(ctx, id).await?.try_into()
}

/// Make a job that waits for its time due now; one that is due already stays as it is.
pub(super) async fn hurry(ctx: &mut Ctx, id: Uuid) -> Result<Job> {
    let job = outbox::get(ctx, id).await?;
    let mut tx = ctx.begin().await?;
    // Whoever repeats a request is told that it was done, though the job ran since.
    if job.state != JobState::Ready.name() {
        return Err(Error::no_move("job.state", &job.state, "hurry", &[]));
    }
    if outbox::hurry(&tx, id).await? {
        tx.act(job.activity_id, Event::Hurried { job: id }.into());
    }
    tx.commit().await?;
    ctx.app().wake.notify_one();
    outbox::get(ctx, id).await?.try_into()
}

/// The message that a job sends, if that is what it does.
fn mail_of(job: &Model) -> Result<Option<Uuid>> {
    #[derive(serde::Deserialize)]
    struct Subject {
        id: Uuid,
    }
    Ok(if job.kind == "send" { Some(stored::<Subject>(&job.payload)?.id) } else { None })
}
