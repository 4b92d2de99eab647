//! Calls that leave to another service: the HTTP client and the TLS that the rest of the program uses already (hyper, rustls
//! on ring, Mozilla's roots). An address is never followed elsewhere, an answer is small and soon there, or given up.

use std::{io::Cursor, time::Duration};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector as Tcp},
    rt::{TokioExecutor, TokioTimer},
};
use poem::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};

/// A connection that is not made within this is given up.
const CONNECT: Duration = Duration::from_secs(5);
/// A call that is not answered whole within this is given up.
const TIMEOUT: Duration = Duration::from_secs(10);
/// An answer, at most.
const LIMIT: usize = 256 * 1024;

/// Makes calls.
#[derive(Debug, Clone)]
pub struct Outgoing(Client<HttpsConnector<Tcp>, Full<Cursor<Vec<u8>>>>);

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Default for Outgoing {
    fn default() -> Self {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT));
        let tls = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(2)
            .pool_timer(TokioTimer::new())
            .build(tls);
        Self(client)
    }
}

impl Outgoing {
    /// Read what stands at an address, with this `Authorization` if any.
    pub async fn get(&self, address: &str, authorization: Option<&str>) -> Result<Answered, String> {
        self.call(Method::GET, address, authorization, None).await
    }

    /// Send a form.
    pub async fn post_form(
        &self,
        address: &str,
        authorization: Option<&str>,
        form: String,
    ) -> Result<Answered, String> {
        self.call(Method::POST, address, authorization, Some(form)).await
    }

    async fn call(
        &self,
        method: Method,
        address: &str,
        authorization: Option<&str>,
        form: Option<String>,
    ) -> Result<Answered, String> {
        let mut request = Request::builder().method(method).uri(address).header(header::ACCEPT, "application/json");
        request = request.header(header::USER_AGENT, "clairiere");
        if let Some(value) = authorization {
            let mut value = HeaderValue::from_str(value).map_err(|_| "a header in other characters".to_owned())?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Full::new(Cursor::new(form.unwrap_or_default().into_bytes()));
        let request = request.body(body).map_err(|error| error.to_string())?;
        let whole = async {
            let answer = self.0.request(request).await.map_err(|error| told(&error))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, LIMIT).collect().await.map_err(|error| told(&*error))?;
            Ok(Answered { status: parts.status, headers: parts.headers, body: body.to_bytes().to_vec() })
        };
        tokio::time::timeout(TIMEOUT, whole).await.map_err(|_| "no answer in time".to_owned())?
    }
}

impl Answered {
    /// The body as JSON, whatever its status.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        // The parser's own words would repeat what was answered, and secrets are answered here.
        serde_json::from_slice(&self.body)
            .map_err(|_| format!("status {}, not the JSON that was expected", self.status))
    }
}

/// An error with what caused it: hyper's own sentence says little.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
