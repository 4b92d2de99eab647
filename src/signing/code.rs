//! Codes and tickets of a half-day, all derived from its secret: nothing is stored for one that is shown or given. Pure.
//!
//! A *scanned* code changes every 30 seconds and carries 96 keyed bits; a *typed* one changes every ten minutes, is
//! short, and counts its wrong tries. Either is exchanged for a *ticket*, which leaves the time to sign.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

/// How long a scanned code is shown; the one before is accepted too.
pub const SCANNED: TimeDelta = TimeDelta::seconds(30);
/// How long a typed code is shown; the one before is accepted too.
pub const TYPED: TimeDelta = TimeDelta::minutes(10);
/// How long a ticket from a code leaves to sign.
pub const TICKET: TimeDelta = TimeDelta::minutes(10);

/// Letters and figures that nobody confuses when they are read from a wall.
const LETTERS: &[u8] = b"ABCDEFGHJKMNPQRTUVWXYZ2346789";
/// Letters of the number that names a half-day, then letters of its code.
const PART: usize = 4;

fn keyed(secret: &str, purpose: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Which stretch of this length an instant falls in.
pub fn window(at: DateTime<Utc>, length: TimeDelta) -> i64 {
    at.timestamp().div_euclid(length.num_seconds())
}

/// Seconds until the next stretch.
pub fn seconds_left(at: DateTime<Utc>, length: TimeDelta) -> i64 {
    length.num_seconds() - at.timestamp().rem_euclid(length.num_seconds())
}

fn scanned_mac(secret: &str, slot: Uuid, window: i64) -> Hmac<Sha256> {
    keyed(secret, "scanned", &[slot.as_bytes(), &window.to_be_bytes()])
}

/// What a screen shows for phones: the half-day and its proof of the moment.
pub fn scanned(secret: &str, slot: Uuid, at: DateTime<Utc>) -> String {
    let proof = scanned_mac(secret, slot, window(at, SCANNED)).finalize().into_bytes();
    URL_SAFE_NO_PAD.encode([slot.as_bytes(), &proof[..12]].concat())
}

/// The half-day that a scanned code names, before anything is proved.
pub fn slot_of_scan(text: &str) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 28)?;
    Uuid::from_slice(&bytes[..16]).ok()
}

/// Whether a scanned code is the one of this moment, or the one before.
pub fn is_scanned(secret: &str, slot: Uuid, text: &str, at: DateTime<Utc>) -> bool {
    let Some(bytes) = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 28) else { return false };
    let now = window(at, SCANNED);
    let fits = |window| scanned_mac(secret, slot, window).verify_truncated_left(&bytes[16..]).is_ok();
    bytes[..16] == *slot.as_bytes() && (fits(now) || fits(now - 1))
}

/// Four letters from random or keyed bytes.
pub fn letters(bytes: &[u8]) -> String {
    bytes
        .chunks_exact(2)
        .take(PART)
        .map(|pair| {
            let value = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
            char::from(LETTERS[value % LETTERS.len()])
        })
        .collect()
}

fn typed_part(secret: &str, slot: Uuid, window: i64) -> String {
    letters(&keyed(secret, "typed", &[slot.as_bytes(), &window.to_be_bytes()]).finalize().into_bytes())
}

/// What a screen shows for fingers: « 4KTM-R7QA ».
pub fn typed(secret: &str, slot: Uuid, number: &str, at: DateTime<Utc>) -> String {
    format!("{number}-{}", typed_part(secret, slot, window(at, TYPED)))
}

/// A typed code taken apart: the number that names the half-day, and what proves the room. Case, blanks and dashes do
/// not matter.
pub fn read_typed(text: &str) -> Option<(String, String)> {
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    (letters.len() == 2 * PART).then(|| (letters[..PART].to_owned(), letters[PART..].to_owned()))
}

/// Whether the second part of a typed code is the one of this moment, or the one before.
pub fn is_typed(secret: &str, slot: Uuid, part: &str, at: DateTime<Utc>) -> bool {
    let now = window(at, TYPED);
    let fits = |window| {
        let right = typed_part(secret, slot, window);
        bool::from(subtle::ConstantTimeEq::ct_eq(right.as_bytes(), part.as_bytes()))
    };
    fits(now) | fits(now - 1)
}

