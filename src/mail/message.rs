//! One mail, complete, and the bytes it becomes: the same mail is always the same bytes.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{MultiPart, SinglePart};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::number::EmailAddress;

/// Somebody, as `From` and `To` name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    pub name: Option<String>,
    pub address: EmailAddress,
}

impl Mailbox {
    pub fn new(name: impl Into<String>, address: EmailAddress) -> Self {
        Self { name: Some(name.into()), address }
    }
}

/// A file that travels with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The name people see, accents and spaces allowed.
    pub name: String,
    /// `application/pdf`, `text/calendar; charset=utf-8`…
    pub media_type: String,
    pub data: Vec<u8>,
}

/// What `Auto-Submitted` says (RFC 3834), so that absence messages do not answer machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Automatic {
    /// Written and sent by a person.
    No,
    /// Sent by a rule: convocations, reminders.
    #[default]
    Generated,
}

/// A mail ready to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Becomes the `Message-ID`: sending twice shows as one mail in the reader.
    pub id: Uuid,
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub reply_to: Option<Mailbox>,
    pub subject: String,
    pub text: String,
    /// Empty for a mail in plain text alone.
    pub html: String,
    pub date: DateTime<Utc>,
    /// The id of the first mail of the conversation.
    pub thread: Option<Uuid>,
    pub attachments: Vec<Attachment>,
    pub automatic: Automatic,
    /// Other headers, e.g. `List-Unsubscribe`.
    pub headers: Vec<(String, String)>,
}

/// Why no mail can be made of this: trying again will not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    #[error("no recipient")]
    NoRecipient,
    #[error("the address of {0} is not accepted by the mail library")]
    Address(&'static str),
    #[error("attachment {0} has an invalid media type")]
    MediaType(usize),
    #[error("header number {0} has an invalid name or value")]
    Header(usize),
    #[error("{0}")]
    Library(String),
}

/// Headers that have a field of their own and may not be given twice.
const OWN: &[&str] = &[
    "from",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "sender",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
];

impl Outgoing {
    /// `<id@host-of-from>`.
    pub fn message_id(&self) -> String {
        self.id_at_home(self.id)
    }

    fn id_at_home(&self, id: Uuid) -> String {
        format!("<{id}@{}>", self.from.address.domain())
    }

    /// The bytes of the mail, as an `.eml` file holds them.
    pub fn bytes(&self) -> Result<Vec<u8>, Unsendable> {
        Ok(self.build()?.formatted())
    }

    pub(super) fn build(&self) -> Result<lettre::Message, Unsendable> {
        if self.to.is_empty() && self.cc.is_empty() {
            return Err(Unsendable::NoRecipient);
        }
        let mut mail = lettre::Message::builder()
            .message_id(Some(self.message_id()))
            .date(SystemTime::from(self.date))
            .from(mailbox(&self.from, "the sender")?)
            .subject(one_line(&self.subject));
        for to in &self.to {
            mail = mail.to(mailbox(to, "a recipient")?);
        }
        for cc in &self.cc {
            mail = mail.cc(mailbox(cc, "a recipient in copy")?);
        }
        if let Some(reply_to) = &self.reply_to {
            mail = mail.reply_to(mailbox(reply_to, "the answers")?);
        }
        if let Some(thread) = self.thread.filter(|thread| *thread != self.id) {
            let first = self.id_at_home(thread);
            mail = mail.in_reply_to(first.clone()).references(first);
        }
        if self.automatic == Automatic::Generated {
            mail = mail.raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ));
        }
        for (i, (name, value)) in self.headers.iter().enumerate() {
            mail = mail.raw_header(header(name, value).ok_or(Unsendable::Header(i))?);
        }
        self.body(mail)
    }

    fn body(&self, mail: lettre::message::MessageBuilder) -> Result<lettre::Message, Unsendable> {
        let plain = SinglePart::plain(self.text.clone());
        let built = match (self.html.is_empty(), self.attachments.is_empty()) {
            (true, true) => mail.singlepart(plain),
            (false, true) => mail.multipart(self.alternative(plain)),
            (no_html, false) => {
                let mixed = MultiPart::mixed().boundary(self.boundary("mixed"));
                let mixed = if no_html { mixed.singlepart(plain) } else { mixed.multipart(self.alternative(plain)) };
                mail.multipart(self.attached()?.into_iter().fold(mixed, MultiPart::singlepart))
            }
        };
        built.map_err(|e| Unsendable::Library(e.to_string()))
    }

    fn alternative(&self, plain: SinglePart) -> MultiPart {
        MultiPart::alternative()
            .boundary(self.boundary("alternative"))
            .singlepart(plain)
            .singlepart(SinglePart::html(self.html.clone()))
    }

    fn attached(&self) -> Result<Vec<SinglePart>, Unsendable> {
        let parts = self.attachments.iter().enumerate().map(|(i, attachment)| {
            let Attachment { name, media_type, data } = attachment;
            let kind = ContentType::parse(media_type).map_err(|_| Unsendable::MediaType(i))?;
            Ok(lettre::message::Attachment::new(one_line(name)).body(data.clone(), kind))
        });
        parts.collect()
    }

    // Made of the id, so that the same mail is the same file.
    fn boundary(&self, part: &str) -> String {
        format!("{part}-{}", self.id.simple())
    }
}

