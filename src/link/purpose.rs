//! A personal link, as lists and reads show it: never its token.

use chrono::{DateTime, Utc};
use entity::link::Model;
use poem_openapi::Object;
use uuid::Uuid;

use crate::{
    platform::{
        answer::Versioned,
        error::{Error, Result},
    },
    words,
};

words! {
    /// What a personal link is for.
    pub enum Purpose as "LinkPurpose" {
        /// A trainee signs the half-days of one session; the object is their enrolment.
        SignSession = "sign_session",
        /// A trainer runs a half-day or a day on their own device; the object is a half-day of that day, and the link says
        /// whose day it is.
        RunDay = "run_day",
        /// A signatory reads and signs a paper; the object is the signature request.
        SignPaper = "sign_paper",
        /// Somebody says that a signature is not theirs; the object is the evidence of it.
        DisputeMark = "dispute_mark",
    }
}

impl Purpose {
    /// The beginning of its address, for people.
    pub fn path(self) -> &'static str {
        match self {
            Self::SignSession => "presence",
            Self::RunDay => "journee",
            Self::SignPaper => "signature",
            Self::DisputeMark => "contestation",
        }
    }
}

/// A personal link, as the system knows it.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Link")]
pub struct LinkOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant) it belongs to.
    pub activity_id: Uuid,
    /// What it is for.
    pub purpose: Purpose,
    /// What it opens: an enrolment, a half-day, a signature request, an evidence, according to its purpose.
    pub object_id: Uuid,
    /// The session it is about.
    pub session_id: Option<Uuid>,
    /// The trainer whose day it opens.
    pub trainer_id: Option<Uuid>,
    /// Who holds it.
    pub holder: String,
    /// When it stops opening anything.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Versioned for LinkOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for LinkOut {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            purpose: Purpose::of(&row.purpose)?,
            object_id: row.object_id,
            session_id: row.session_id,
            trainer_id: row.trainer_id,
            holder: row.holder,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            created_at: row.created_at,
        })
    }
}
