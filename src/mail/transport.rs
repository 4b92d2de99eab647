//! The ways out: a mail server, a folder of files, the memory of a test.

mod folder;
mod memory;
mod smtp;

use super::message::{Outgoing, Unsendable};

pub use folder::Folder;
pub use memory::Memory;
pub use smtp::{Smtp, SmtpLimits};

/// Somewhere a mail can be handed to.
#[async_trait::async_trait]
pub trait Transport: Send + Sync {
    async fn send(&self, mail: &Outgoing) -> Result<Receipt, SendError>;
}

/// What is known once a mail was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub message_id: String,
    /// The server's own words, or the name of the file.
    pub said: String,
}

/// What became of a mail that was not handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is refused for good: trying the same mail again is useless.
    Refused,
    /// It is refused for now, or nobody answers: it surely did not leave.
    Deferred,
    /// The settings are refused (login, sender): no mail is to blame, all wait until they are mended.
    Settings,
    /// The connection was lost before the end of the mail: it surely did not leave.
    Cut,
    /// The connection was lost, or the server fell silent, after the end of the mail: it may have left.
    Unanswered,
}

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    /// What became of it.
    pub failure: Failure,
    /// For the log and the staff; holds no password.
    pub reason: String,
}

impl SendError {
    pub fn new(failure: Failure, reason: impl Into<String>) -> Self {
        Self { failure, reason: reason.into() }
    }

    pub fn permanent(reason: impl Into<String>) -> Self {
        Self::new(Failure::Refused, reason)
    }

    pub fn transient(reason: impl Into<String>) -> Self {
        Self::new(Failure::Deferred, reason)
    }

    /// Whether trying the same mail again is useless.
    pub fn is_permanent(&self) -> bool {
        self.failure == Failure::Refused
    }
}

impl From<Unsendable> for SendError {
    fn from(error: Unsendable) -> Self {
        Self::permanent(error.to_string())
    }
}
