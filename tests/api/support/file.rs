//! Files, sent as forms.

use poem::{Request, http::Method};

use super::{Answer, Caller};

impl Caller {
    /// Send a file; its activity is said when the key reaches several.
    pub async fn upload(&self, name: &str, purpose: &str, bytes: &[u8], activity: Option<&str>) -> Answer {
        let mut body = vec![];
        let mut field = |name: &str, value: &str| {
            body.extend(
                format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes(),
            );
        };
        field("purpose", purpose);
        if let Some(activity) = activity {
            field("activity_id", activity);
        }
        body.extend(
            format!("--limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n").into_bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n--limit--\r\n");
        let request = Request::builder()
            .method(Method::POST)
            .uri_str("/v1/files")
            .header("Authorization", format!("Bearer {}", self.key))
            .content_type("multipart/form-data; boundary=limit")
            .body(body);
        self.send(request, "POST /v1/files".into()).await
    }
}
