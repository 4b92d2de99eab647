//! Where a mail server is, how the way to it is closed to others, and who logs in: read from `MAIL_URL`.

use lettre::transport::smtp::{
    SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT, authentication::Credentials, extension::ClientId,
};
use percent_encoding::percent_decode_str;
use url::Url;

use super::UrlError;

/// How the connection is made unreadable to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// Not at all: a relay on this machine or in this house.
    None,
    /// By STARTTLS where the server offers it.
    Opportunistic,
    /// By STARTTLS, or nothing is sent.
    Required,
    /// From its first byte.
    Wrapped,
}

/// A mail server, as the operator names it. No `Debug`: it holds a password.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub credentials: Option<Credentials>,
    /// What we say that we are.
    pub hello: ClientId,
}

impl Server {
    /// Read an address; one that would give a password away is refused.
    pub(super) fn parse(address: &str) -> Result<Self, UrlError> {
        let url = Url::parse(address).map_err(|_| UrlError::Wrong)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(UrlError::Wrong)?;
        let tls = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let (security, port) = match (url.scheme(), tls.as_deref()) {
            ("smtp", None) => (Security::None, SMTP_PORT),
            ("smtp", Some("required")) => (Security::Required, SUBMISSION_PORT),
            ("smtp", Some("opportunistic")) => (Security::Opportunistic, SUBMISSION_PORT),
            ("smtps", _) => (Security::Wrapped, SUBMISSIONS_PORT),
            _ => return Err(UrlError::Wrong),
        };
        let decoded = |text: &str| {
            percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| UrlError::Wrong)
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        // Only to this very machine may a password go in clear text.
        let readable = matches!(security, Security::None | Security::Opportunistic);
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if readable && !local && (credentials.is_some() || !url.username().is_empty()) {
            return Err(UrlError::ClearPassword);
        }
        let name = url.path().trim_matches('/');
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            security,
            credentials,
            hello: if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str) -> (String, u16, Security, bool) {
        let server = Server::parse(address).unwrap_or_else(|error| panic!("{address}: {error}"));
        (server.host, server.port, server.security, server.credentials.is_some())
    }

    #[test]
    fn an_address_says_where_and_how() {
        let host = || "mail.example.org".to_owned();
        assert_eq!(read("smtps://user:p%40ss@mail.example.org"), (host(), 465, Security::Wrapped, true));
        assert_eq!(read("smtp://u:p@mail.example.org?tls=required"), (host(), 587, Security::Required, true));
        assert_eq!(
            read("smtp://mail.example.org:2525?tls=opportunistic"),
            (host(), 2525, Security::Opportunistic, false)
        );
        assert_eq!(read("smtp://[::1]:1025"), ("::1".to_owned(), 1025, Security::None, false));
        assert_eq!(read("smtp://localhost"), ("localhost".to_owned(), 25, Security::None, false));
        let named = Server::parse("smtp://localhost/formation.example.org").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(named.hello, ClientId::Domain("formation.example.org".into()));
    }

    #[test]
    fn a_password_never_leaves_in_clear_text() {
        let refused = |url: &str| Server::parse(url).err();
        assert_eq!(refused("smtp://user:secret@mail.example.org:587"), Some(UrlError::ClearPassword));
        assert_eq!(refused("smtp://user:secret@mail.example.org?tls=opportunistic"), Some(UrlError::ClearPassword));
        assert_eq!(refused("smtp://user:secret@localhost.example.org"), Some(UrlError::ClearPassword));
        assert_eq!(refused("smtp://user@mail.example.org"), Some(UrlError::ClearPassword));
        assert_eq!(refused("smtp://user:secret@mail.example.org:587?tls=required"), None);
        assert_eq!(refused("smtps://user:secret@mail.example.org"), None);
        assert_eq!(refused("smtp://user:secret@localhost:2525"), None);
        for wrong in ["http://mail.example.org", "mail.example.org", "smtp://", "smtp://x?tls=no", "smtps://u:%ff@x"] {
            assert_eq!(refused(wrong), Some(UrlError::Wrong), "{wrong}");
        }
    }
}
