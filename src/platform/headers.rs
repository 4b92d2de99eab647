//! Headers that every answer carries, whoever made it: what a browser may do with it, and that it comes back over TLS.

use base64::{Engine, engine::general_purpose::STANDARD};
use poem::http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

use crate::config::Settings;

/// What no page is made of: data, files, styles and scripts load nothing and stand in no frame.
const DATA_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What no page of ours asks of a device.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
/// A year, for the name in `PUBLIC_URL` and what is below it.
const TRANSPORT: &str = "max-age=31536000; includeSubDomains";

/// Headers of every answer; a page that brought a policy of its own keeps it.
pub fn protect(headers: &mut HeaderMap, settings: &Settings) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, DATA_POLICY),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if settings.public_url.as_deref().is_some_and(|url| url.starts_with("https://")) {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TRANSPORT));
    }
}

/// The policy of a page that carries its scripts and styles inside: those very ones, by their hashes, what it names of this
/// origin, and calls to this service.
pub fn policy_of(html: &str) -> String {
    let (scripts, styles) = (hashes(html, "script"), hashes(html, "style"));
    format!(
        "default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// What stands between the tags of this name, each by its hash; one that names a file is of this origin.
fn hashes(html: &str, tag: &str) -> String {
    let (open, close) = (format!("<{tag}"), format!("</{tag}"));
    let mut found = vec![];
    let mut rest = html;
    while let Some((_, after)) = rest.split_once(&open) {
        let Some((attributes, inside)) = after.split_once('>') else { break };
        let Some((content, after)) = inside.split_once(&close) else { break };
        let source = if attributes.contains(" src=") {
            "'self'".to_owned()
        } else {
            format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content)))
        };
        if !found.contains(&source) {
            found.push(source);
        }
        rest = after;
    }
    if found.is_empty() { "'none'".into() } else { found.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_carries_is_allowed_by_its_hash_and_nothing_else() {
        let policy = policy_of("<style a=\"b\">p{}</style><script>let a = '<style>';</script><script>b()</script>");
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
        let (one, two) = (hash("let a = '<style>';"), hash("b()"));
        assert!(policy.contains(&format!("script-src 'sha256-{one}' 'sha256-{two}';")), "{policy}");
        assert!(policy.contains(&format!("style-src 'sha256-{}'", hash("p{}"))), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        let named = policy_of("<script>b()</script><script src=\"/assets/a.js\"></script>");
        assert!(named.contains(&format!("script-src 'sha256-{two}' 'self';")), "{named}");
        assert!(policy_of("<p>").contains("script-src 'none'; style-src 'none';"));
    }

    #[test]
    fn only_a_service_that_people_reach_over_tls_asks_to_be_reached_so_again() {
        let of = |public: Option<&str>| {
            let mut headers = HeaderMap::new();
            protect(&mut headers, &Settings { public_url: public.map(Into::into), ..Settings::default() });
            headers.get(header::STRICT_TRANSPORT_SECURITY).map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(of(Some("https://formation.example.org")).as_deref(), Some(TRANSPORT));
        assert_eq!((of(None), of(Some("http://127.0.0.1:8080"))), (None, None));
    }

    #[test]
    fn a_page_keeps_the_policy_that_it_brought() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
        protect(&mut headers, &Settings::default());
        assert_eq!(headers.get_all(header::CONTENT_SECURITY_POLICY).iter().count(), 1);
        assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "frame-ancestors 'none'");
    }
}
