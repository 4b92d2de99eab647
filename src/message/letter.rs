//! A mail before it is written down: to whom, which words, which facts, what travels with it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::Text;
use crate::platform::{error::Result, outbox::Due};

/// Why mails are written: a text, and what happened to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What is to be said.
    pub text: Text,
    /// What it is about: a quote, an agreement, a document, a session, a slot, a reminder, according to the text.
    pub id: Uuid,
}

impl Cause {
    /// The job that writes these mails.
    pub fn due(text: Text, id: Uuid) -> Due {
        let due = Due::now("mail", serde_json::json!({ "text": text.name(), "id": id }));
        if text.is_said_once() { due.once(format!("mail:{}:{id}", text.name())) } else { due }
    }

    /// The cause that a job holds.
    pub fn of(payload: &str) -> Result<Self> {
        crate::platform::codes::stored(payload)
    }
}

/// Somebody to write to; without an address the mail is kept, not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Whom the once-key names: a person, or a client.
    pub id: Uuid,
    /// As the greeting says it; empty when nobody in particular is known.
    pub name: String,
    /// Where.
    pub address: Option<String>,
}

impl Recipient {
    /// « Bonjour Zoé Lefèvre, »
    pub fn hello(&self) -> String {
        if self.name.is_empty() { "Bonjour,".to_owned() } else { format!("Bonjour {},", self.name) }
    }
}

/// What travels with a mail, by name: the bytes are fetched when it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Attached {
    /// An issued paper.
    Document {
        /// The paper.
        id: Uuid,
    },
    /// A text of the cooperative: its file, or its words.
    Text {
        /// The text.
        id: Uuid,
    },
    /// A file from outside.
    File {
        /// The file.
        id: Uuid,
    },
}

/// A mail to one person.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its words.
    pub text: Text,
    /// To whom.
    pub to: Recipient,
    /// The facts that the words name, beside `brand` and `hello`.
    pub facts: Value,
    /// What travels with it.
    pub attached: Vec<Attached>,
    /// What it is said once about, when that is not its cause: the first of a batch speaks for all.
    pub once: Option<Uuid>,
    /// Which of several letters to one reader it is: of whom it speaks.
    pub part: Option<Uuid>,
    /// When what it announces begins, where that is not the session.
    pub begins: Option<DateTime<Utc>>,
    /// When what it carries (a link, a code) opens nothing any more.
    pub ends: Option<DateTime<Utc>>,
    /// The client it concerns.
    pub client: Option<Uuid>,
    /// The session it concerns.
    pub session: Option<Uuid>,
    /// The booking it concerns.
    pub booking: Option<Uuid>,
    /// The trainee it concerns.
    pub enrolment: Option<Uuid>,
}
