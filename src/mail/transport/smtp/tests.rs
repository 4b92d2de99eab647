//! A mail server that plays its part as it is told: silent, slow, refusing or hanging up at each step.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Mutex,
    time::{Duration, Instant, sleep},
};

use super::{
    super::{super::message::tests::outgoing, Failure, Transport},
    *,
};
use crate::mail::Attachment;

/// What the server does at a step instead of what it should.
#[derive(Clone, Copy)]
enum Play {
    Say(&'static str),
    /// Answer as it should, after a while.
    Late(u64),
    Nothing,
    HangUp,
}

/// A mail server that keeps what it is given and counts its connections.
#[derive(Default)]
struct Stub {
    /// By step: `greeting`, a verb, `body` (after its first line), `end` (its final dot).
    script: HashMap<&'static str, Play>,
    /// How many connections play the script; those after are as they should.
    bad: Option<usize>,
    received: Mutex<Vec<String>>,
    made: AtomicUsize,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Stub {
    fn that(step: &'static str, play: Play) -> Self {
        Self { script: HashMap::from([(step, play)]), ..Self::default() }
    }

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
                    let number = server.made.fetch_add(1, Ordering::SeqCst);
                    let _ = server.talk(stream, number).await;
                    server.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        (stub, url)
    }

    /// What is answered at a step; nothing when the connection ends.
    async fn plays(&self, step: &str, number: usize, answer: &'static str) -> Option<&'static str> {
        let bad = self.bad.is_none_or(|bad| number < bad);
        match self.script.get(step).filter(|_| bad) {
            None => Some(answer),
            Some(Play::Say(other)) => Some(other),
            Some(Play::Late(millis)) => {
                sleep(Duration::from_millis(*millis)).await;
                Some(answer)
            }
            Some(Play::Nothing) => std::future::pending().await,
            Some(Play::HangUp) => None,
        }
    }

    async fn talk(&self, stream: TcpStream, number: usize) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let Some(greeting) = self.plays("greeting", number, "220 stub").await else { return Ok(()) };
        writer.write_all(format!("{greeting}\r\n").as_bytes()).await?;
        while let Some(line) = lines.next_line().await? {
            let verb = line.to_ascii_uppercase().chars().take(4).collect::<String>();
            let usual = match verb.as_str() {
                "EHLO" => "250-stub\r\n250-AUTH PLAIN\r\n250 8BITMIME",
                "AUTH" => "235 welcome",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            let Some(answer) = self.plays(&verb, number, usual).await else { return Ok(()) };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
            if answer.starts_with("354") {
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    if mail.is_empty() && self.plays("body", number, "").await.is_none() {
                        return Ok(());
                    }
                    mail.push_str(&line);
                    mail.push('\n');
                }
                self.received.lock().await.push(mail);
                let Some(answer) = self.plays("end", number, "250 queued as 42").await else { return Ok(()) };
                writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
            }
        }
        Ok(())
    }
}

/// Five seconds for each step.
fn patient() -> SmtpLimits {
    let limit = Duration::from_secs(5);
    SmtpLimits {
        connections: 1,
        connection: limit,
        tls: limit,
        greeting: limit,
        command: limit,
        block: limit,
        end: limit,
        idle: limit,
    }
}

async fn send_to(url: &str, limits: SmtpLimits) -> Result<Receipt, SendError> {
    Smtp::new(url, limits).unwrap().send(&outgoing()).await
}

#[tokio::test]
async fn a_mail_reaches_the_server() {
    let (stub, url) = Stub::default().start().await;
    let receipt = send_to(&url, patient()).await.unwrap();
    assert!(receipt.said.contains("queued as 42"), "{receipt:?}");
    let received = stub.received.lock().await;
    assert_eq!(received.len(), 1);
    assert!(received[0].contains("Subject: Convocation") && received[0].contains(&receipt.message_id));
}

#[tokio::test]
async fn a_large_mail_arrives_whole() {
    let (stub, url) = Stub::default().start().await;
    let mut mail = outgoing();
    mail.attachments.push(Attachment {
        name: "points.txt".into(),
        media_type: "text/plain; charset=utf-8".into(),
        // Lines that begin with a dot, some of them across two pieces.
        data: ".\r\n..\r\n.fin\r\n".repeat(9_000).into_bytes(),
    });
    Smtp::new(&url, patient()).unwrap().send(&mail).await.unwrap();
    let sent = String::from_utf8(mail.bytes().unwrap()).unwrap().replace("\r\n", "\n");
    let received = stub.received.lock().await[0].lines().map(undotted).collect::<Vec<_>>().join("\n");
    assert_eq!(received.trim_end(), sent.trim_end());
}

/// A line as it was before a dot was put before its own.
fn undotted(line: &str) -> &str {
    if line.starts_with("..") { &line[1..] } else { line }
}

#[tokio::test]
async fn one_connection_serves_many_mails_and_is_closed_when_nobody_wants_it() {
    let (stub, url) = Stub::default().start().await;
    let limits = SmtpLimits { idle: Duration::from_millis(80), ..patient() };
    let smtp = Smtp::new(&url, limits).unwrap();
    for _ in 0..5 {
        smtp.send(&outgoing()).await.unwrap();
    }
    assert_eq!(stub.made.load(Ordering::SeqCst), 1);
    let begun = Instant::now();
    while stub.open.load(Ordering::SeqCst) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "it is kept for ever");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_burst_of_mails_opens_as_many_connections_as_it_may() {
    let (stub, url) = Stub::default().start().await;
    let smtp = Smtp::new(&url, SmtpLimits { connections: 2, ..patient() }).unwrap();
    let mail = outgoing();
    let sent = futures_util::future::join_all((0..20).map(|_| smtp.send(&mail))).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    assert_eq!(stub.received.lock().await.len(), 20);
    assert!(stub.most.load(Ordering::SeqCst) <= 2);
}

/// What is told when the server falls silent at each step, and where the mail is.
#[tokio::test]
async fn a_server_that_falls_silent_is_waited_for_as_long_as_its_step_deserves() {
    let brief = Duration::from_millis(120);
    let at = |step, limits: fn(SmtpLimits, Duration) -> SmtpLimits, said, failure| (step, limits, said, failure);
    let cases = [
        at("greeting", |all, brief| SmtpLimits { greeting: brief, ..all }, "accueil", Failure::Deferred),
        at("EHLO", |all, brief| SmtpLimits { greeting: brief, ..all }, "accueil", Failure::Deferred),
        at("AUTH", |all, brief| SmtpLimits { command: brief, ..all }, "identification", Failure::Deferred),
        at("MAIL", |all, brief| SmtpLimits { command: brief, ..all }, "MAIL FROM", Failure::Cut),
        at("RCPT", |all, brief| SmtpLimits { command: brief, ..all }, "RCPT TO", Failure::Cut),
        at("DATA", |all, brief| SmtpLimits { command: brief, ..all }, "DATA", Failure::Cut),
        at("end", |all, brief| SmtpLimits { end: brief, ..all }, "après la fin du message", Failure::Unanswered),
    ];
    for (step, limits, said, failure) in cases {
        let (_stub, url) = Stub::that(step, Play::Nothing).start().await;
        let begun = Instant::now();
        let url = url.replace("smtp://", "smtp://user:secret@");
        let error = send_to(&url, limits(patient(), brief)).await.unwrap_err();
        assert_eq!(error.failure, failure, "{step}: {error}");
        assert!(error.reason.contains(said) && error.reason.contains("n’a pas répondu à temps"), "{step}: {error}");
        assert!(!error.reason.contains("secret"), "{error}");
        let waited = begun.elapsed();
        assert!(waited >= brief && waited < Duration::from_secs(3), "{step}: {waited:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_tells_whether_the_mail_may_have_left() {
    let cases = [
        ("greeting", Failure::Deferred),
        ("EHLO", Failure::Deferred),
        ("MAIL", Failure::Cut),
        ("RCPT", Failure::Cut),
        ("DATA", Failure::Cut),
        ("end", Failure::Unanswered),
    ];
    for (step, failure) in cases {
        let (_stub, url) = Stub::that(step, Play::HangUp).start().await;
        let error = send_to(&url, patient()).await.unwrap_err();
        assert_eq!(error.failure, failure, "{step}: {error}");
        let told = if failure == Failure::Unanswered { "peut-être parti" } else { "parti" };
        assert!(error.reason.contains(told) && !error.is_permanent(), "{step}: {error}");
    }
}

/// Slow at each step, so that the whole takes longer than any limit: the mail leaves.
#[tokio::test]
async fn a_slow_server_is_no_silent_one() {
    let steps = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "end"];
    let script = steps.into_iter().map(|step| (step, Play::Late(80))).collect();
    let (stub, url) = Stub { script, ..Stub::default() }.start().await;
    let limit = Duration::from_millis(400);
    let limits = SmtpLimits { greeting: limit, command: limit, block: limit, end: limit, ..patient() };
    let begun = Instant::now();
    send_to(&url, limits).await.unwrap();
    assert!(begun.elapsed() > limit, "{:?}", begun.elapsed());
    assert_eq!(stub.received.lock().await.len(), 1);
}

/// The end of a mail is waited for longer than its pieces: ten minutes against three.
#[tokio::test]
async fn a_server_that_thinks_long_after_the_end_takes_the_mail() {
    let (_stub, url) = Stub::that("end", Play::Late(400)).start().await;
    let brief = Duration::from_millis(100);
    send_to(&url, SmtpLimits { block: brief, command: brief, ..patient() }).await.unwrap();
}

#[tokio::test]
async fn a_server_that_stops_reading_holds_a_mail_no_longer_than_a_piece() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 stub\r\n").await.unwrap();
        let mut bytes = [0; 4096];
        for answer in ["250 stub\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n"] {
            let read = stream.read(&mut bytes).await.unwrap();
            assert!(read > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        // It reads for a while, slower than a piece, then no more.
        for _ in 0..10 {
            sleep(Duration::from_millis(60)).await;
            let _ = stream.read(&mut bytes).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    let mut mail = outgoing();
    mail.attachments.push(Attachment {
        name: "gros.bin".into(),
        media_type: "application/octet-stream".into(),
        data: vec![7; 12_000_000],
    });
    let limits = SmtpLimits { block: Duration::from_millis(300), ..patient() };
    let begun = Instant::now();
    let error = Smtp::new(&url, limits).unwrap().send(&mail).await.unwrap_err();
    assert_eq!(error.failure, Failure::Cut, "{error}");
    assert!(error.reason.contains("envoi du message"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

/// The first mail's answer comes after we gave it up: the second mail must not take it for its own.
#[tokio::test]
async fn a_connection_that_was_cut_never_serves_again() {
    let (stub, url) = Stub { bad: Some(1), ..Stub::that("end", Play::Late(250)) }.start().await;
    let smtp = Smtp::new(&url, SmtpLimits { end: Duration::from_millis(100), ..patient() }).unwrap();
    assert_eq!(smtp.send(&outgoing()).await.unwrap_err().failure, Failure::Unanswered);
    smtp.send(&outgoing()).await.unwrap();
    assert_eq!(stub.received.lock().await.len(), 2);
    assert_eq!(stub.made.load(Ordering::SeqCst), 2, "the second mail has a connection of its own");
}

/// A server closes what nobody uses: the next mail finds a dead connection, and opens another.
#[tokio::test]
async fn a_connection_that_the_server_closed_costs_no_mail() {
    let (stub, url) = Stub { bad: Some(1), ..Stub::that("NOOP", Play::HangUp) }.start().await;
    let smtp = Smtp::new(&url, patient()).unwrap();
    smtp.send(&outgoing()).await.unwrap();
    smtp.send(&outgoing()).await.unwrap();
    assert_eq!(stub.received.lock().await.len(), 2);
    assert_eq!(stub.made.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_the_server_says_decides_what_becomes_of_the_mail() {
    let cases = [
        ("RCPT", "550 no such user", Failure::Refused),
        ("RCPT", "452 mailbox full", Failure::Deferred),
        ("RCPT", "530 login first", Failure::Settings),
        ("MAIL", "552 too large", Failure::Refused),
        ("MAIL", "553 sender refused", Failure::Settings),
        ("AUTH", "535 bad login", Failure::Settings),
        ("AUTH", "454 not now", Failure::Deferred),
        ("greeting", "554 no service here", Failure::Deferred),
        ("greeting", "421 come back later", Failure::Deferred),
        ("DATA", "554 no valid recipients", Failure::Refused),
        ("end", "554 that looks like spam", Failure::Refused),
        ("end", "451 try again later", Failure::Deferred),
    ];
    for (step, answer, failure) in cases {
        let (_stub, url) = Stub::that(step, Play::Say(answer)).start().await;
        let error = send_to(&url.replace("smtp://", "smtp://user:secret@"), patient()).await.unwrap_err();
        assert_eq!(error.failure, failure, "{step} {answer}: {error}");
        assert!(error.reason.contains(&answer[4..]), "{error}");
        assert_eq!(error.is_permanent(), failure == Failure::Refused);
    }
}

#[tokio::test]
async fn a_server_that_is_away_or_speaks_no_tls_is_tried_again_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = send_to(&format!("smtp://{address}"), patient()).await.unwrap_err();
    assert_eq!(error.failure, Failure::Deferred, "{error}");
    let (_stub, url) = Stub::default().start().await;
    let error = send_to(&url.replace("smtp://", "smtps://"), patient()).await.unwrap_err();
    assert_eq!(error.failure, Failure::Deferred, "{error}");
    assert!(error.reason.contains("TLS"), "{error}");
    let (_stub, url) = Stub::that("greeting", Play::Nothing).start().await;
    let limits = SmtpLimits { tls: Duration::from_millis(100), ..patient() };
    let error = send_to(&url.replace("smtp://", "smtps://"), limits).await.unwrap_err();
    assert!(error.reason.contains("chiffrement TLS"), "{error}");
    let (_stub, url) = Stub::default().start().await;
    let error = send_to(&format!("{url}?tls=required"), patient()).await.unwrap_err();
    assert_eq!(error.failure, Failure::Settings, "a server without STARTTLS is never written to: {error}");
}
