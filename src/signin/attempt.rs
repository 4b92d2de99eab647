//! A sign-in that has begun: what the browser keeps while its owner is at the provider's.
//!
//! One secret of 256 bits, in a cookie that no script reads; state, nonce and verifier are derived from it and from the
//! instant at which it began. Nothing is written before somebody comes back: whoever only knocks costs a redirection. The
//! cookie claims nothing that is believed; it proves that the browser which comes back is the one that left.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How long somebody may be at the provider's.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How many may be under way in one browser: tabs that were left open.
pub const AT_ONCE: usize = 4;
/// What tells the cookies of two tabs apart: so many characters of the state.
const TAG: usize = 12;

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    secret: [u8; 32],
    begun: i64,
}

impl Attempt {
    /// One that begins now.
    pub fn new(secret: [u8; 32], now: DateTime<Utc>) -> Self {
        Self { secret, begun: now.timestamp() }
    }

    /// What a cookie kept.
    fn read(value: &str) -> Option<Self> {
        let (begun, secret) = value.split_once('.')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?;
        Some(Self { secret: secret.try_into().ok()?, begun: begun.parse().ok()? })
    }

    /// The one that a state belongs to, among the cookies of a request, as long as it lasts.
    pub fn of_state(cookies: &str, state: &str, secure: bool, now: DateTime<Utc>) -> Option<Self> {
        let name = name_of(state, secure)?;
        let attempt = pairs(cookies).find(|(known, _)| *known == name).and_then(|(_, value)| Self::read(value))?;
        let same = bool::from(attempt.state().as_bytes().ct_eq(state.as_bytes()));
        let begun = DateTime::from_timestamp(attempt.begun, 0)?;
        let lasts = now - begun <= LIFETIME && begun - now <= TimeDelta::minutes(1);
        (same && lasts).then_some(attempt)
    }

    fn derived(&self, what: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(format!("clairiere sign-in {what} {}", self.begun).as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// What comes back in the address.
    pub fn state(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.derived("state"))
    }

    /// What comes back in the token.
    pub fn nonce(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.derived("nonce"))
    }

    /// What only this service can show when it takes the token (PKCE).
    pub fn verifier(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.derived("verifier"))
    }

    /// The digest of the verifier, which is shown first (S256).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier()))
    }

    /// The cookie that keeps it.
    pub fn cookie(&self, secure: bool) -> String {
        let name = name_of(&self.state(), secure).expect("a state of ours is long enough");
        let value = format!("{}.{}", self.begun, URL_SAFE_NO_PAD.encode(self.secret));
        format!("{name}={value}; Max-Age={}; {}", LIFETIME.num_seconds(), manner(secure))
    }
}

fn prefix(secure: bool) -> &'static str {
    // A browser takes `__Host-` only from this very host, over https.
    if secure { "__Host-connexion-" } else { "connexion-" }
}

fn manner(secure: bool) -> &'static str {
    if secure { "Path=/; HttpOnly; SameSite=Lax; Secure" } else { "Path=/; HttpOnly; SameSite=Lax" }
}

fn name_of(state: &str, secure: bool) -> Option<String> {
    let plain = state.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    (plain && state.len() >= TAG).then(|| format!("{}{}", prefix(secure), &state[..TAG]))
}

fn pairs(cookies: &str) -> impl Iterator<Item = (&str, &str)> {
    cookies.split(';').filter_map(|pair| pair.trim().split_once('='))
}

/// The cookie that makes a browser forget the sign-in of a state.
pub fn forget(state: &str, secure: bool) -> Option<String> {
    name_of(state, secure).map(|name| forgotten(&name, secure))
}

fn forgotten(name: &str, secure: bool) -> String {
    format!("{name}=; Max-Age=0; {}", manner(secure))
}

/// Cookies that make a browser forget the oldest sign-ins under way, so that one more fits.
pub fn make_room(cookies: &str, secure: bool) -> Vec<String> {
    let ours = pairs(cookies).filter(|(name, _)| name.starts_with(prefix(secure)) && is_plain(name));
    let mut known: Vec<(i64, &str)> =
        ours.map(|(name, value)| (Attempt::read(value).map_or(0, |attempt| attempt.begun), name)).collect();
    known.sort_unstable();
    let over = (known.len() + 1).saturating_sub(AT_ONCE);
    known.into_iter().take(over).map(|(_, name)| forgotten(name, secure)).collect()
}

fn is_plain(name: &str) -> bool {
    name.len() < 60 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn attempt() -> Attempt {
        Attempt::new([7; 32], now())
    }

    fn header(attempt: &Attempt, secure: bool) -> String {
        format!("autre=1; {}", attempt.cookie(secure).split(';').next().unwrap())
    }

    #[test]
    fn whoever_comes_back_is_who_left() {
        for secure in [true, false] {
            let (one, other) = (attempt(), Attempt::new([8; 32], now()));
            let cookies = header(&one, secure);
            assert_eq!(Attempt::of_state(&cookies, &one.state(), secure, now()), Some(one.clone()));
            assert_eq!(Attempt::of_state(&cookies, &other.state(), secure, now()), None);
            assert_eq!(Attempt::of_state("", &one.state(), secure, now()), None);
            // The name fits, the state does not.
            let mut near = one.state();
            near.replace_range(20..21, if &near[20..21] == "A" { "B" } else { "A" });
            assert_eq!(Attempt::of_state(&cookies, &near, secure, now()), None);
            for state in ["", "court", "é".repeat(20).as_str(), "a;b=c                     "] {
                assert_eq!(Attempt::of_state(&cookies, state, secure, now()), None);
            }
        }
    }

    #[test]
    fn it_lasts_ten_minutes_and_its_instant_cannot_be_moved() {
        let one = attempt();
        let cookies = header(&one, true);
        assert!(Attempt::of_state(&cookies, &one.state(), true, now() + LIFETIME).is_some());
        assert!(Attempt::of_state(&cookies, &one.state(), true, now() + LIFETIME + TimeDelta::seconds(1)).is_none());
        let moved = cookies.replace("1800000000", "1800000400");
        assert!(Attempt::of_state(&moved, &one.state(), true, now() + TimeDelta::minutes(12)).is_none());
    }

    #[test]
    fn what_is_derived_is_long_and_differs() {
        let one = attempt();
        let all = [one.state(), one.nonce(), one.verifier(), one.challenge()];
        for (at, text) in all.iter().enumerate() {
            assert_eq!(text.len(), 43);
            assert!(!all[at + 1..].contains(text));
        }
        assert!(
            one.cookie(true).starts_with("__Host-connexion-") && one.cookie(true).ends_with("SameSite=Lax; Secure")
        );
        assert!(!one.cookie(false).contains("Secure") && one.cookie(false).contains("HttpOnly"));
    }

    #[test]
    fn a_browser_keeps_four_at_most() {
        let mut cookies = "autre=1".to_owned();
        for number in 0..AT_ONCE as u8 {
            assert_eq!(make_room(&cookies, true), Vec::<String>::new());
            let one = Attempt::new([number; 32], now() + TimeDelta::seconds(i64::from(number)));
            cookies = format!("{}; {cookies}", header(&one, true));
        }
        let oldest = Attempt::new([0; 32], now()).state();
        assert_eq!(make_room(&cookies, true), [forget(&oldest, true).unwrap()]);
    }
}
