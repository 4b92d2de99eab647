//! A part of a file, for whoever was cut off in the middle or reads only its end (RFC 9110, section 14).

use std::ops::Range;

use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};

use super::error::{Language, Problem};

/// What a `Range` header asks of a file of this length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The whole: no range, several of them, or one that cannot be read.
    Whole,
    /// These bytes.
    Part(Range<usize>),
    /// Bytes that are not there.
    Nothing,
}

/// Read a `Range` header: `bytes=0-499`, `bytes=500-`, `bytes=-500`.
///
/// Several ranges in one request are answered by the whole, which the standard allows: nobody needs them for a paper.
pub fn asked(header: Option<&str>, length: usize) -> Asked {
    let Some(spec) = header.and_then(|value| value.trim().strip_prefix("bytes=")) else { return Asked::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Asked::Whole };
    let (first, last) = (first.trim(), last.trim());
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return Asked::Whole;
    }
    // A number that does not fit is larger than any file.
    let number = |text: &str| text.parse::<usize>().unwrap_or(usize::MAX);
    match (first.is_empty(), last.is_empty()) {
        (true, true) => Asked::Whole,
        (true, false) => match number(last).min(length) {
            0 => Asked::Nothing,
            tail => Asked::Part(length - tail..length),
        },
        (false, _) if number(first) >= length => Asked::Nothing,
        (false, true) => Asked::Part(number(first)..length),
        (false, false) if number(last) < number(first) => Asked::Whole,
        (false, false) => Asked::Part(number(first)..number(last).saturating_add(1).min(length)),
    }
}

/// Whether the file is still the one of which the caller has a part: `If-Range` is absent, or names its strong ETag.
fn still_the_same(if_range: Option<&str>, etag: &str) -> bool {
    if_range.is_none_or(|tag| tag.trim() == etag)
}

/// Cut a whole answer that says `Accept-Ranges: bytes` to the part that was asked for.
pub async fn cut(mut response: Response, range: Option<&str>, if_range: Option<&str>, language: Language) -> Response {
    let accepts = response.headers().get(header::ACCEPT_RANGES).is_some_and(|value| value == "bytes");
    if !accepts || range.is_none() {
        return response;
    }
    let etag = response.headers().get(header::ETAG).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !still_the_same(if_range, etag) {
        return response;
    }
    let Ok(bytes) = response.take_body().into_bytes().await else { return response };
    let length = bytes.len();
    match asked(range, length) {
        Asked::Whole => response.set_body(bytes),
        Asked::Part(part) => {
            let said = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            response.set_status(StatusCode::PARTIAL_CONTENT);
            content_range(&mut response, &said);
            response.set_body(bytes.slice(part));
        }
        Asked::Nothing => {
            let detail = match language {
                Language::French => {
                    format!("Le fichier fait {length} octets : la partie demandée commence après sa fin.")
                }
                Language::English => format!("The file has {length} bytes: the part asked for begins after its end."),
            };
            response = Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, "range", detail).respond();
            content_range(&mut response, &format!("bytes */{length}"));
        }
    }
    response
}

fn content_range(response: &mut Response, said: &str) {
    if let Ok(value) = HeaderValue::from_str(said) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_part_is_cut_at_the_end_of_the_file() {
        for (header, expected) in [
            ("bytes=0-499", Asked::Part(0..500)),
            ("bytes=500-", Asked::Part(500..1_000)),
            ("bytes=-300", Asked::Part(700..1_000)),
            ("bytes=-5000", Asked::Part(0..1_000)),
            ("bytes=999-99999999999999999999999", Asked::Part(999..1_000)),
            ("bytes=1000-", Asked::Nothing),
            ("bytes=99999999999999999999999-", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
        ] {
            assert_eq!(asked(Some(header), 1_000), expected, "{header}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_the_whole() {
        for header in ["bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=0-1,5-6", "octets=0-1", "bytes=+1-2", ""] {
            assert_eq!(asked(Some(header), 1_000), Asked::Whole, "{header}");
        }
        assert_eq!(asked(None, 1_000), Asked::Whole);
    }

    proptest! {
        #[test]
        fn a_part_is_never_empty_and_never_leaves_the_file(header in "bytes=[0-9]{0,4}-[0-9]{0,4}", length in 0..2_000_usize) {
            if let Asked::Part(part) = asked(Some(&header), length) {
                prop_assert!(part.start < part.end && part.end <= length);
            }
        }
    }
}
