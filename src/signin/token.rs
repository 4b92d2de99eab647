//! The identity token: read, and believed only once everything about it was checked. Pure: keys, time and what was asked
//! are given.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::key::{Algorithm, KeySet, Unsigned};

/// How far apart two clocks may be.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// A token is used as soon as it is given: one that was made before is another sign-in's.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// A token, at most.
const LONGEST: usize = 64 * 1024;

/// What a token must fit.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// Who makes tokens.
    pub issuer: &'a str,
    /// For whom.
    pub client_id: &'a str,
    /// Who else a token may be for.
    pub audiences: &'a [String],
    /// What this sign-in alone knows.
    pub nonce: &'a str,
    /// The access token that came with it.
    pub access_token: Option<&'a str>,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// Why a token is not believed; a word for the log, never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unbelieved {
    /// It is no token in three parts.
    Form,
    /// Its header asks for something else than an identity token.
    Header,
    /// It is signed in no way that is accepted, or not at all.
    Algorithm,
    /// Nobody knows its key: the keys may be read again.
    UnknownKey,
    /// No published key could have signed it.
    NoKey,
    /// Its signature is another's.
    Signature,
    /// Somebody else made it.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// It was asked for by somebody else.
    AuthorizedParty,
    /// It ended, or does not end.
    Expired,
    /// It was made too long ago, or in time to come.
    IssuedAt,
    /// It answers another sign-in.
    Nonce,
    /// It came with another access token.
    AccessToken,
    /// It names nobody.
    Subject,
}

/// Everything that a believed token says.
pub type Claims = Map<String, Value>;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// Believe a token, or say why not.
pub fn believe(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Claims, Unbelieved> {
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts[..] else { return Err(Unbelieved::Form) };
    if token.len() > LONGEST {
        return Err(Unbelieved::Form);
    }
    let header: Header = json(head)?;
    // What a header calls critical must be understood, and nothing is.
    let identity = header.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
    if header.crit.is_some() || !identity {
        return Err(Unbelieved::Header);
    }
    let algorithm = Algorithm::of(&header.alg).ok_or(Unbelieved::Algorithm)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Unbelieved::Form)?;
    let message = &token.as_bytes()[..head.len() + 1 + body.len()];
    keys.verify(header.kid.as_deref(), algorithm, message, &signature).map_err(|why| match why {
        Unsigned::UnknownKey => Unbelieved::UnknownKey,
        Unsigned::NoKey => Unbelieved::NoKey,
        Unsigned::Wrong => Unbelieved::Signature,
    })?;
    let claims: Claims = json(body)?;
    check(&claims, algorithm, expected)?;
    Ok(claims)
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Unbelieved> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Unbelieved::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| Unbelieved::Form)
}

fn check(claims: &Claims, algorithm: Algorithm, expected: &Expected<'_>) -> Result<(), Unbelieved> {
    let Expected { issuer, client_id, audiences, nonce, access_token, now } = expected;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(issuer) {
        return Err(Unbelieved::Issuer);
    }
    let mine: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        // Something that is no text among them is for somebody whom nobody knows.
        Some(Value::Array(many)) => many.iter().map(|one| one.as_str().unwrap_or_default()).collect(),
        _ => vec![],
    };
    let known = |one: &&str| one == client_id || audiences.iter().any(|other| other == one);
    if !mine.contains(client_id) || !mine.iter().all(known) {
        return Err(Unbelieved::Audience);
    }
    match claims.get("azp") {
        Some(party) if party.as_str() != Some(client_id) => return Err(Unbelieved::AuthorizedParty),
        None if mine.len() > 1 => return Err(Unbelieved::AuthorizedParty),
        _ => {}
    }
    if instant(claims, "exp").is_none_or(|end| *now >= end + SKEW) {
        return Err(Unbelieved::Expired);
    }
    let made = instant(claims, "iat").ok_or(Unbelieved::IssuedAt)?;
    let begins = if claims.contains_key("nbf") { instant(claims, "nbf").ok_or(Unbelieved::IssuedAt)? } else { made };
    if made > *now + SKEW || begins > *now + SKEW || made < *now - FRESH - SKEW {
        return Err(Unbelieved::IssuedAt);
    }
    if !text("nonce").is_some_and(|said| bool::from(said.as_bytes().ct_eq(nonce.as_bytes()))) {
        return Err(Unbelieved::Nonce);
    }
    if let Some(said) = claims.get("at_hash") {
        let fits = access_token.map(|token| algorithm.half_digest(token));
        if fits.is_none() || said.as_str() != fits.as_deref() {
            return Err(Unbelieved::AccessToken);
        }
    }
    match text("sub") {
        // 255 ASCII characters at most, says the standard.
        Some(subject) if !subject.is_empty() && subject.len() <= 255 => Ok(()),
        _ => Err(Unbelieved::Subject),
    }
}

/// An instant in seconds; some providers write a fraction.
fn instant(claims: &Claims, name: &str) -> Option<DateTime<Utc>> {
    let number = claims.get(name)?;
    let seconds = number.as_i64().or_else(|| number.as_f64().filter(|n| n.abs() < 1e12).map(|n| n as i64))?;
    DateTime::from_timestamp(seconds, 0)
}

#[cfg(test)]
mod tests;
