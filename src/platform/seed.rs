//! What the links and the code of a mail are made from: random, kept while the mail tries to leave, forgotten once it has.
//!
//! A mail whose answer was lost leaves twice. Made from the same seed, its links and its code are the same, and the copy that
//! a mailbox keeps is good whichever it is. A secret for all mails would do as well, but whoever read it once would open
//! every link for ever.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{
    error::{Error, Result},
    tx::Tx,
};

/// 256 random bits. No `Debug`: it opens what its mail opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// A new one.
    pub fn new(tx: &Tx<'_>) -> Self {
        let mut bytes = [0; 32];
        tx.secret(&mut bytes);
        Self(bytes)
    }

    /// As a row keeps it.
    pub fn kept(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The one that a row keeps.
    pub fn of(kept: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(kept).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| Error::internal("a seed that is none"))
    }

    fn makes(&self, what: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(what.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The token of that name: 192 bits, in characters that addresses take as they are.
    pub fn token(&self, name: &str) -> String {
        URL_SAFE_NO_PAD.encode(&self.makes(&format!("token|{name}"))[..24])
    }

    /// The code of that name: six digits.
    pub fn digits(&self, name: &str) -> String {
        let made = self.makes(&format!("digits|{name}"));
        // 64 bits on a million: the difference between digits is beyond measure.
        let number = made[..8].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % 1_000_000;
        format!("{number:06}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_each_time_and_another_makes_another() {
        let (one, other) = (Seed([7; 32]), Seed([8; 32]));
        assert_eq!(one.token("a"), Seed::of(&one.kept()).unwrap_or_else(|_| panic!("kept")).token("a"));
        assert_eq!(one.token("a").len(), 32);
        let tokens = [one.token("a"), one.token("b"), other.token("a")];
        assert!(tokens[0] != tokens[1] && tokens[0] != tokens[2] && tokens[1] != tokens[2], "{tokens:?}");
        assert!(one.digits("a").len() == 6 && one.digits("a").bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(one.digits("a"), one.digits("a"));
        assert!(Seed::of("").is_err() && Seed::of("é").is_err() && Seed::of("AAAA").is_err());
    }

    #[test]
    fn digits_are_spread_over_their_million() {
        let seed = Seed([7; 32]);
        let all: std::collections::HashSet<String> = (0..1_000).map(|n| seed.digits(&n.to_string())).collect();
        assert!(all.len() > 995, "{}", all.len());
        let firsts: std::collections::HashSet<u8> = all.iter().map(|code| code.as_bytes()[0]).collect();
        assert_eq!(firsts.len(), 10);
    }
}