/// The right to sign one half-day, given online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The half-day.
    pub slot: Uuid,
    /// What makes it one: whoever signs by a ticket of a code signs once.
    pub act: Uuid,
    /// The personal link for which it was given; none for a code shown in the room.
    pub link: Option<Uuid>,
    /// When it was given.
    pub given: DateTime<Utc>,
}

impl Ticket {
    fn body(&self) -> Vec<u8> {
        let link = self.link.unwrap_or_default();
        let given = self.given.timestamp().to_be_bytes();
        [self.slot.as_bytes().as_slice(), self.act.as_bytes(), link.as_bytes(), &given].concat()
    }

    /// As an address or a page carries it.
    pub fn text(&self, secret: &str) -> String {
        let body = self.body();
        let mac = keyed(secret, "ticket", &[&body]).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([body.as_slice(), &mac[..16]].concat())
    }

    /// A ticket as it reads, before anything is proved.
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 72)?;
        let id = |at: usize| Uuid::from_slice(&bytes[at..at + 16]).ok();
        let seconds = i64::from_be_bytes(bytes[48..56].try_into().ok()?);
        let given = DateTime::from_timestamp(seconds, 0)?;
        Some(Self { slot: id(0)?, act: id(16)?, link: id(32).filter(|id| !id.is_nil()), given })
    }

    /// Whether the half-day with this secret gave it.
    pub fn is_from(&self, secret: &str, text: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else { return false };
        bytes.len() == 72 && keyed(secret, "ticket", &[&self.body()]).verify_truncated_left(&bytes[56..]).is_ok()
    }

    /// When a ticket of a code has left all its time.
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.given + TICKET
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const SECRET: &str = "0f1e2d3c";

    fn nine() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 3, 8, 0, 0).single().expect("a plain instant")
    }

    #[test]
    fn a_scanned_code_lives_for_its_window_and_the_next() {
        let slot = Uuid::from_u128(7);
        let code = scanned(SECRET, slot, nine());
        assert_eq!(slot_of_scan(&code), Some(slot));
        for (seconds, good) in [(0, true), (29, true), (59, true), (60, false), (-1, false)] {
            let at = nine() + TimeDelta::seconds(seconds);
            assert_eq!(is_scanned(SECRET, slot, &code, at), good, "{seconds} s");
        }
        assert!(!is_scanned("another", slot, &code, nine()));
        assert!(!is_scanned(SECRET, Uuid::from_u128(8), &code, nine()));
        assert!(!is_scanned(SECRET, slot, "", nine()) && slot_of_scan("Zm9v").is_none());
    }

    #[test]
    fn a_typed_code_is_read_however_it_is_written() {
        let slot = Uuid::from_u128(7);
        let code = typed(SECRET, slot, "4KTM", nine());
        assert_eq!(code.len(), 9);
        let (number, part) = read_typed(&code.to_lowercase().replace('-', " ")).unwrap();
        assert_eq!(number, "4KTM");
        assert!(is_typed(SECRET, slot, &part, nine() + TimeDelta::minutes(19)));
        assert!(!is_typed(SECRET, slot, &part, nine() + TimeDelta::minutes(20)));
        assert!(!is_typed(SECRET, Uuid::from_u128(8), &part, nine()));
        assert_eq!(read_typed("4KTM"), None);
    }

    #[test]
    fn a_ticket_opens_one_half_day_and_cannot_be_made_up() {
        let ticket = Ticket { slot: Uuid::from_u128(7), act: Uuid::from_u128(9), link: None, given: nine() };
        let text = ticket.text(SECRET);
        assert_eq!(Ticket::read(&text), Some(ticket));
        assert!(ticket.is_from(SECRET, &text) && !ticket.is_from("another", &text));
        let other = Ticket { slot: Uuid::from_u128(8), ..ticket };
        assert!(!other.is_from(SECRET, &text));
        assert_eq!(Ticket::read("made up"), None);
        assert_eq!(ticket.ends_at(), nine() + TimeDelta::minutes(10));
    }
}
