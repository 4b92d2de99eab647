//! Trainees with phones: each opens their page at their moment, then signs.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::seed::Seat;

/// What came out, times sorted.
pub struct Visits {
    /// Opening the page.
    pub pages: Vec<Duration>,
    /// Signing.
    pub signatures: Vec<Duration>,
    /// How long all of it took.
    pub took: Duration,
    wrong_pages: usize,
    wrong_signatures: usize,
}

impl Visits {
    /// Answers that were not the right ones.
    pub fn errors_of(&self, name: &str) -> usize {
        if name == "page" { self.wrong_pages } else { self.wrong_signatures }
    }

    /// All of them.
    pub fn errors(&self) -> usize {
        self.wrong_pages + self.wrong_signatures
    }
}

/// What one visit answered, and how long each of its requests took.
struct Visit {
    page: (u16, Duration),
    signature: (u16, Duration),
}

/// Everybody signs within this time.
pub async fn all(port: u16, seats: &[Seat], time: Duration) -> Visits {
    let begun = Instant::now();
    let visits: Vec<_> = seats
        .iter()
        .enumerate()
        .map(|(number, seat)| {
            // Neighbours in time are of different half-days.
            let order = number * 7919 % seats.len();
            let moment = begun + time.mul_f64(order as f64 / seats.len() as f64);
            tokio::spawn(one(port, seat.clone(), moment))
        })
        .collect();
    let mut found =
        Visits { pages: vec![], signatures: vec![], took: Duration::ZERO, wrong_pages: 0, wrong_signatures: 0 };
    for visit in visits {
        let Visit { page, signature } = visit.await.expect("a visit ends well");
        found.wrong_pages += usize::from(page.0 != 200);
        found.wrong_signatures += usize::from(signature.0 != 200);
        found.pages.push(page.1);
        found.signatures.push(signature.1);
    }
    found.took = begun.elapsed();
    found.pages.sort_unstable();
    found.signatures.sort_unstable();
    found
}

async fn one(port: u16, seat: Seat, moment: Instant) -> Visit {
    tokio::time::sleep_until(moment.into()).await;
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else {
        return Visit { page: (0, moment.elapsed()), signature: (0, moment.elapsed()) };
    };
    stream.set_nodelay(true).ok();
    // From the moment at which they meant to: what a late server makes them wait counts.
    let page = asked(&mut stream, &format!("GET {} HTTP/1.1\r\nHost: load\r\n\r\n", seat.path)).await;
    let page = (page, moment.elapsed());
    let begun = Instant::now();
    let body = format!(
        r#"{{"slot":"{}","client_uuid":"{}","picture":"{}","device_at":"2026-03-03T08:05:00Z","device":"{}"}}"#,
        seat.slot, seat.act, seat.picture, seat.act
    );
    let request = format!(
        "POST {}/envoi HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        seat.path,
        body.len()
    );
    let signature = asked(&mut stream, &request).await;
    Visit { page, signature: (signature, begun.elapsed()) }
}

/// The status of an answer that was read to its end; 0 when none came.
async fn asked(stream: &mut TcpStream, request: &str) -> u16 {
    if stream.write_all(request.as_bytes()).await.is_err() {
        return 0;
    }
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        if let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
            let length: Option<usize> =
                text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if buffer.len() >= head + 4 + length.unwrap_or_default() {
                return text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
            }
        }
        if stream.read_buf(&mut buffer).await.unwrap_or_default() == 0 {
            return 0;
        }
    }
}
