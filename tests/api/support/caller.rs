//! Somebody who calls the API, and what they are answered.

use std::sync::Arc;

use poem::{Endpoint, Request, Response, endpoint::BoxEndpoint, http::Method};
use serde_json::Value;
use uuid::Uuid;

/// Somebody with a key.
#[derive(Clone)]
pub struct Caller {
    pub key: String,
    pub user: Uuid,
    pub route: Arc<BoxEndpoint<'static, Response>>,
    /// The database lasts as long as somebody may call.
    #[expect(dead_code, reason = "held, never read")]
    pub home: Arc<super::database::Database>,
}

/// What the API answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: poem::http::HeaderMap,
    pub bytes: Vec<u8>,
    asked: String,
}

impl Caller {
    /// Read.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, &[]).await
    }

    /// Make, or do.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body), &[]).await
    }

    /// Replace or make.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body), &[]).await
    }

    /// Change, as the version that is there now.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        let read = self.get(path).await;
        let etag = read.header("etag").unwrap_or("\"1\"").to_owned();
        self.call(Method::PATCH, path, Some(body), &[("If-Match", &etag)]).await
    }

    /// Take away.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None, &[]).await
    }

    /// Any request.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let asked = format!("{method} {path}");
        let mut builder = Request::builder().method(method).uri_str(path);
        if !self.key.is_empty() {
            builder = builder.header("Authorization", format!("Bearer {}", self.key));
        }
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let request = match body {
            Some(body) => builder.content_type("application/json").body(body.to_string()),
            None => builder.finish(),
        };
        self.send(request, asked).await
    }

    /// Begin to read: the body comes as long as it is read.
    pub async fn open(&self, path: &str) -> Response {
        let request = Request::builder().uri_str(path).header("Authorization", format!("Bearer {}", self.key)).finish();
        self.route.call(request).await.unwrap_or_else(poem::Error::into_response)
    }

    /// A request that is not JSON.
    pub async fn send(&self, request: Request, asked: String) -> Answer {
        let response = self.route.call(request).await.unwrap_or_else(poem::Error::into_response);
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.into_body().into_vec().await.unwrap();
        Answer { status, headers, bytes, asked }
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// It went well: the body.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {} {}",
            self.asked,
            self.status,
            String::from_utf8_lossy(&self.bytes)
        );
        self.json()
    }

    /// It answered this status: the body.
    #[track_caller]
    pub fn status(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// A rule said no, under this code: the problem.
    #[track_caller]
    pub fn refused(self, code: &str) -> Value {
        let problem = self.status(409);
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    /// The service could not, for this reason, and may be asked again: the problem.
    #[track_caller]
    pub fn unable(self, code: &str) -> Value {
        let problem = self.status(503);
        assert_eq!(problem["code"], code, "{problem}");
        problem
    }

    /// The request broke rules at this place: the problem.
    #[track_caller]
    pub fn invalid(self, pointer: &str) -> Value {
        let problem = self.status(422);
        let places: Vec<&str> =
            problem["errors"].as_array().into_iter().flatten().filter_map(|e| e["pointer"].as_str()).collect();
        assert!(places.contains(&pointer), "{pointer} is not among {places:?}");
        problem
    }
}
