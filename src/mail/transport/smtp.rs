//! Hands mails to a mail server.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use lettre::transport::smtp::{AsyncSmtpTransportBuilder, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use tokio::sync::Semaphore;

use super::{Outgoing, Receipt, SendError, Transport};

type Pool = AsyncSmtpTransport<Tokio1Executor>;

/// How hard a server may be leant on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmtpLimits {
    /// Mails in hand at once. The server may see as many connections again, idle or closing.
    pub connections: usize,
    /// From the first byte to the server's last word.
    pub timeout: Duration,
}

impl Default for SmtpLimits {
    fn default() -> Self {
        Self { connections: 4, timeout: Duration::from_mins(1) }
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
    builder: AsyncSmtpTransportBuilder,
    pool: RwLock<Pool>,
    open: Semaphore,
    timeout: Duration,
}

impl Smtp {
    /// Reads `smtps://user:password@host`, `smtp://user:password@host:587?tls=required`, `smtp://localhost:25`.
    pub fn new(url: &str, limits: SmtpLimits) -> Result<Self, UrlError> {
        let SmtpLimits { connections, timeout } = limits;
        if gives_password_away(url) {
            return Err(UrlError::ClearPassword);
        }
        let connections = connections.max(1);
        let idle = PoolConfig::new().max_size(u32::try_from(connections).unwrap_or(u32::MAX));
        let builder = Pool::from_url(url).map_err(|_| UrlError::Wrong)?.timeout(Some(timeout)).pool_config(idle);
        Ok(Self { pool: RwLock::new(builder.clone().build()), builder, open: Semaphore::new(connections), timeout })
    }

