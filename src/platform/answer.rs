//! How operations answer: found, made, done; each with the headers that the contract promises.

use poem::{IntoResponse, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    payload::Payload,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A resource that counts its changes.
pub trait Versioned {
    /// Its version: the ETag.
    fn version(&self) -> i64;
}

fn header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}

fn json<T: Type>(status: u16, description: &'static str, headers: Vec<MetaHeader>) -> MetaResponses {
    let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
    let response = MetaResponse { description, status: Some(status), status_range: None, content, headers };
    MetaResponses { responses: vec![response] }
}

fn etag() -> MetaHeader {
    header("ETag", "The version of the resource, to send back as `If-Match` with a change.")
}

/// 200 with the resource and its version.
#[derive(Debug)]
pub struct Found<T>(pub T);

impl<T: ToJSON + Versioned> IntoResponse for Found<T> {
    fn into_response(self) -> Response {
        let etag = format!("\"{}\"", self.0.version());
        Response::builder().content_type("application/json").header("ETag", etag).body(self.0.to_json_string())
    }
}

impl<T: ToJSON + Versioned> ApiResponse for Found<T> {
    fn meta() -> MetaResponses {
        json::<T>(200, "The resource as it is", vec![etag()])
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 201 with the new resource, its place and its version.
#[derive(Debug)]
pub struct Made<T>(pub String, pub T);

impl<T: ToJSON + Versioned> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        let etag = format!("\"{}\"", self.1.version());
        Response::builder()
            .status(StatusCode::CREATED)
            .content_type("application/json")
            .header("Location", self.0)
            .header("ETag", etag)
            .body(self.1.to_json_string())
    }
}

impl<T: ToJSON + Versioned> ApiResponse for Made<T> {
    fn meta() -> MetaResponses {
        json::<T>(201, "The resource that was made", vec![header("Location", "Where the resource is."), etag()])
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 200 or 201: the resource that was changed or made, whichever it was.
#[derive(Debug)]
pub enum Upserted<T> {
    /// It existed.
    Changed(T),
    /// It did not.
    Made(String, T),
}

impl<T: ToJSON + Versioned> IntoResponse for Upserted<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Changed(resource) => Found(resource).into_response(),
            Self::Made(location, resource) => Made(location, resource).into_response(),
        }
    }
}

impl<T: ToJSON + Versioned> ApiResponse for Upserted<T> {
    fn meta() -> MetaResponses {
        let mut responses = Found::<T>::meta();
        responses.responses.extend(Made::<T>::meta().responses);
        responses
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 200 with a computed view, which has no version of its own.
#[derive(Debug)]
pub struct View<T>(pub T);

impl<T: ToJSON> IntoResponse for View<T> {
    fn into_response(self) -> Response {
        Response::builder().content_type("application/json").body(self.0.to_json_string())
    }
}

impl<T: ToJSON> ApiResponse for View<T> {
    fn meta() -> MetaResponses {
        json::<T>(200, "What was computed", vec![])
    }
    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// 204: done, nothing to show.
#[derive(Debug)]
pub struct Gone;

impl IntoResponse for Gone {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl ApiResponse for Gone {
    fn meta() -> MetaResponses {
        let response = MetaResponse {
            description: "Done; there is nothing to show",
            status: Some(204),
            status_range: None,
            content: vec![],
            headers: vec![],
        };
        MetaResponses { responses: vec![response] }
    }
    fn register(_: &mut Registry) {}
}

/// 200 with a file: its media type, a readable name, an ETag that is its hash.
#[derive(Debug)]
pub struct File {
    /// What it is.
    pub media_type: String,
    /// The name to save it under, accents allowed.
    pub name: String,
    /// Its hash.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How a browser is to treat a file, and the name to save it under (RFC 6266): the whole name for those who read
/// `filename*` (RFC 8187), its letters without accents for the others.
pub fn disposition(kind: &str, name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' };
    let ascii: String = name.nfd().filter(|c| !is_combining_mark(*c)).map(plain).collect();
    let encoded = name.nfc().collect::<String>().bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    });
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(&self.media_type)
            .header("ETag", format!("\"{}\"", self.sha256))
            .header("Content-Disposition", disposition("attachment", &self.name))
            .header("X-Content-Type-Options", "nosniff")
            .header("Accept-Ranges", "bytes")
            .body(self.bytes)
    }
}

/// A PDF, for the contract.
pub struct Pdf(pub File);

impl IntoResponse for Pdf {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

struct PdfBytes;
impl Payload for PdfBytes {
    const CONTENT_TYPE: &'static str = "application/pdf";
    fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
        poem_openapi::payload::Binary::<Vec<u8>>::schema_ref()
    }
}

fn binary(content_types: &[&'static str]) -> MetaResponses {
    let response = MetaResponse {
        description: "The file",
        status: Some(200),
        status_range: None,
        content: content_types
            .iter()
            .map(|&content_type| MetaMediaType { content_type, schema: PdfBytes::schema_ref() })
            .collect(),
        headers: vec![
            header("ETag", "The hash of the file."),
            header("Content-Disposition", "A readable name for the file, accents included (RFC 6266)."),
            header("Accept-Ranges", "`bytes`: a part may be asked for."),
        ],
    };
    MetaResponses { responses: vec![response] }
}

impl ApiResponse for Pdf {
    fn meta() -> MetaResponses {
        binary(&[PdfBytes::CONTENT_TYPE])
    }
    fn register(_: &mut Registry) {}
}

impl ApiResponse for File {
    fn meta() -> MetaResponses {
        binary(&["application/pdf", "image/png", "image/jpeg", "text/plain"])
    }
    fn register(_: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_whole_and_without_accents_and_ends_no_header() {
        assert_eq!(
            disposition("attachment", "Convention signée « n° 1 ».pdf"),
            "attachment; filename=\"Convention_signee___n__1__.pdf\"; \
             filename*=UTF-8''Convention%20sign%C3%A9e%20%C2%AB%20n%C2%B0%201%20%C2%BB.pdf"
        );
        let nasty = disposition("inline", "a\"; filename=b.exe\r\nX: y%2e.pdf");
        assert_eq!(nasty.matches('"').count(), 2);
        assert!(!nasty.contains(['\r', '\n']) && nasty.is_ascii(), "{nasty}");
        assert!(nasty.starts_with("inline; filename=\"a___filename_b.exe__X__y_2e.pdf\""), "{nasty}");
    }
}
