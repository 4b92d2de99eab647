//! Hands mails to a mail server: a few connections, each step within its own limit, none used again once it was cut.

mod secure;
mod server;
mod talk;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::{
    sync::Semaphore,
    time::{Duration, Instant},
};

use self::{server::Server, talk::Talk};
use super::{Outgoing, Receipt, SendError, Transport};

/// How long a connection that waited has to say that it is there: another is soon opened.
const ALIVE: Duration = Duration::from_secs(5);

/// How hard a server may be leant on, and how long each of its answers is waited for (RFC 5321, 4.5.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpLimits {
    /// Connections open at once.
    pub connections: usize,
    /// To find the server and to reach it, for each of its addresses.
    pub connection: Duration,
    /// To agree on TLS.
    pub tls: Duration,
    /// Until its greeting and what it says that it can do.
    pub greeting: Duration,
    /// Until the answer to a command.
    pub command: Duration,
    /// Until it takes the next piece of a mail.
    pub block: Duration,
    /// Until it takes charge of a mail whose last byte it has.
    pub end: Duration,
    /// How long a connection that nobody uses is kept.
    pub idle: Duration,
}

impl Default for SmtpLimits {
    fn default() -> Self {
        Self {
            connections: 4,
            connection: Duration::from_secs(30),
            tls: Duration::from_secs(30),
            greeting: Duration::from_secs(5 * 60),
            command: Duration::from_secs(5 * 60),
            block: Duration::from_secs(3 * 60),
            end: Duration::from_secs(10 * 60),
            idle: Duration::from_secs(60),
        }
    }
}

/// Why a server's address was refused at start-up. Never repeats the address: it holds a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    #[error(
        "the mail server's URL is wrong; expected smtps://user:password@host or smtp://user:password@host:587?tls=required"
    )]
    Wrong,
    #[error("this mail server would receive the password unencrypted: add ?tls=required to its URL, or use smtps://")]
    ClearPassword,
}

/// A mail server.
pub struct Smtp {
    server: Server,
    limits: SmtpLimits,
    open: Semaphore,
    idle: Arc<Idle>,
}

/// The connections that served and wait for another mail.
#[derive(Default)]
struct Idle(Mutex<Vec<(Instant, Talk)>>);

impl Idle {
    /// The one that waits for the shortest time, which the server has least reason to have closed.
    fn take(&self) -> Option<Talk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().map(|(_, talk)| talk)
    }

    /// Keep a connection for a while, and close it when nobody wants it.
    fn keep(self: &Arc<Self>, talk: Talk, idle: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), talk));
        let kept: Weak<Self> = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(idle).await;
            let Some(kept) = kept.upgrade() else { return };
            for talk in kept.older_than(idle) {
                talk.close().await;
            }
        });
    }

    fn older_than(&self, age: Duration) -> Vec<Talk> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (old, fresh) = std::mem::take(&mut *all).into_iter().partition(|(since, _)| since.elapsed() >= age);
        *all = fresh;
        let old: Vec<(Instant, Talk)> = old;
        old.into_iter().map(|(_, talk)| talk).collect()
    }
}

impl Smtp {
    /// Reads `smtps://user:password@host`, `smtp://user:password@host:587?tls=required`, `smtp://localhost:25`.
    pub fn new(url: &str, limits: SmtpLimits) -> Result<Self, UrlError> {
        let server = Server::parse(url)?;
        Ok(Self { server, limits, open: Semaphore::new(limits.connections.max(1)), idle: Arc::default() })
    }

    /// A connection that answers: one that waits, or a new one.
    async fn connection(&self) -> Result<Talk, SendError> {
        while let Some(mut talk) = self.idle.take() {
            if talk.answers(self.limits.command.min(ALIVE)).await {
                return Ok(talk);
            }
        }
        Talk::open(&self.server, &self.limits).await
    }
}

#[async_trait::async_trait]
impl Transport for Smtp {
    async fn send(&self, mail: &Outgoing) -> Result<Receipt, SendError> {
        let message = mail.build()?;
        let _permit = self.open.acquire().await.map_err(|_| SendError::transient("the mail transport is closed"))?;
        let mut talk = self.connection().await?;
        match talk.hand_over(message.envelope(), &message.formatted(), &self.limits).await {
            Ok(said) => {
                self.idle.keep(talk, self.limits.idle);
                Ok(Receipt { message_id: mail.message_id(), said })
            }
            Err(error) => {
                // A connection that was cut is dropped as it is: the late answer to one mail must never be taken for the
                // answer to the next.
                talk.after(&error).await;
                Err(error)
            }
        }
    }
}
