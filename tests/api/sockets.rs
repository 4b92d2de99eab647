//! Connections, on real sockets with short limits: whoever asks nothing, reads nothing or never ends keeps no place.

use std::{future::Future, time::Duration};

use clairiere::{
    operate::listen::{self, ConnectionLimits},
    platform::body::BodyLimits,
    start,
};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::support::{TestApp, start, start_with, training::training};

/// Long enough for anything to happen on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A story's own listener.
struct Served {
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    over: JoinHandle<()>,
}

fn quick() -> ConnectionLimits {
    ConnectionLimits {
        most: 200,
        head: Duration::from_millis(400),
        idle: Duration::from_millis(800),
        stalled: Duration::from_millis(800),
        look: Duration::from_millis(20),
        ping: Duration::from_millis(200),
        stop: Duration::from_secs(5),
    }
}

impl TestApp {
    async fn served(&self, limits: ConnectionLimits) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel::<()>();
        let route = start::route_within(&self.app, BodyLimits::default());
        let over = tokio::spawn(async move {
            listen::serve(listener, route, limits, async { drop(stopped.await) }).await.unwrap();
        });
        Served { port, stop: Some(stop), over }
    }
}

/// What a socket answered: status, head, body.
struct Heard {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.port)).await.unwrap()
    }

    /// Ask on a connection of one's own.
    async fn ask(&self, request: &str) -> Heard {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        hear(&mut stream).await
    }

    async fn healthy(&self) -> u16 {
        self.ask("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.status
    }
}

/// An answer, to its end.
async fn hear(stream: &mut TcpStream) -> Heard {
    let mut buffer = vec![];
    soon(async {
        loop {
            if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&buffer[..at]).into_owned();
                let length = head
                    .lines()
                    .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
                    .unwrap_or(0_usize);
                if buffer.len() >= at + 4 + length {
                    let status = head.get(9..12).unwrap().parse().unwrap();
                    return Heard { status, body: buffer[at + 4..].to_vec(), head };
                }
            }
            let read = stream.read_buf(&mut buffer).await.unwrap_or_default();
            assert!(read > 0, "cut off after {:?}", String::from_utf8_lossy(&buffer));
        }
    })
    .await
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("this happens soon")
}

