//! Who signs: a certificate and its key, read from PEM files when the program starts and refused early.

use std::{fs, path::Path};

use chrono::{DateTime, Utc};
use der::{
    Decode, Document, Encode, SecretDocument,
    asn1::{Any, ObjectIdentifier, PrintableStringRef, Utf8StringRef},
};
use ring::{
    rand::SystemRandom,
    rsa::KeyPair as RsaKeyPair,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use x509_cert::{Certificate, spki::AlgorithmIdentifierOwned};

use super::SealError;

const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const RSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const END: &str = "-----END CERTIFICATE-----";

/// Holds a key that signs in the organisation's name.
pub trait Signer: Send + Sync {
    /// The certificate of the key, then those that vouch for it.
    fn chain(&self) -> &[Certificate];
    /// How it signs, as CMS names it.
    fn algorithm(&self) -> AlgorithmIdentifierOwned;
    /// The signature of a message.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError>;
}

enum Key {
    Curve(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

/// A key in a file.
pub struct PemSigner {
    chain: Vec<Certificate>,
    key: Key,
    random: SystemRandom,
}

impl PemSigner {
    /// Read SEAL_CERTIFICATE and SEAL_KEY; an error names the one that is wrong.
    pub fn open(certificate: &Path, key: &Path, now: DateTime<Utc>) -> Result<Self, String> {
        let read = |setting: &str, path: &Path| {
            fs::read_to_string(path).map_err(|error| format!("{setting}: {} cannot be read: {error}", path.display()))
        };
        Self::parse(&read("SEAL_CERTIFICATE", certificate)?, &read("SEAL_KEY", key)?, now)
    }

    /// The same, from the texts of the files.
    pub fn parse(certificate: &str, key: &str, now: DateTime<Utc>) -> Result<Self, String> {
        let chain = chain(certificate).map_err(|error| format!("SEAL_CERTIFICATE: {error}"))?;
        let first = chain.first().ok_or("SEAL_CERTIFICATE: expected a PEM file with the certificate of the seal")?;
        let (from, to) = (begins(first), ends(first));
        if now > to {
            return Err(format!("SEAL_CERTIFICATE: the certificate ended on {}: renew it", to.format("%Y-%m-%d")));
        }
        if now < from {
            return Err(format!("SEAL_CERTIFICATE: the certificate begins on {} only", from.format("%Y-%m-%d")));
        }
        let random = SystemRandom::new();
        let key = private_key(key, &random)?;
        let public = match &key {
            Key::Curve(pair) => pair.public_key().as_ref(),
            Key::Rsa(pair) => pair.public_key().as_ref(),
        };
        if first.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes() != public {
            return Err("SEAL_KEY: this is not the key of the certificate of SEAL_CERTIFICATE".into());
        }
        Ok(Self { chain, key, random })
    }
}

impl Signer for PemSigner {
    fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    fn algorithm(&self) -> AlgorithmIdentifierOwned {
        match self.key {
            Key::Curve(_) => AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None },
            Key::Rsa(_) => AlgorithmIdentifierOwned { oid: RSA_WITH_SHA256, parameters: Some(Any::null()) },
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SealError> {
        match &self.key {
            Key::Curve(pair) => pair
                .sign(&self.random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|error| SealError::Key(error.to_string())),
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature)
                    .map_err(|error| SealError::Key(error.to_string()))?;
                Ok(signature)
            }
        }
    }
}

/// The certificates of a PEM file, in their order.
fn chain(pem: &str) -> Result<Vec<Certificate>, String> {
    pem.split_inclusive(END)
        .filter(|block| block.contains(END))
        .map(|block| {
            let begin = block.find("-----BEGIN").unwrap_or_default();
            let (_, document) = Document::from_pem(&block[begin..]).map_err(|error| format!("not PEM: {error}"))?;
            let certificate = Certificate::from_der(document.as_bytes())
                .map_err(|error| format!("not a certificate (X.509): {error}"))?;
            // It is copied into each seal and hashed there: the copy must be the original.
            match certificate.to_der() {
                Ok(again) if again == document.as_bytes() => Ok(certificate),
                _ => Err("the certificate is not in canonical form (DER)".into()),
            }
        })
        .collect()
}

fn private_key(pem: &str, random: &SystemRandom) -> Result<Key, String> {
    let begin = pem.find("-----BEGIN").unwrap_or_default();
    let (label, document) = SecretDocument::from_pem(&pem[begin..])
        .map_err(|_| "SEAL_KEY: expected a PEM file with a private key (PKCS#8, without password)".to_owned())?;
    if label != "PRIVATE KEY" {
        return Err(format!(
            "SEAL_KEY: expected PRIVATE KEY (PKCS#8), this is {label}: convert it with `openssl pkcs8 -topk8 -nocrypt`"
        ));
    }
    let bytes = document.as_bytes();
    if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, bytes, random) {
        return Ok(Key::Curve(pair));
    }
    RsaKeyPair::from_pkcs8(bytes)
        .map(Key::Rsa)
        .map_err(|_| "SEAL_KEY: expected a key on curve P-256, or an RSA key of 2048 to 4096 bits".into())
}

/// The instant from which a certificate stands.
fn begins(certificate: &Certificate) -> DateTime<Utc> {
    instant(certificate.tbs_certificate.validity.not_before.to_unix_duration())
}

/// The instant until which a certificate stands.
pub fn ends(certificate: &Certificate) -> DateTime<Utc> {
    instant(certificate.tbs_certificate.validity.not_after.to_unix_duration())
}

fn instant(since: std::time::Duration) -> DateTime<Utc> {
    i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The name that a certificate gives to its holder.
pub fn common_name(certificate: &Certificate) -> Option<String> {
    let parts = certificate.tbs_certificate.subject.0.iter().flat_map(|part| part.0.iter());
    let name = parts.rev().find(|part| part.oid == COMMON_NAME)?;
    let text = |value: &Any| {
        let plain = value.decode_as::<PrintableStringRef<'_>>().map(|text| text.to_string());
        value.decode_as::<Utf8StringRef<'_>>().map(|text| text.to_string()).or(plain)
    };
    text(&name.value).ok()
}
