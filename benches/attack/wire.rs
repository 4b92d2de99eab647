//! Requests as bytes on a socket, as an attacker writes them.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer: its status (0 when none came) and the bytes of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub bytes: usize,
}

const NONE: Answer = Answer { status: 0, bytes: 0 };

/// A socket to the server.
pub async fn connect(port: u16) -> Option<TcpStream> {
    let stream = timeout(PATIENCE, TcpStream::connect(("127.0.0.1", port))).await.ok()?.ok()?;
    stream.set_nodelay(true).ok();
    Some(stream)
}

/// The head of a request that carries a body.
pub fn post(path: &str, key: Option<&str>, content_type: &str, length: usize) -> String {
    let key = key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\n{key}Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    )
}

/// The head of a request without one.
pub fn get(path: &str, key: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\n\r\n")
}

/// Ask on a connection, and read the answer to its end.
pub async fn ask(stream: &mut TcpStream, head: &str, body: &[u8]) -> Answer {
    if stream.write_all(head.as_bytes()).await.is_err() {
        return NONE;
    }
    // Whoever is refused early may not get rid of all of it.
    let _ = stream.write_all(body).await;
    hear(stream).await
}

/// Read an answer to its end.
pub async fn hear(stream: &mut TcpStream) -> Answer {
    timeout(PATIENCE, heard(stream)).await.unwrap_or(NONE)
}

async fn heard(stream: &mut TcpStream) -> Answer {
    let mut buffer = Vec::with_capacity(16 * 1024);
    loop {
        if let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
            let length: Option<usize> =
                text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let bytes = length.unwrap_or_default();
            if buffer.len() >= head + 4 + bytes {
                let status = text.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
                return Answer { status, bytes };
            }
        }
        if stream.read_buf(&mut buffer).await.unwrap_or_default() == 0 {
            return NONE;
        }
    }
}