/// Whether the other end closed; what it still sent does not matter.
async fn closed(stream: &mut TcpStream) {
    soon(async {
        let mut scratch = [0; 4096];
        while stream.read(&mut scratch).await.is_ok_and(|read| read > 0) {}
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_request_keeps_no_place() {
    let app = start().await;
    let served = app.served(quick()).await;
    let begun = Instant::now();
    let mut halves = vec![];
    for half in ["", "G", "GET /v1/people HTTP/1.1\r\nHost: x\r\nX-Slow: ", "PRI * HTTP/2.0\r\n\r\n", "\r\n\r\n"] {
        for _ in 0..10 {
            let mut stream = served.connect().await;
            stream.write_all(half.as_bytes()).await.unwrap();
            halves.push(stream);
        }
    }
    assert_eq!(served.healthy().await, 200);
    for mut half in halves {
        closed(&mut half).await;
    }
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
    // A head that drips is no better than one that stopped.
    let mut dripping = served.connect().await;
    let dripped = soon(async {
        let mut written = 0;
        while dripping.write_all(b"a").await.is_ok() {
            written += 1;
            sleep(Duration::from_millis(50)).await;
        }
        written
    })
    .await;
    assert!(dripped < 60, "{dripped} bytes");
    // Who asks, rests and asks again keeps the connection for a while, not for ever.
    let mut stream = served.connect().await;
    for _ in 0..3 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert_eq!(hear(&mut stream).await.status, 200);
        sleep(Duration::from_millis(100)).await;
    }
    closed(&mut stream).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_nothing_makes_room_for_whoever_does() {
    let app = start().await;
    let patient = ConnectionLimits { most: 5, head: PATIENCE, idle: PATIENCE, ..quick() };
    let served = app.served(patient).await;
    let mut silent = vec![];
    for _ in 0..5 {
        let mut stream = served.connect().await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
        silent.push(stream);
        sleep(Duration::from_millis(10)).await;
    }
    for _ in 0..3 {
        assert_eq!(served.healthy().await, 200);
    }
    // The one that had waited longest went first.
    closed(&mut silent[0]).await;
    // Many more than there are places, and somebody who asks among them.
    let mut crowd = vec![];
    for _ in 0..40 {
        let mut stream = served.connect().await;
        stream.write_all(b"GET /").await.ok();
        crowd.push(stream);
    }
    assert_eq!(served.healthy().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_finds_all_places_busy_is_told_to_come_back() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let served = app.served(ConnectionLimits { most: 2, ..quick() }).await;
    let mut busy = vec![];
    for _ in 0..2 {
        let mut stream = served.connect().await;
        let head = format!(
            "POST /v1/people HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: 48\r\n\r\n",
            marie.key
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        busy.push(stream);
    }
    // They are read before the next one comes.
    sleep(Duration::from_millis(200)).await;
    let refused = served.ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(refused.status, 503);
    assert!(refused.head.contains("Retry-After: 1"), "{}", refused.head);
    let problem: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(problem["code"], "connections.full");
    // Those who were there are served.
    for (mut stream, name) in busy.into_iter().zip(["Anaïs", "Zoélie"]) {
        let body = format!("{:<48}", json!({ "first_name": name, "birth_name": "M" }).to_string());
        stream.write_all(&body.as_bytes()[..48]).await.unwrap();
        let answer = hear(&mut stream).await;
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    }
    assert_eq!(served.healthy().await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_post_without_a_key_is_refused_at_once() {
    let app = start().await;
    let served = app.served(quick()).await;
    for path in ["/v1/files", "/v1/people", "/presence/aaaa/envoi"] {
        let mut stream = served.connect().await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 20971520\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&vec![b'x'; 256 * 1024]).await.unwrap();
        let answer = hear(&mut stream).await;
        assert!(matches!(answer.status, 401 | 404), "{path}: {}", answer.status);
        closed(&mut stream).await;
    }
}

/// A client that takes little at a time.
async fn narrow(served: &Served) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    socket.connect(([127, 0, 0, 1], served.port).into()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_read_is_left_and_whoever_reads_slowly_is_not() {
    let app = start().await;
    let served = app.served(quick()).await;
    let whole = served.ask("GET /docs HTTP/1.1\r\nHost: x\r\n\r\n").await.body.len();
    assert!(whole > 1024 * 1024, "{whole} bytes");
    let ask = b"GET /docs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut deaf = narrow(&served).await;
    deaf.write_all(ask).await.unwrap();
    sleep(quick().stalled * 3).await;
    let mut read = vec![];
    soon(deaf.read_to_end(&mut read)).await.ok();
    assert!(read.len() < whole, "{} of {whole} bytes were waited for", read.len());
    let mut slow = narrow(&served).await;
    slow.write_all(ask).await.unwrap();
    let (mut piece, mut taken) = (vec![0; 64 * 1024], 0);
    soon(async {
        loop {
            let read = slow.read(&mut piece).await.unwrap();
            if read == 0 {
                break;
            }
            taken += read;
            if taken % 7 == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        }
    })
    .await;
    assert!(taken > whole, "{taken} of {whole} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_is_spoken_and_a_window_that_nobody_opens_is_closed() {
    let app = start().await;
    let served = app.served(quick()).await;
    let mut builder = Client::builder(TokioExecutor::new());
    builder.http2_only(true).http2_initial_stream_window_size(2_000).http2_initial_connection_window_size(70_000);
    let client: Client<_, Empty<Bytes>> = builder.build_http();
    let address = |path: &str| format!("http://127.0.0.1:{}{path}", served.port).parse().unwrap();
    let answer = soon(client.get(address("/healthz"))).await.unwrap();
    assert_eq!(answer.status(), 200);
    soon(answer.into_body().collect()).await.unwrap();
    let unread = soon(client.get(address("/docs"))).await.unwrap();
    sleep(quick().stalled * 3).await;
    assert!(soon(unread.into_body().collect()).await.is_err(), "the answer was waited for");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_day_that_is_watched_stays_open_while_nothing_happens() {
    let it = training().await;
    it.app.at("2026-03-03T09:04");
    let limits = ConnectionLimits {
        head: Duration::from_millis(200),
        idle: Duration::from_millis(200),
        stalled: Duration::from_millis(200),
        ..quick()
    };
    let served = it.app.served(limits).await;
    let mut stream = served.connect().await;
    let ask = format!(
        "GET /v1/slots/{}/live/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        it.slots[0], it.marie.key
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut heard = String::new();
    let mut until = async |words: &str| {
        soon(async {
            let mut piece = vec![0; 16 * 1024];
            while !heard.contains(words) {
                let read = stream.read(&mut piece).await.unwrap();
                assert!(read > 0, "the stream ended after {heard}");
                heard.push_str(&String::from_utf8_lossy(&piece[..read]));
            }
        })
        .await;
    };
    until("\"state\":").await;
    sleep(Duration::from_millis(1_500)).await;
    it.marie.post(&format!("/v1/slots/{}/open", it.slots[0]), Value::Null).await.ok();
    until("\"state\":\"open\"").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_what_is_under_way_end_and_nothing_else() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let mut served = app.served(ConnectionLimits { idle: PATIENCE, head: PATIENCE, ..quick() }).await;
    let mut resting = served.connect().await;
    resting.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(hear(&mut resting).await.status, 200);
    let body = json!({ "first_name": "Zoé", "birth_name": "Lefèvre" }).to_string();
    let mut busy = served.connect().await;
    let head = format!(
        "POST /v1/people HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        marie.key,
        body.len()
    );
    busy.write_all(head.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    served.stop.take().unwrap().send(()).unwrap();
    closed(&mut resting).await;
    assert!(TcpStream::connect(("127.0.0.1", served.port)).await.is_err(), "nobody new is let in");
    busy.write_all(body.as_bytes()).await.unwrap();
    assert_eq!(hear(&mut busy).await.status, 201);
    soon(served.over).await.unwrap();
    // Whoever does not end is cut off.
    let mut served = app.served(ConnectionLimits { stop: Duration::from_millis(300), ..quick() }).await;
    let mut busy = served.connect().await;
    busy.write_all(head.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    served.stop.take().unwrap().send(()).unwrap();
    closed(&mut busy).await;
    soon(served.over).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_keys_slow_the_address_that_shows_them_and_nobody_else() {
    let app = start_with(|settings| settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    let marie = app.trainer("Marie").await;
    let served = app.served(quick()).await;
    let ask = |key: &str, from: &str, path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nX-Forwarded-For: {from}\r\nConnection: close\r\n\r\n"
        )
    };
    assert_eq!(served.ask(&ask(&marie.key, "203.0.113.7", "/v1/people")).await.status, 200);
    let mut seen = vec![];
    for number in 0..30 {
        let heard = served.ask(&ask(&format!("clairiere_{number}"), "203.0.113.7", "/v1/people")).await;
        if heard.status == 429 {
            assert!(heard.head.to_ascii_lowercase().contains("retry-after:"), "{}", heard.head);
        }
        seen.push(heard.status);
    }
    assert_eq!(seen[..20], [401; 20]);
    assert!(seen.contains(&429), "{seen:?}");
    // Another address, a key that opened before, and pages go on.
    assert_eq!(served.ask(&ask("clairiere_x", "203.0.113.8", "/v1/people")).await.status, 401);
    assert_eq!(served.ask(&ask(&marie.key, "203.0.113.7", "/v1/people")).await.status, 200);
    assert_eq!(served.ask(&ask("clairiere_x", "203.0.113.7", "/presence/code")).await.status, 200);
}
