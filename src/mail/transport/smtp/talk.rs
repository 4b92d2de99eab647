//! One connection to a mail server: each step is waited for within its own limit, and what its failure means for the mail
//! is decided here.

use std::{
    fmt::Display,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use lettre::{
    address::{Address, Envelope},
    transport::smtp::{
        Error,
        authentication::DEFAULT_MECHANISMS,
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use tokio::{
    net::{TcpStream, lookup_host},
    sync::Notify,
    time::{Duration, sleep, timeout},
};

use super::{
    super::{Failure, SendError},
    SmtpLimits,
    secure::Secure,
    server::{Security, Server},
};

/// How long a server has to say good-bye.
const GOODBYE: Duration = Duration::from_secs(2);
/// A mail is handed over in pieces of so many bytes.
const BLOCK: usize = 16 * 1024;

/// A step of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connection,
    Tls,
    Greeting,
    Login,
    Sender,
    Recipient,
    Data,
    Body,
    End,
}

impl Step {
    fn said(self) -> &'static str {
        match self {
            Self::Connection => "connexion",
            Self::Tls => "chiffrement TLS",
            Self::Greeting => "accueil",
            Self::Login => "identification",
            Self::Sender => "expéditeur, MAIL FROM",
            Self::Recipient => "destinataire, RCPT TO",
            Self::Data => "annonce du message, DATA",
            Self::Body => "envoi du message",
            Self::End => "après la fin du message",
        }
    }

    /// Where the mail is when nobody answers at this step.
    fn lost(self) -> (Failure, &'static str) {
        match self {
            Self::Connection | Self::Tls | Self::Greeting | Self::Login => (Failure::Deferred, "rien n’est parti"),
            Self::Sender | Self::Recipient | Self::Data | Self::Body => (Failure::Cut, "le message n’est pas parti"),
            Self::End => (Failure::Unanswered, "le message est peut-être parti"),
        }
    }

    fn silent(self) -> SendError {
        let (failure, mail) = self.lost();
        let what = "le serveur de messagerie n’a pas répondu à temps";
        SendError::new(failure, format!("{what} ({}) : {mail}", self.said()))
    }

    fn broken(self, why: impl Display) -> SendError {
        let (failure, mail) = self.lost();
        let what = "la liaison avec le serveur de messagerie a échoué";
        SendError::new(failure, format!("{what} ({} : {why}) : {mail}", self.said()))
    }

    /// What a failure of the library at this step means.
    fn failed(self, error: &Error) -> SendError {
        let Some(code) = error.status().map(u16::from) else {
            // The library refuses by itself: the server cannot do what is asked of it.
            if error.is_client() {
                let failure = if self == Self::Sender { Failure::Refused } else { Failure::Settings };
                return SendError::new(failure, error.to_string());
            }
            return self.broken(error);
        };
        let failure = match (self, code) {
            // A refused login blames the settings, not the mail, which must survive it.
            (_, 530 | 534 | 535 | 538) => Failure::Settings,
            (_, ..500) => Failure::Deferred,
            // Before any recipient is named it is us that the server does not want; but this mail may be too large.
            (Self::Sender, 552) => Failure::Refused,
            (Self::Login | Self::Sender, _) => Failure::Settings,
            (Self::Connection | Self::Tls | Self::Greeting, _) => Failure::Deferred,
            (Self::Recipient | Self::Data | Self::Body | Self::End, _) => Failure::Refused,
        };
        SendError::new(failure, error.to_string())
    }
}

/// Wait for one step.
async fn within<T>(
    step: Step,
    limit: Duration,
    doing: impl Future<Output = Result<T, Error>> + Send,
) -> Result<T, SendError> {
    match timeout(limit, doing).await {
        Ok(done) => done.map_err(|error| step.failed(&error)),
        Err(_) => Err(step.silent()),
    }
}

/// A connection.
pub(super) struct Talk(AsyncSmtpConnection);

impl Talk {
    /// Reach the server, close the way to others, log in.
    pub(super) async fn open(server: &Server, limits: &SmtpLimits) -> Result<Self, SendError> {
        let stream = reach(server, limits).await?;
        let stream: Box<dyn AsyncTokioStream> = match server.security {
            Security::Wrapped => match timeout(limits.tls, Secure::over(stream, &server.host)).await {
                Ok(secure) => Box::new(secure.map_err(|error| Step::Tls.broken(error))?),
                Err(_) => return Err(Step::Tls.silent()),
            },
            Security::None | Security::Opportunistic | Security::Required => Box::new(stream),
        };
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &server.hello);
        let mut connection = within(Step::Greeting, limits.greeting, greeting).await?;
        let closed = match server.security {
            Security::Required => true,
            Security::Opportunistic => connection.can_starttls(),
            Security::None | Security::Wrapped => false,
        };
        if closed {
            let tls = TlsParameters::new(server.host.clone()).map_err(|error| Step::Tls.broken(error))?;
            let limit = limits.command + limits.tls;
            within(Step::Tls, limit, connection.starttls(tls, &server.hello)).await?;
        }
        if let Some(credentials) = &server.credentials {
            within(Step::Login, limits.command, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(Self(connection))
    }

    /// Whether the server is still there.
    pub(super) async fn answers(&mut self, limit: Duration) -> bool {
        timeout(limit, self.0.test_connected()).await.unwrap_or(false)
    }

    /// Hand a mail over; answers what the server said of it.
    pub(super) async fn hand_over(
        &mut self,
        envelope: &Envelope,
        mail: &[u8],
        limits: &SmtpLimits,
    ) -> Result<String, SendError> {
        let command = limits.command;
        let options = self.options(envelope, mail)?;
        let sender = Mail::new(envelope.from().cloned(), options);
        within(Step::Sender, command, self.0.command(sender)).await?;
        for to in envelope.to() {
            within(Step::Recipient, command, self.0.command(Rcpt::new(to.clone(), vec![]))).await?;
        }
        within(Step::Data, command, self.0.command(Data)).await?;
        let answer = self.body(mail, limits).await?;
        Ok(answer.message().collect::<Vec<_>>().join(" "))
    }

    /// What the server must be able to do for this mail.
    fn options(&self, envelope: &Envelope, mail: &[u8]) -> Result<Vec<MailParameter>, SendError> {
        let able = self.0.server_info();
        let mut options = vec![];
        let accented = |address: &Address| !(address.user().is_ascii() && address.domain().is_ascii());
        if envelope.from().into_iter().chain(envelope.to()).any(accented) {
            if !able.supports_feature(Extension::SmtpUtfEight) {
                let why = "le serveur de messagerie ne prend pas les adresses accentuées (SMTPUTF8)";
                return Err(SendError::permanent(why));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !mail.is_ascii() {
            if !able.supports_feature(Extension::EightBitMime) {
                return Err(SendError::permanent("le serveur de messagerie ne prend que l’ASCII (8BITMIME)"));
            }
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(options)
    }

    /// The mail itself: piece after piece, then its end. Whoever is cut off learns on which side of the end.
    async fn body(&mut self, mail: &[u8], limits: &SmtpLimits) -> Result<Response, SendError> {
        let progress = Progress::default();
        let mut sending = pin!(self.0.message_iter(Pieces { rest: mail, progress: &progress }));
        loop {
            let (step, seen) = progress.now();
            let limit = if step == Step::End { limits.end } else { limits.block };
            tokio::select! {
                biased;
                sent = &mut sending => return sent.map_err(|error| progress.now().0.failed(&error)),
                // It moved on: the next piece, or the end, has its own time.
                () = progress.moved.notified() => {}
                () = sleep(limit), if progress.now() == (step, seen) => return Err(step.silent()),
            }
        }
    }

    /// What is left to do with a connection after a failure: a server that answered is told good-bye, one that did not is
    /// left alone.
    pub(super) async fn after(self, error: &SendError) {
        match error.failure {
            Failure::Refused | Failure::Deferred | Failure::Settings => self.close().await,
            Failure::Cut | Failure::Unanswered => drop(self),
        }
    }

    /// Say good-bye, briefly.
    pub(super) async fn close(mut self) {
        if timeout(GOODBYE, self.0.abort()).await.is_err() {
            tracing::debug!("The mail server did not say good-bye");
        }
    }
}

/// One of the server's addresses, the first that answers.
async fn reach(server: &Server, limits: &SmtpLimits) -> Result<TcpStream, SendError> {
    let found = timeout(limits.connection, lookup_host((server.host.as_str(), server.port)));
    let addresses =
        found.await.map_err(|_| Step::Connection.silent())?.map_err(|error| Step::Connection.broken(error))?;
    let mut last = Step::Connection.broken("ce nom n’a pas d’adresse");
    for address in addresses {
        match timeout(limits.connection, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Small commands that wait for each other: nothing is gained by holding them back.
                stream.set_nodelay(true).map_err(|error| Step::Connection.broken(error))?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = Step::Connection.broken(error),
            Err(_) => last = Step::Connection.silent(),
        }
    }
    Err(last)
}

/// How much of a mail was given to the connection.
#[derive(Default)]
struct Progress {
    pieces: AtomicUsize,
    ended: AtomicBool,
    moved: Notify,
}

impl Progress {
    fn now(&self) -> (Step, usize) {
        let step = if self.ended.load(Ordering::SeqCst) { Step::End } else { Step::Body };
        (step, self.pieces.load(Ordering::SeqCst))
    }
}

/// The pieces of a mail. The library writes each whole before it asks for the next, and the final dot once there is none:
/// whoever has not been asked for that last « none » knows that the mail did not end.
struct Pieces<'a> {
    rest: &'a [u8],
    progress: &'a Progress,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            self.progress.ended.store(true, Ordering::SeqCst);
            self.progress.moved.notify_one();
            return None;
        }
        self.progress.pieces.fetch_add(1, Ordering::SeqCst);
        self.progress.moved.notify_one();
        let (piece, rest) = self.rest.split_at(self.rest.len().min(BLOCK));
        self.rest = rest;
        Some(piece)
    }
}
