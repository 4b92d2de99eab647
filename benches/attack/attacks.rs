//! The attacks, and the answers that each must get.

use std::{collections::BTreeMap, time::Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Duration, timeout},
};
use uuid::Uuid;

use super::{seed::World, wire};

/// One way to make others wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Attack {
    /// Nobody attacks: what the others are measured against.
    Nothing,
    /// Unfinished posts of 20 MiB without a key.
    Posts,
    /// Half-sent heads.
    Heads,
    /// A megabyte of 345 000 faults.
    Faults,
    /// A log of 21 632 lines against a hundred trainees.
    Log,
    /// Pictures of 2 400 × 2 400 that are drawn in 45 kB.
    Pictures,
}

/// What came of it; the sockets are held until it is dropped.
pub struct Done {
    pub sent: usize,
    pub refused: Result<(), String>,
    pub held: Vec<TcpStream>,
}

impl Attack {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] = [Self::Nothing, Self::Posts, Self::Heads, Self::Faults, Self::Log, Self::Pictures];

    /// Its line in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Posts => "60 unfinished posts of 20 MiB",
            Self::Heads => "900 half-sent heads",
            Self::Faults => "1 MB of 345 000 faults",
            Self::Log => "21 632 lines, 100 trainees",
            Self::Pictures => "40 pictures of 2 400 × 2 400",
        }
    }
}

/// Attack until then.
pub async fn run(attack: Attack, port: u16, world: &World, until: Instant) -> Done {
    match attack {
        Attack::Nothing => {
            tokio::time::sleep_until(until.into()).await;
            Done { sent: 0, refused: Ok(()), held: vec![] }
        }
        Attack::Posts => posts(port, until).await,
        Attack::Heads => heads(port, until).await,
        Attack::Faults => {
            let body = format!("{{\"slots\":[{}{{}}]}}", "{},".repeat(345_000));
            let body = (body, "/v1/sessions".to_owned());
            again(
                port,
                world,
                until,
                4,
                move |_| body.clone(),
                |_, answer| answer.status == 422 && answer.bytes < 2_000,
            )
            .await
        }
        Attack::Log => {
            let content = log();
            let path = format!("/v1/slots/{}/connections", world.slot);
            let body = move |dry_run| json!({ "format": "csv", "content": content, "dry_run": dry_run }).to_string();
            let (tried, meant) = (body(true), body(false));
            // Read, and compared with a hundred people: the trial is answered, what is meant is refused, since nobody of the
            // log is known. Either may be asked to come later.
            let right = |number: usize, answer: wire::Answer| {
                matches!(answer.status, 429 | 503) || answer.status == if number.is_multiple_of(2) { 200 } else { 409 }
            };
            let make =
                move |number: usize| (if number.is_multiple_of(2) { &tried } else { &meant }.clone(), path.clone());
            again(port, world, until, 2, make, right).await
        }
        Attack::Pictures => {
            let picture = STANDARD.encode(picture());
            let (path, enrolments) = (format!("/v1/slots/{}/signatures", world.slot), world.enrolments.clone());
            let make = move |number: usize| {
                let body = json!({
                    "enrolment_id": enrolments[number % enrolments.len()], "means": "trainer_device", "picture": picture,
                    "consent": "J’atteste avoir suivi cette demi-journée.", "client_uuid": Uuid::from_u128(number as u128 + 1),
                    "offline": false,
                });
                (body.to_string(), path.clone())
            };
            again(port, world, until, 40, make, |_, answer| matches!(answer.status, 422 | 429 | 503)).await
        }
    }
}

/// Posts that are never whole: as much of them as the server takes, all but the end.
async fn posts(port: u16, until: Instant) -> Done {
    const LENGTH: usize = 20 * 1024 * 1024;
    let sending: Vec<_> = (0..60)
        .map(|_| {
            tokio::spawn(async move {
                let mut stream = wire::connect(port).await?;
                let head = wire::post("/v1/files", None, "multipart/form-data; boundary=x", LENGTH);
                stream.write_all(head.as_bytes()).await.ok()?;
                let piece = vec![b'x'; 256 * 1024];
                let mut left = LENGTH - 1;
                while left > 0 {
                    let now = left.min(piece.len());
                    let written = timeout(Duration::from_secs(2), stream.write_all(&piece[..now])).await;
                    if !matches!(written, Ok(Ok(()))) {
                        break;
                    }
                    left -= now;
                }
                let answer = wire::hear(&mut stream).await;
                Some((stream, answer))
            })
        })
        .collect();
    let (mut held, mut seen) = (vec![], BTreeMap::<u16, usize>::new());
    for one in sending {
        match one.await.expect("an attacker does not panic") {
            Some((stream, answer)) => {
                *seen.entry(answer.status).or_default() += 1;
                held.push(stream);
            }
            None => *seen.entry(0).or_default() += 1,
        }
    }
    tokio::time::sleep_until(until.into()).await;
    let refused = if seen.keys().eq([&401]) { Ok(()) } else { Err(format!("answered {seen:?} instead of 401")) };
    Done { sent: 60, refused, held }
}

