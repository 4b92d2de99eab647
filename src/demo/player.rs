//! Somebody of the story: they call the public API with their key, and nothing else.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use poem::{
    Endpoint, Request, Response,
    endpoint::BoxEndpoint,
    http::{Method, StatusCode},
};
use serde_json::Value;

use crate::platform::error::{Error, Result};

/// Somebody with a key; their calls are counted.
#[derive(Clone)]
pub struct Player {
    /// Their name.
    pub name: String,
    /// Their key.
    pub key: String,
    route: Arc<BoxEndpoint<'static, Response>>,
    calls: Arc<AtomicUsize>,
}

impl Player {
    /// Somebody who calls this route.
    pub fn new(name: &str, key: String, route: Arc<BoxEndpoint<'static, Response>>) -> Self {
        Self { name: name.to_owned(), key, route, calls: Arc::default() }
    }

    /// How many calls they made since the last time this was asked.
    pub fn take_calls(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    /// Read.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// Make, or do.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Write a whole.
    pub async fn put(&self, path: &str, body: Value) -> Result<Value> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Change the version that is there now.
    pub async fn patch(&self, path: &str, body: Value) -> Result<Value> {
        let version = self.get(path).await?["version"].as_i64().unwrap_or(1);
        let request = self.request(Method::PATCH, path).header("If-Match", format!("\"{version}\""));
        let bytes = self.send(request.content_type("application/json").body(body.to_string())).await?;
        read(&bytes)
    }

    /// Send a file, as a form does.
    pub async fn upload(&self, path: &str, fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> Result<Value> {
        const BOUNDARY: &str = "clairiere-demo-boundary";
        let mut body = vec![];
        for (field, value) in fields {
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
                 Content-Type: application/pdf\r\n\r\n"
            )
            .bytes(),
        );
        body.extend(bytes);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let request = self.request(Method::POST, path);
        let bytes =
            self.send(request.content_type(&format!("multipart/form-data; boundary={BOUNDARY}")).body(body)).await?;
        read(&bytes)
    }

    /// Read bytes.
    pub async fn download(&self, path: &str) -> Result<Vec<u8>> {
        self.send(self.request(Method::GET, path).finish()).await
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.content_type("application/json").body(body.to_string()),
            None => request.finish(),
        };
        read(&self.send(request).await?)
    }

    fn request(&self, method: Method, path: &str) -> poem::RequestBuilder {
        Request::builder().method(method).uri_str(path).header("Authorization", format!("Bearer {}", self.key))
    }

    async fn send(&self, request: Request) -> Result<Vec<u8>> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let asked = format!("{} {} {}", self.name, request.method(), request.uri().path());
        let response = match self.route.call(request).await {
            Ok(response) => response,
            Err(failure) => failure.into_response(),
        };
        let status = response.status();
        let bytes = response.into_body().into_vec().await.map_err(Error::internal)?;
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(bytes);
        }
        Err(Error::Internal(format!("{asked}: {status} {}", String::from_utf8_lossy(&bytes))))
    }
}

fn read(bytes: &[u8]) -> Result<Value> {
    if bytes.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(bytes)?) }
}

/// The identifier of an answer.
pub fn id(answer: &Value) -> &str {
    answer["id"].as_str().unwrap_or_default()
}
