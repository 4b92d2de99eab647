//! The others: somebody who reads a list, somebody who writes down people, at a steady pace, whatever goes on.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::net::TcpStream;

use super::{seed::World, wire};

/// Between two reads.
const READ_EVERY: Duration = Duration::from_millis(20);
/// Between two writes.
const WRITE_EVERY: Duration = Duration::from_millis(50);

/// What they felt, times sorted.
#[derive(Default)]
pub struct Felt {
    pub reads: Vec<Duration>,
    pub writes: Vec<Duration>,
    pub failed: usize,
    /// The wrong answers, by status.
    pub answers: BTreeMap<u16, usize>,
}

/// Ask both, once: what is made at the first request is not what is measured.
pub async fn warm_up(port: u16, world: &World) {
    let mut stream = wire::connect(port).await.expect("the server listens");
    for number in 0..20 {
        read(&mut stream, world).await;
        write(&mut stream, world, number).await;
    }
}

async fn read(stream: &mut TcpStream, world: &World) -> u16 {
    wire::ask(stream, &wire::get("/v1/people?limit=50", &world.key), b"").await.status
}

async fn write(stream: &mut TcpStream, world: &World, number: usize) -> u16 {
    let body =
        json!({ "activity_id": world.activity, "first_name": format!("Visite {number}"), "birth_name": "Petit" });
    let body = body.to_string();
    let head = wire::post("/v1/people", Some(&world.key), "application/json", body.len());
    wire::ask(stream, &head, body.as_bytes()).await.status
}

/// Read and write until then.
pub async fn ask(port: u16, world: World, until: Instant) -> Felt {
    let reading = tokio::spawn(steadily(port, world.clone(), until, READ_EVERY, false));
    let writing = tokio::spawn(steadily(port, world, until, WRITE_EVERY, true));
    let (reads, writes) = (reading.await.expect("reads go on"), writing.await.expect("writes go on"));
    let mut felt = Felt::default();
    for (status, time) in reads {
        felt.note(status, 200);
        felt.reads.push(time);
    }
    for (status, time) in writes {
        felt.note(status, 201);
        felt.writes.push(time);
    }
    felt.reads.sort_unstable();
    felt.writes.sort_unstable();
    felt
}

impl Felt {
    fn note(&mut self, status: u16, right: u16) {
        if status != right {
            self.failed += 1;
            *self.answers.entry(status).or_default() += 1;
        }
    }
}

async fn steadily(port: u16, world: World, until: Instant, every: Duration, writes: bool) -> Vec<(u16, Duration)> {
    let mut felt = vec![];
    let mut stream: Option<TcpStream> = None;
    let mut moment = Instant::now();
    let mut number = 0;
    while moment < until {
        tokio::time::sleep_until(moment.into()).await;
        number += 1;
        // Every tenth comes anew, as another person would.
        if number % 10 == 0 {
            stream = None;
        }
        // From the moment at which they meant to: what a late server makes them wait counts.
        if stream.is_none() {
            stream = wire::connect(port).await;
        }
        let status = match stream.as_mut() {
            Some(stream) if writes => write(stream, &world, number).await,
            Some(stream) => read(stream, &world).await,
            None => 0,
        };
        felt.push((status, moment.elapsed()));
        if status == 0 || status == 503 {
            stream = None;
        }
        moment += every;
        // Whoever had to wait does not ask for all that was missed.
        moment = moment.max(Instant::now().checked_sub(every).unwrap_or(moment));
    }
    felt
}

/// The time under which so many in a hundred are.
pub fn share(times: &[Duration], percent: usize) -> Duration {
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}