/// Heads that never end; whoever was shut out tries again.
async fn heads(port: u16, until: Instant) -> Done {
    let (mut held, mut sent) = (vec![], 0);
    while Instant::now() < until {
        held.retain(|stream: &TcpStream| !is_closed(stream));
        while held.len() < 900 && Instant::now() < until {
            let Some(mut stream) = wire::connect(port).await else { break };
            sent += 1;
            let head = b"GET /v1/people HTTP/1.1\r\nHost: bench\r\nX-Slow: aaaa";
            if stream.write_all(head).await.is_ok() {
                held.push(stream);
            }
            // A flood would measure the bench's own sockets: three hundred in a second are enough to fill the house.
            if sent > 900 {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Done { sent, refused: Ok(()), held }
}

/// Whether the other end closed.
fn is_closed(stream: &TcpStream) -> bool {
    let mut scratch = [0; 512];
    match stream.try_read(&mut scratch) {
        Ok(read) => read == 0,
        Err(failure) => failure.kind() != std::io::ErrorKind::WouldBlock,
    }
}

/// The same request again and again, so many at once, each answer judged.
async fn again(
    port: u16,
    world: &World,
    until: Instant,
    at_once: usize,
    make: impl Fn(usize) -> (String, String) + Clone + Send + 'static,
    right: impl Fn(usize, wire::Answer) -> bool + Copy + Send + 'static,
) -> Done {
    let sending: Vec<_> = (0..at_once)
        .map(|lane| {
            let (key, make) = (world.key.clone(), make.clone());
            tokio::spawn(async move {
                let (mut sent, mut wrong, mut number) = (0, BTreeMap::<u16, usize>::new(), lane);
                let mut stream = None;
                while Instant::now() < until {
                    let (body, path) = make(number);
                    let asked = number;
                    number += at_once;
                    if stream.is_none() {
                        stream = wire::connect(port).await;
                    }
                    let Some(open) = stream.as_mut() else { continue };
                    let head = wire::post(&path, Some(&key), "application/json", body.len());
                    let answer = wire::ask(open, &head, body.as_bytes()).await;
                    sent += 1;
                    if !right(asked, answer) {
                        *wrong.entry(answer.status).or_default() += 1;
                    }
                    if matches!(answer.status, 0 | 413 | 503) {
                        stream = None;
                    }
                }
                (sent, wrong, stream)
            })
        })
        .collect();
    let (mut sent, mut wrong, mut held) = (0, BTreeMap::<u16, usize>::new(), vec![]);
    for one in sending {
        let (mine, faults, stream) = one.await.expect("an attacker does not panic");
        sent += mine;
        held.extend(stream);
        for (status, count) in faults {
            *wrong.entry(status).or_default() += count;
        }
    }
    let refused = if wrong.is_empty() { Ok(()) } else { Err(format!("answered wrongly: {wrong:?}")) };
    Done { sent, refused, held }
}

/// A log of people whom nobody knows, as long as a log may be.
fn log() -> String {
    let mut text = String::from("nom,arrivee,depart\n");
    for number in 0..21_632 {
        text.push_str(&format!("Ana{number},9:00,9:01\n"));
    }
    text.chars().take(400_000).collect()
}

/// A picture with much in it that weighs little.
fn picture() -> Vec<u8> {
    let pixels = image::ImageBuffer::from_fn(2_400, 2_400, |x, y| {
        let ink = (x / 40 + y / 40) % 9 == 0 && x % 40 < 6;
        image::Rgba(if ink { [10_u8, 10, 60, 255] } else { [255, 255, 255, 0] })
    });
    let mut out = std::io::Cursor::new(vec![]);
    pixels.write_to(&mut out, image::ImageFormat::Png).expect("memory takes a picture");
    out.into_inner()
}
