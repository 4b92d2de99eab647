//! Keeps what was sent, for tests to read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Failure, Outgoing, Receipt, SendError, Transport};

/// Mails sent since the beginning, in order.
#[derive(Debug, Default)]
pub struct Memory(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    sent: Vec<Outgoing>,
    failure: Option<SendError>,
    answers_lost: bool,
}

impl Memory {
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that panicked while it held the lock left whole mails behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything sent so far.
    pub fn sent(&self) -> Vec<Outgoing> {
        self.state().sent.clone()
    }

    /// What this address received, as recipient or in copy.
    pub fn to(&self, address: &str) -> Vec<Outgoing> {
        let received = |mail: &&Outgoing| {
            mail.to.iter().chain(&mail.cc).any(|who| who.address.as_str().eq_ignore_ascii_case(address))
        };
        self.state().sent.iter().filter(received).cloned().collect()
    }

    /// Forgets what was sent.
    pub fn clear(&self) {
        self.state().sent.clear();
    }

    /// Takes every mail from now on, and loses the answer; until told otherwise.
    pub fn lose_answers(&self, lost: bool) {
        self.state().answers_lost = lost;
    }

    /// Makes every send fail from now on, until `None`.
    pub fn fail_with(&self, failure: Option<SendError>) {
        self.state().failure = failure;
    }
}

#[async_trait::async_trait]
impl Transport for Memory {
    async fn send(&self, mail: &Outgoing) -> Result<Receipt, SendError> {
        // Built and thrown away: a test must not accept what a server would never see.
        mail.build()?;
        let mut state = self.state();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        state.sent.push(mail.clone());
        if state.answers_lost {
            return Err(SendError::new(Failure::Unanswered, "the answer was lost"));
        }
        Ok(Receipt { message_id: mail.message_id(), said: "kept in memory".into() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::message::tests::outgoing;
    use super::*;

    #[tokio::test]
    async fn memory_keeps_what_was_sent_and_fails_on_demand() {
        let memory = Memory::new();
        memory.send(&outgoing()).await.unwrap();
        assert_eq!(memory.to("Helene@example.org").len(), 1);
        assert!(memory.to("eve@example.org").is_empty());
        memory.fail_with(Some(SendError::transient("full")));
        assert!(!memory.send(&outgoing()).await.unwrap_err().is_permanent());
        assert_eq!(memory.sent(), [outgoing()]);
        memory.clear();
        assert!(memory.sent().is_empty());
    }
}
