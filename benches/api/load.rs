//! The load: connections that ask, wait for the whole answer and ask again.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What is asked again and again.
#[derive(Clone)]
pub struct Case {
    method: &'static str,
    path: String,
    body: &'static str,
}

/// What came out.
pub struct Figures {
    pub requests: usize,
    pub errors: usize,
    pub p50: Duration,
    pub p99: Duration,
    pub took: Duration,
}

impl Case {
    pub fn get(path: String) -> Self {
        Self { method: "GET", path, body: "" }
    }

    pub fn post(path: String, body: &'static str) -> Self {
        Self { method: "POST", path, body }
    }

    fn request(&self, key: &str) -> Vec<u8> {
        format!(
            "{} {} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
            self.method,
            self.path,
            self.body.len(),
            self.body
        )
        .into_bytes()
    }
}

/// Ask for a time, on several connections.
pub async fn run(address: &str, key: &str, case: &Case, connections: usize, time: Duration) -> Figures {
    let begun = Instant::now();
    let tasks: Vec<_> =
        (0..connections).map(|_| tokio::spawn(one(address.to_owned(), case.request(key), begun + time))).collect();
    let (mut latencies, mut errors) = (vec![], 0);
    for task in tasks {
        let (times, wrong) = task.await.expect("a connection ends well");
        latencies.extend(times);
        errors += wrong;
    }
    let took = begun.elapsed();
    latencies.sort_unstable();
    let at = |share: usize| latencies.get(latencies.len() * share / 100).copied().unwrap_or_default();
    Figures { requests: latencies.len(), errors, p50: at(50), p99: at(99), took }
}

async fn one(address: String, request: Vec<u8>, until: Instant) -> (Vec<Duration>, usize) {
    let mut stream = TcpStream::connect(&address).await.expect("the server takes connections");
    stream.set_nodelay(true).expect("the loopback knows no delay");
    let (mut times, mut errors, mut buffer) = (vec![], 0, Vec::with_capacity(64 * 1024));
    while Instant::now() < until {
        let begun = Instant::now();
        stream.write_all(&request).await.expect("the server reads");
        if !(200..300).contains(&answer(&mut stream, &mut buffer).await) {
            errors += 1;
        }
        times.push(begun.elapsed());
    }
    (times, errors)
}

/// Read one answer to its end; its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    loop {
        if let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .expect("every answer of the API says its length");
            while buffer.len() < head + 4 + length {
                assert!(stream.read_buf(buffer).await.expect("the server answers") > 0, "an answer was cut short");
            }
            return text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
        }
        assert!(stream.read_buf(buffer).await.expect("the server answers") > 0, "the server hung up");
    }
}
