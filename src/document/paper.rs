//! A paper, as lists and reads show it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::document::Model;
use poem_openapi::{Object, types::Any};
use serde_json::Value;
use uuid::Uuid;
use validator::Validate;

use super::Kind;
use crate::{
    platform::{
        answer::Versioned,
        codes::stored,
        error::{Error, Result},
    },
    words,
};

words! {
    /// Where a paper stands.
    pub enum State as "PaperState" {
        /// It is the one to use.
        Current = "current",
        /// What it says may have changed since (attendance was reopened): issue it again.
        Outdated = "outdated",
        /// A later issue stands for it.
        Replaced = "replaced",
        /// It was taken back, with a reason.
        Revoked = "revoked",
    }
}

/// A paper that was issued.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Document")]
pub struct DocumentOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant) that issued it.
    pub activity_id: Uuid,
    /// Which paper it is.
    pub kind: Kind,
    /// Its number, without gaps by kind and year: `CNV-2026-0001`.
    pub reference: String,
    /// Its title.
    pub title: String,
    /// The client it is addressed to.
    pub client_id: Option<Uuid>,
    /// The quote it prints (devis).
    pub quote_id: Option<Uuid>,
    /// The programme version it prints.
    pub programme_version_id: Option<Uuid>,
    /// The session it belongs to.
    pub session_id: Option<Uuid>,
    /// The booking it belongs to.
    pub booking_id: Option<Uuid>,
    /// The trainee it is about.
    pub enrolment_id: Option<Uuid>,
    /// The agreement it prints (convention, contrat), or amends.
    pub agreement_id: Option<Uuid>,
    /// The amendment it prints (avenant).
    pub amendment_id: Option<Uuid>,
    /// The mark that it proves (fiche de preuve).
    pub mark_id: Option<Uuid>,
    /// The first of the days it is about, when it is not about all of them.
    pub first_day: Option<NaiveDate>,
    /// The last of these days.
    pub last_day: Option<NaiveDate>,
    /// SHA-256 of the frozen content.
    pub content_hash: String,
    /// The day of its issue, in Paris.
    pub issued_on: NaiveDate,
    /// The instant of its issue.
    pub issued_at: DateTime<Utc>,
    /// Who issued it.
    pub issued_by: String,
    /// Whether it carries « SPÉCIMEN ».
    pub specimen: bool,
    /// Where it stands.
    pub state: State,
    /// Why it was revoked or is outdated.
    pub state_reason: Option<String>,
    /// The paper that it replaces.
    pub replaces_id: Option<Uuid>,
    /// Why it replaces it.
    pub replacement_reason: Option<String>,
    /// Where whoever holds it can verify it, as it prints it.
    pub verification_address: Option<String>,
}

impl Versioned for DocumentOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for DocumentOut {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            kind: Kind::of(&row.kind)?,
            reference: row.reference,
            title: row.title,
            client_id: row.client_id,
            quote_id: row.quote_id,
            programme_version_id: row.programme_version_id,
            session_id: row.session_id,
            booking_id: row.booking_id,
            enrolment_id: row.enrolment_id,
            agreement_id: row.agreement_id,
            amendment_id: row.amendment_id,
            mark_id: row.mark_id,
            first_day: row.first_day,
            last_day: row.last_day,
            content_hash: row.content_hash,
            issued_on: row.issued_on,
            issued_at: row.issued_at,
            issued_by: row.issued_by,
            specimen: row.specimen,
            state: State::of(&row.state)?,
            state_reason: row.state_reason,
            replaces_id: row.replaces_id,
            replacement_reason: row.replacement_reason,
            verification_address: row.verification_address,
        })
    }
}

/// What a paper prints, as it was frozen at its issue.
#[derive(Debug, Clone, Object)]
pub struct DocumentContent {
    /// Which paper it is.
    pub kind: Kind,
    /// Its number.
    pub reference: String,
    /// SHA-256 of the frozen content: canonical JSON, keys sorted, no space.
    pub content_hash: String,
    /// The facts; their shape depends on the kind.
    pub content: Any<Value>,
}

impl TryFrom<Model> for DocumentContent {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            kind: Kind::of(&row.kind)?,
            reference: row.reference,
            content_hash: row.content_hash,
            content: Any(stored(&row.content)?),
        })
    }
}

/// Why a paper is taken back.
#[derive(Debug, Clone, Object, Validate)]
pub struct Revocation {
    /// The reason, as the paper's history and the mail to those who received it will tell it.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}
