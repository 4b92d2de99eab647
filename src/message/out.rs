//! Mails and what is planned of them, as lists and reads show them.

use chrono::{DateTime, Utc};
use entity::{message, reminder};
use poem_openapi::Object;
use uuid::Uuid;

use super::{Text, letter::Attached, write::Words};
use crate::{
    platform::{
        answer::Versioned,
        codes::stored,
        error::{Error, Result},
    },
    words,
};

words! {
    /// Where a mail stands.
    pub enum MessageState {
        /// It waits for the worker.
        Ready = "ready",
        /// It was handed over.
        Sent = "sent",
        /// It will never leave: see `error`.
        Failed = "failed",
        /// It came too late to be of use, and did not leave: see `useful_until`.
        Missed = "missed",
        /// Nobody has an address: add one to the person or to the client, then send it again.
        Unaddressed = "unaddressed",
    }
}

words! {
    /// Where a planned mail stands.
    pub enum ReminderState {
        /// It waits for its time.
        Planned = "planned",
        /// Its time came: it went.
        Sent = "sent",
        /// It came too late to be of use.
        Missed = "missed",
        /// The facts do not ask for it any more.
        Cancelled = "cancelled",
    }
}

/// A mail: to whom, why, and what became of it.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Message")]
pub struct MessageOut {
    /// Identifier; it is also the mail's `Message-ID`.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant) that writes.
    pub activity_id: Uuid,
    /// What it says.
    pub text: Text,
    /// Why it was written: a text and the identifier of what happened.
    pub cause: String,
    /// To whom, by name.
    pub to_name: String,
    /// To which address; empty when none is known.
    pub to_address: String,
    /// The client it concerns.
    pub client_id: Option<Uuid>,
    /// The session it concerns.
    pub session_id: Option<Uuid>,
    /// The booking it concerns.
    pub booking_id: Option<Uuid>,
    /// The trainee it concerns.
    pub enrolment_id: Option<Uuid>,
    /// Its subject.
    pub subject: String,
    /// The papers that travel with it.
    pub document_ids: Vec<Uuid>,
    /// Where it stands.
    pub state: MessageState,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// When it was handed over.
    pub sent_at: Option<DateTime<Utc>>,
    /// What the mail server answered, or the file it was written to.
    pub receipt: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// Until when it is of use: it does not leave later. None: late is better than never.
    pub useful_until: Option<DateTime<Utc>>,
}

impl Versioned for MessageOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<message::Model> for MessageOut {
    type Error = Error;

    fn try_from(row: message::Model) -> Result<Self> {
        let papers = stored::<Vec<Attached>>(&row.documents)?.into_iter();
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            text: Text::of(&row.text)?,
            cause: row.cause,
            to_name: row.to_name,
            to_address: row.to_address,
            client_id: row.client_id,
            session_id: row.session_id,
            booking_id: row.booking_id,
            enrolment_id: row.enrolment_id,
            subject: row.subject.unwrap_or_default(),
            document_ids: papers
                .filter_map(|one| if let Attached::Document { id } = one { Some(id) } else { None })
                .collect(),
            state: MessageState::of(&row.state)?,
            written_at: row.created_at,
            sent_at: row.sent_at,
            receipt: row.receipt,
            error: row.error,
            useful_until: row.useful_until,
        })
    }
}

/// A mail with its words.
#[derive(Debug, Clone, Object)]
pub struct WholeMessage {
    /// The mail.
    #[oai(flatten)]
    pub message: MessageOut,
    /// Its words in plain text.
    pub plain_text: String,
    /// The same as a page.
    pub html: String,
}

impl Versioned for WholeMessage {
    fn version(&self) -> i64 {
        self.message.version
    }
}

impl TryFrom<message::Model> for WholeMessage {
    type Error = Error;

    fn try_from(row: message::Model) -> Result<Self> {
        let Words { text, html } = stored(&row.facts)?;
        Ok(Self { message: row.try_into()?, plain_text: text, html })
    }
}

/// A mail that is planned from a session's dates: it moves or vanishes with them.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Reminder")]
pub struct ReminderOut {
    /// Identifier.
    pub id: Uuid,
    /// The session.
    pub session_id: Uuid,
    /// What it will say.
    pub text: Text,
    /// When.
    pub due_at: DateTime<Utc>,
    /// Until when it is of use: it does not leave later.
    pub useful_until: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: ReminderState,
}

impl TryFrom<reminder::Model> for ReminderOut {
    type Error = Error;

    fn try_from(row: reminder::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            session_id: row.session_id,
            text: Text::of(&row.text)?,
            due_at: row.due_at,
            useful_until: row.useful_until,
            state: ReminderState::of(&row.state)?,
        })
    }
}
