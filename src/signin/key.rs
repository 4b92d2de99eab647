//! The public keys of a provider (JWK), and what they signed (JWS). Only public-key signatures exist here: a token that is
//! not signed, or signed with a shared secret, meets no code that could accept it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{digest, signature as sig};
use serde::Deserialize;

/// How a token may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA, PKCS#1 v1.5, SHA-256.
    Rs256,
    /// RSA, PKCS#1 v1.5, SHA-384.
    Rs384,
    /// RSA, PKCS#1 v1.5, SHA-512.
    Rs512,
    /// RSA, PSS, SHA-256.
    Ps256,
    /// RSA, PSS, SHA-384.
    Ps384,
    /// RSA, PSS, SHA-512.
    Ps512,
    /// ECDSA, P-256, SHA-256.
    Es256,
    /// ECDSA, P-384, SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The algorithm of that name; `none` and those that share a secret are nobody's.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            _ => return None,
        })
    }

    /// The left half of the digest of an access token, as `at_hash` says it.
    pub fn half_digest(self, text: &str) -> String {
        let of = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &digest::SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            Self::Rs512 | Self::Ps512 | Self::EdDsa => &digest::SHA512,
        };
        let whole = digest::digest(of, text.as_bytes());
        let whole = whole.as_ref();
        URL_SAFE_NO_PAD.encode(&whole[..whole.len() / 2])
    }
}

/// The keys of a provider, as it publishes them. What is no key that we could use is passed over.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct KeySet {
    /// The keys.
    #[serde(default)]
    keys: Vec<Jwk>,
}

/// One key, as it is published.
#[derive(Debug, Clone, Deserialize)]
struct Jwk {
    #[serde(default)]
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsigned {
    /// No key of that name: the provider may have changed its keys since they were read.
    UnknownKey,
    /// No key that could have signed so.
    NoKey,
    /// Another signature.
    Wrong,
}

impl KeySet {
    /// Check a signature by the key that is named, or by the only one that could have made it.
    pub fn verify(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Unsigned> {
        let named: Vec<&Jwk> = match kid {
            Some(kid) => {
                let named: Vec<&Jwk> = self.keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).collect();
                if named.is_empty() {
                    return Err(Unsigned::UnknownKey);
                }
                named
            }
            None => self.keys.iter().collect(),
        };
        let able: Vec<&Jwk> = named.into_iter().filter(|key| key.may_sign(algorithm)).collect();
        let [key] = able.as_slice() else { return Err(Unsigned::NoKey) };
        key.verify(algorithm, message, signature)
    }
}

impl Jwk {
    fn may_sign(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        let of_kind = match algorithm {
            A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => self.kty == "RSA",
            A::Es256 => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
            A::Es384 => self.kty == "EC" && self.crv.as_deref() == Some("P-384"),
            A::EdDsa => self.kty == "OKP" && self.crv.as_deref() == Some("Ed25519"),
        };
        let to_sign = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        // A key that is published for one algorithm signs by no other.
        let by_it = self.alg.as_deref().is_none_or(|name| Algorithm::of(name) == Some(algorithm));
        of_kind && to_sign && by_it
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Unsigned> {
        use Algorithm as A;
        let rsa = |by: &'static sig::RsaParameters| {
            let (n, e) = (part(self.n.as_ref())?, part(self.e.as_ref())?);
            let key = sig::RsaPublicKeyComponents { n: unpadded(&n), e: unpadded(&e) };
            key.verify(by, message, signature).map_err(|_| Unsigned::Wrong)
        };
        let other = |by: &'static dyn sig::VerificationAlgorithm, key: Vec<u8>| {
            sig::UnparsedPublicKey::new(by, key).verify(message, signature).map_err(|_| Unsigned::Wrong)
        };
        let point = || Ok([vec![4], part(self.x.as_ref())?, part(self.y.as_ref())?].concat());
        match algorithm {
            A::Rs256 => rsa(&sig::RSA_PKCS1_2048_8192_SHA256),
            A::Rs384 => rsa(&sig::RSA_PKCS1_2048_8192_SHA384),
            A::Rs512 => rsa(&sig::RSA_PKCS1_2048_8192_SHA512),
            A::Ps256 => rsa(&sig::RSA_PSS_2048_8192_SHA256),
            A::Ps384 => rsa(&sig::RSA_PSS_2048_8192_SHA384),
            A::Ps512 => rsa(&sig::RSA_PSS_2048_8192_SHA512),
            A::Es256 => other(&sig::ECDSA_P256_SHA256_FIXED, point()?),
            A::Es384 => other(&sig::ECDSA_P384_SHA384_FIXED, point()?),
            A::EdDsa => other(&sig::ED25519, part(self.x.as_ref())?),
        }
    }
}

fn part(text: Option<&String>) -> Result<Vec<u8>, Unsigned> {
    text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or(Unsigned::NoKey)
}

/// Without the zeros that some providers write before a number.
fn unpadded(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
