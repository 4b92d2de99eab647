//! A store that speaks S3, in the test itself: it keeps objects, asks for a signature, and fails when it is told to.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use poem::{
    Body, Endpoint, EndpointExt, Request, Response, Server,
    endpoint::make,
    http::{Method, StatusCode},
    listener::{Acceptor, TcpAcceptor},
};
use tokio::net::TcpListener;

/// What the store holds and how it feels.
#[derive(Default)]
pub struct Store {
    /// Objects by their path, bucket included.
    pub objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Whether it answers that it is too busy.
    pub down: AtomicBool,
    /// How it says that it takes no more, when it does.
    pub full: Mutex<Option<(StatusCode, &'static str)>>,
}

/// A store, and the address of a place of its own in it.
pub struct S3 {
    /// The store, when it is the one of this test: `TEST_S3_URL` names another one.
    pub store: Option<Arc<Store>>,
    base: String,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl S3 {
    /// The store that `TEST_S3_URL` names, or one that lives as long as the test.
    pub async fn start() -> Self {
        match std::env::var("TEST_S3_URL") {
            Ok(base) => Self { store: None, base },
            Err(_) => Self::own().await,
        }
    }

    /// One that lives as long as the test, and does what the test wants.
    pub async fn own() -> Self {
        let store = Arc::new(Store::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        let address = acceptor.local_addr().remove(0).to_string();
        let address = address.trim_start_matches("socket://").trim_start_matches("http://").to_owned();
        let shared = store.clone();
        let endpoint = make(move |request| {
            let store = shared.clone();
            async move { Ok::<_, poem::Error>(store.answer(request).await) }
        });
        tokio::spawn(serve(acceptor, endpoint.boxed()));
        Self { store: Some(store), base: format!("s3+http://test:se%2Fcret@{address}/clairiere") }
    }

    /// An address where nobody else writes.
    pub fn place(&self) -> String {
        format!("{}/{}-{}", self.base, std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
    }
}

async fn serve(acceptor: TcpAcceptor, endpoint: impl Endpoint + 'static) {
    Server::new_with_acceptor(acceptor).run(endpoint).await.ok();
}

fn answer(status: StatusCode) -> poem::ResponseBuilder {
    Response::builder().status(status)
}

impl Store {
    async fn answer(&self, mut request: Request) -> Response {
        if self.down.load(Ordering::SeqCst) {
            return answer(StatusCode::SERVICE_UNAVAILABLE).body("<Error><Code>SlowDown</Code></Error>");
        }
        let signed = request.header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 "));
        if !signed {
            return answer(StatusCode::FORBIDDEN).body("<Error><Code>AccessDenied</Code></Error>");
        }
        let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default().to_owned());
        let body = request.take_body().into_vec().await.unwrap();
        let mut objects = self.objects.lock().unwrap();
        match *request.method() {
            Method::PUT => {
                if let Some((status, said)) = *self.full.lock().unwrap() {
                    return answer(status).body(said);
                }
                objects.insert(path, body);
                answer(StatusCode::OK).header("ETag", "\"e\"").finish()
            }
            Method::DELETE => {
                objects.remove(&path);
                answer(StatusCode::NO_CONTENT).finish()
            }
            _ if query.contains("list-type=2") => list(&objects, &path, &query),
            _ => match objects.get(&path) {
                Some(bytes) => answer(StatusCode::OK)
                    .header("ETag", "\"e\"")
                    .header("Last-Modified", "Mon, 02 Mar 2026 08:00:00 GMT")
                    .header("Content-Length", bytes.len())
                    .body(if request.method() == Method::HEAD { Body::empty() } else { Body::from(bytes.clone()) }),
                None => answer(StatusCode::NOT_FOUND).body("<Error><Code>NoSuchKey</Code></Error>"),
            },
        }
    }
}

fn list(objects: &BTreeMap<String, Vec<u8>>, bucket: &str, query: &str) -> Response {
    let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).unwrap_or_default().replace("%2F", "/");
    let bucket = format!("{}/", bucket.trim_end_matches('/'));
    let rows: Vec<String> = objects
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(&bucket)?, bytes.len())))
        .filter(|(key, _)| key.starts_with(&prefix))
        .map(|(key, size)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-03-02T08:00:00.000Z</LastModified><ETag>\"e\"</ETag><Size>{size}</Size></Contents>"
            )
        })
        .collect();
    let rows = rows.concat();
    let page = format!("<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>");
    answer(StatusCode::OK).content_type("application/xml").body(page)
}