fn mailbox(who: &Mailbox, role: &'static str) -> Result<lettre::message::Mailbox, Unsendable> {
    let address = who.address.as_str().parse().map_err(|_| Unsendable::Address(role))?;
    let name = who.name.as_deref().map(one_line).filter(|name| !name.is_empty());
    Ok(lettre::message::Mailbox::new(name, address))
}

fn header(name: &str, value: &str) -> Option<HeaderValue> {
    let free = !OWN.contains(&name.to_ascii_lowercase().as_str());
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !value.chars().any(char::is_control);
    let name = (free && plain).then(|| HeaderName::new_from_ascii(name.to_owned()).ok()).flatten()?;
    Some(HeaderValue::new(name, value.to_owned()))
}

/// Headers are one line: whatever breaks lines becomes a space.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String =
        text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub fn person(name: &str, address: &str) -> Mailbox {
        Mailbox::new(name, EmailAddress::parse(address).unwrap())
    }

    pub fn outgoing() -> Outgoing {
        Outgoing {
            id: Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_00ab_cdef),
            from: person("Coopérative des Clairières", "bonjour@formation.example.org"),
            to: vec![person("Hélène Petit", "helene@example.org")],
            cc: vec![],
            reply_to: Some(person("Paul Martin", "paul@example.org")),
            subject: "Convocation à la formation « Été »".into(),
            text: "Bonjour,\n\nà lundi !\n".into(),
            html: "<p>Bonjour,</p><p>à lundi !</p>".into(),
            date: "2026-03-02T08:30:00Z".parse().unwrap(),
            thread: None,
            attachments: vec![Attachment {
                name: "convention été.pdf".into(),
                media_type: "application/pdf".into(),
                data: vec![0, 159, 146, 150],
            }],
            automatic: Automatic::Generated,
            headers: vec![],
        }
    }

    fn seen(mail: &Outgoing) -> String {
        String::from_utf8(mail.bytes().unwrap()).unwrap()
    }

    #[test]
    fn a_mail_has_its_parts_in_order_and_encoded_names() {
        let seen = seen(&outgoing());
        let order = ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"];
        let places: Vec<_> =
            order.iter().map(|part| seen.find(part).unwrap_or_else(|| panic!("{part} in {seen}"))).collect();
        assert!(places.is_sorted(), "{seen}");
        assert!(seen.contains("Message-ID: <01920000-0000-7000-8000-000000abcdef@formation.example.org>"), "{seen}");
        assert!(seen.contains("Auto-Submitted: auto-generated"), "{seen}");
        assert!(seen.contains("Date: Mon, 02 Mar 2026 08:30:00 +0000"), "{seen}");
        assert!(seen.contains("utf-8''convention%20%C3%A9t%C3%A9.pdf"), "{seen}");
        assert!(seen.contains("Subject: Convocation =?utf-8?b?"), "{seen}");
    }

    #[test]
    fn the_same_mail_is_the_same_bytes() {
        assert_eq!(outgoing().bytes().unwrap(), outgoing().bytes().unwrap());
    }

    #[test]
    fn a_line_break_in_a_name_adds_no_header() {
        let mut mail = outgoing();
        mail.subject = "Bonjour\r\nBcc: eve@example.org".into();
        mail.to[0].name = Some("Hélène\nBcc: eve@example.org".into());
        mail.attachments[0].name = "a\r\nBcc: eve@example.org".into();
        let seen = seen(&mail);
        assert!(!seen.lines().any(|line| line.starts_with("Bcc")), "{seen}");
    }

    #[test]
    fn an_answer_names_its_conversation() {
        let mut mail = outgoing();
        mail.thread = Some(Uuid::from_u128(7));
        let seen = seen(&mail);
        assert!(seen.contains("In-Reply-To: <00000000-0000-0000-0000-000000000007@formation.example.org>"), "{seen}");
        assert!(seen.contains("References: <00000000-0000-0000-0000-000000000007@"), "{seen}");
    }

    #[test]
    fn a_plain_mail_has_one_part() {
        let mail = Outgoing { html: String::new(), attachments: vec![], automatic: Automatic::No, ..outgoing() };
        let seen = seen(&mail);
        assert!(!seen.contains("multipart") && !seen.contains("Auto-Submitted"), "{seen}");
    }

    #[test]
    fn what_cannot_be_sent_is_said_without_sending() {
        let with =
            |name: &str, value: &str| Outgoing { headers: vec![(name.into(), value.into())], ..outgoing() }.bytes();
        assert!(with("List-Unsubscribe", "<mailto:stop@example.org>").is_ok());
        assert_eq!(with("X-Sujet", "a\r\nBcc: eve@example.org"), Err(Unsendable::Header(0)));
        assert_eq!(with("Subject", "bis"), Err(Unsendable::Header(0)));
        assert_eq!(Outgoing { to: vec![], ..outgoing() }.bytes(), Err(Unsendable::NoRecipient));
        let mut odd = outgoing();
        odd.attachments[0].media_type = "pdf".into();
        assert_eq!(odd.bytes(), Err(Unsendable::MediaType(0)));
    }

    proptest! {
        #[test]
        fn the_library_accepts_every_address_that_we_accept(text in "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.-]{1,12}@[a-zA-Z0-9-]{1,8}(\\.[a-zA-Z0-9-]{1,6}){1,3}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.as_str().parse::<lettre::Address>().is_ok(), "{}", address);
            }
        }
    }
}
