//! A job of the worker.

use chrono::{DateTime, Utc};
use entity::outbox::Model;
use poem_openapi::{Object, types::Any};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    platform::{
        codes::stored,
        error::{Error, Result},
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
