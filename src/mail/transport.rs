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

/// Why a mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    /// Whether trying the same mail again is useless.
    pub permanent: bool,
    /// For the log and the staff; holds no password.
    pub reason: String,
}

impl SendError {
    pub fn permanent(reason: impl Into<String>) -> Self {
        Self { permanent: true, reason: reason.into() }
    }

    pub fn transient(reason: impl Into<String>) -> Self {
        Self { permanent: false, reason: reason.into() }
    }
}

impl From<Unsendable> for SendError {
    fn from(error: Unsendable) -> Self {
        Self::permanent(error.to_string())
    }
}
