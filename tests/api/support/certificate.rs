//! Certificates and keys, made when a test needs them.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use der::{
    Encode,
    asn1::{Any, BitString, GeneralizedTime, ObjectIdentifier},
    pem::{LineEnding, encode_string},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use x509_cert::{
    Certificate, TbsCertificate, Version,
    name::Name,
    serial_number::SerialNumber,
    spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned},
    time::{Time, Validity},
};

/// A self-signed certificate with its key, both PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new(text).unwrap()
}

fn time(at: DateTime<Utc>) -> Time {
    let since = std::time::Duration::from_secs(at.timestamp() as u64);
    Time::GeneralTime(GeneralizedTime::from_unix_duration(since).unwrap())
}

/// Of that name, on curve P-256, between two instants.
pub fn certificate(name: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Pair {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref(), &random).unwrap();
    let algorithm = AlgorithmIdentifierOwned { oid: oid("1.2.840.10045.4.3.2"), parameters: None };
    let subject = Name::from_str(&format!("CN={name}")).unwrap();
    let curve = Any::encode_from(&oid("1.2.840.10045.3.1.7")).unwrap();
    let tbs_certificate = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&[1]).unwrap(),
        signature: algorithm.clone(),
        issuer: subject.clone(),
        validity: Validity { not_before: time(from), not_after: time(to) },
        subject,
        subject_public_key_info: SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned { oid: oid("1.2.840.10045.2.1"), parameters: Some(curve) },
            subject_public_key: BitString::from_bytes(pair.public_key().as_ref()).unwrap(),
        },
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: None,
    };
    let signature = pair.sign(&random, &tbs_certificate.to_der().unwrap()).unwrap();
    let signed = Certificate {
        tbs_certificate,
        signature_algorithm: algorithm,
        signature: BitString::from_bytes(signature.as_ref()).unwrap(),
    };
    Pair {
        certificate: encode_string("CERTIFICATE", LineEnding::LF, &signed.to_der().unwrap()).unwrap(),
        key: encode_string("PRIVATE KEY", LineEnding::LF, key.as_ref()).unwrap(),
    }
}