    fn pool(&self) -> Pool {
        self.pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets every idle connection.
    fn renew(&self) {
        *self.pool.write().unwrap_or_else(PoisonError::into_inner) = self.builder.clone().build();
    }
}

/// A password in a URL whose connection may stay in clear text, except to this very machine.
fn gives_password_away(url: &str) -> bool {
    let Some((authority, rest)) =
        url.strip_prefix("smtp://").map(|u| u.split_at(u.find(['/', '?', '#']).unwrap_or(u.len())))
    else {
        return false;
    };
    let Some((_, host)) = authority.rsplit_once('@') else {
        return false;
    };
    let local = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|h| host == *h || host.strip_prefix(h).is_some_and(|p| p.starts_with(':')));
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    !local && !query.split('&').any(|pair| pair == "tls=required")
}

#[async_trait::async_trait]
impl Transport for Smtp {
    async fn send(&self, mail: &Outgoing) -> Result<Receipt, SendError> {
        let message = mail.build()?;
        // The pool's size only bounds idle connections: a burst would open one connection a mail.
        let _permit = self.open.acquire().await.map_err(|_| SendError::transient("the mail transport is closed"))?;
        let pool = self.pool();
        // lettre's own timeout ends with the TCP handshake; a server that then says nothing holds for ever.
        let Ok(sent) = tokio::time::timeout(self.timeout, pool.send(message)).await else {
            // The interrupted connection returns to the pool as if it were fresh, where the server's
            // late answer would be taken for the answer to the next mail.
            self.renew();
            return Err(SendError::transient("the mail server did not answer in time"));
        };
        // The connection goes back to the pool in a task of its own: let it, before another mail
        // finds the pool empty and opens one more.
        tokio::task::yield_now().await;
        match sent {
            Ok(response) => {
                Ok(Receipt { message_id: mail.message_id(), said: response.message().collect::<Vec<_>>().join(" ") })
            }
            Err(error) => {
                // A refused login (53x) blames the settings, not the mail, which must survive it.
                let login = error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538));
                Err(SendError { permanent: error.is_permanent() && !login, reason: error.to_string() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::Mutex;

    use super::super::super::message::tests::outgoing;
    use super::*;

    /// A mail server that keeps what it is given and counts its open connections.
    #[derive(Default)]
    struct Stub {
        /// What to answer to `RCPT TO`.
        refusal: Option<&'static str>,
        received: Mutex<Vec<String>>,
        open: AtomicUsize,
        most: AtomicUsize,
    }

    impl Stub {
        async fn start(self) -> (Arc<Self>, String) {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("smtp://{}", listener.local_addr().unwrap());
            let stub = Arc::new(self);
            let server = Arc::clone(&stub);
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let server = Arc::clone(&server);
                    tokio::spawn(async move {
                        let open = server.open.fetch_add(1, Ordering::SeqCst) + 1;
                        server.most.fetch_max(open, Ordering::SeqCst);
                        let _ = server.talk(stream).await;
                        server.open.fetch_sub(1, Ordering::SeqCst);
                    });
                }
            });
            (stub, url)
        }

        async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
            stream.set_nodelay(true)?;
            let (reader, mut writer) = stream.into_split();
            let mut lines = BufReader::new(reader).lines();
            writer.write_all(b"220 stub\r\n").await?;
            while let Some(line) = lines.next_line().await? {
                let verb = line.to_ascii_uppercase();
                let answer = match verb.get(..4) {
                    Some("EHLO") => "250-stub\r\n250 8BITMIME",
                    Some("RCPT") => self.refusal.unwrap_or("250 ok"),
                    Some("DATA") => {
                        writer.write_all(b"354 go on\r\n").await?;
                        let mut mail = String::new();
                        while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                            mail.push_str(&line);
                            mail.push('\n');
                        }
                        self.received.lock().await.push(mail);
                        "250 queued as 42"
                    }
                    _ => "250 ok",
                };
                writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
            }
            Ok(())
        }
    }

    fn limits(connections: usize, millis: u64) -> SmtpLimits {
        SmtpLimits { connections, timeout: Duration::from_millis(millis) }
    }

    #[tokio::test]
    async fn a_mail_reaches_the_server() {
        let (stub, url) = Stub::default().start().await;
        let receipt = Smtp::new(&url, limits(1, 5_000)).unwrap().send(&outgoing()).await.unwrap();
        assert!(receipt.said.contains("queued as 42"), "{receipt:?}");
        let received = stub.received.lock().await;
        assert_eq!(received.len(), 1);
        assert!(received[0].contains("Subject: Convocation") && received[0].contains(&receipt.message_id));
    }

    #[tokio::test]
    async fn a_burst_opens_no_more_connections_than_allowed() {
        let (stub, url) = Stub::default().start().await;
        let smtp = Smtp::new(&url, limits(2, 20_000)).unwrap();
        let mail = outgoing();
        let sent = futures_util::future::join_all((0..20).map(|_| smtp.send(&mail))).await;
        assert!(sent.iter().all(Result::is_ok), "{sent:?}");
        assert_eq!(stub.received.lock().await.len(), 20);
        let most = stub.most.load(Ordering::SeqCst);
        assert!(most <= 4, "{most} connections: two in hand, two idle or closing");
    }

    #[tokio::test]
    async fn a_refused_recipient_is_permanent_and_a_full_box_is_not() {
        for (answer, permanent) in [("550 no such user", true), ("452 mailbox full", false), ("535 bad login", false)] {
            let (_stub, url) = Stub { refusal: Some(answer), ..Stub::default() }.start().await;
            let error = Smtp::new(&url, limits(1, 5_000)).unwrap().send(&outgoing()).await.unwrap_err();
            assert_eq!(error.permanent, permanent, "{error}");
            assert!(error.reason.contains(&answer[4..]), "{error}");
        }
    }

    #[tokio::test]
    async fn a_silent_server_does_not_hold_the_mail_for_ever() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let smtp = Smtp::new(&url, limits(1, 100)).unwrap();
        let error = smtp.send(&outgoing()).await.unwrap_err();
        assert_eq!(error, SendError::transient("the mail server did not answer in time"));
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_tried_again_later() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        drop(listener);
        assert!(!Smtp::new(&url, limits(1, 2_000)).unwrap().send(&outgoing()).await.unwrap_err().permanent);
    }

    #[tokio::test]
    async fn a_password_never_leaves_in_clear_text() {
        let refused = |url: &str| Smtp::new(url, SmtpLimits::default()).err();
        assert_eq!(refused("smtp://user:secret@mail.example.org:587"), Some(UrlError::ClearPassword));
        assert_eq!(refused("smtp://user:secret@mail.example.org?tls=opportunistic"), Some(UrlError::ClearPassword));
        assert_eq!(refused("smtp://user:secret@localhost.example.org"), Some(UrlError::ClearPassword));
        assert_eq!(refused("smtp://user:secret@mail.example.org:587?tls=required"), None);
        assert_eq!(refused("smtps://user:secret@mail.example.org"), None);
        assert_eq!(refused("smtp://user:secret@localhost:2525"), None);
        assert_eq!(refused("http://mail.example.org"), Some(UrlError::Wrong));
    }
}
