//! The organisation's seal: put on papers that are proofs, checked as a verifier does, refused early when it cannot serve.

use chrono::{DateTime, TimeDelta, Utc};
use clairiere::pdf::{Authority, Block, Paper, PemSigner, Seal, SealError, render};
use cms::{content_info::ContentInfo, signed_data::SignedData};
use der::{Decode, Encode, asn1::OctetString};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;

use crate::support::{
    Caller,
    certificate::{Pair, certificate},
    monday, start,
    training::training,
};

fn years(count: i64) -> TimeDelta {
    TimeDelta::days(365 * count)
}

fn pair() -> Pair {
    certificate("Les Communs", monday() - years(1), monday() + years(2))
}

fn seal(pair: &Pair) -> Seal {
    Seal::new(Box::new(PemSigner::parse(&pair.certificate, &pair.key, monday()).unwrap()), None)
}

fn paper() -> Vec<u8> {
    render(&Paper::portrait("Certificat").push(Block::paragraph("Zoé Lefèvre a suivi 14 heures."))).unwrap()
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    bytes.windows(what.len()).rposition(|window| window == what).unwrap()
}

/// What a verifier does: the range covers the whole file but the signature, its digest is the signed one, the
/// certificate is named in what is signed, its key signed it.
fn check(sealed: &[u8]) -> Result<Certificate, String> {
    let told = &sealed[find(sealed, b"/ByteRange ")..];
    let told = String::from_utf8_lossy(&told[..80]).into_owned();
    let numbers: Vec<usize> = told[12..told.find(']').unwrap()].split(' ').map(|part| part.parse().unwrap()).collect();
    let [0, start, end, rest] = numbers[..] else { return Err(format!("range {numbers:?}")) };
    if end + rest != sealed.len() || sealed[start] != b'<' || sealed[end - 1] != b'>' {
        return Err(format!("the range {numbers:?} is not the whole file of {}", sealed.len()));
    }
    let hex = std::str::from_utf8(&sealed[start + 1..end - 1]).unwrap();
    let bytes: Vec<u8> =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    // The hole is larger than what fills it: the length is the one that DER tells.
    let length = 4 + usize::from(bytes[2]) * 256 + usize::from(bytes[3]);
    let data: SignedData = ContentInfo::from_der(&bytes[..length]).unwrap().content.decode_as().unwrap();
    let info = data.signer_infos.0.get(0).unwrap();
    let attributes = info.signed_attrs.as_ref().unwrap();
    let value = |oid: &str| {
        let found = attributes.iter().find(|one| one.oid.to_string() == oid).unwrap();
        found.values.get(0).unwrap().clone()
    };
    let digest = Sha256::new().chain_update(&sealed[..start]).chain_update(&sealed[end..]).finalize();
    if *value("1.2.840.113549.1.9.4").decode_as::<OctetString>().unwrap().as_bytes() != digest[..] {
        return Err("the digest is not the one that was signed".into());
    }
    let cms::cert::CertificateChoices::Certificate(one) = data.certificates.as_ref().unwrap().0.get(0).unwrap() else {
        return Err("no certificate".into());
    };
    let hash = Sha256::digest(one.to_der().unwrap());
    if !value("1.2.840.113549.1.9.16.2.47").to_der().unwrap().windows(32).any(|window| window == &hash[..]) {
        return Err("the certificate is not named in what is signed".into());
    }
    let key = one.tbs_certificate.subject_public_key_info.subject_public_key.raw_bytes();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(&attributes.to_der().unwrap(), info.signature.as_bytes())
        .map_err(|_| "the key did not sign this".to_owned())?;
    Ok(one.clone())
}

#[test]
fn a_sealed_paper_begins_with_the_paper_and_is_signed_whole() {
    let (paper, pair) = (paper(), pair());
    let sealed = seal(&pair).apply(&paper, monday(), [7; 16]).unwrap();
    assert_eq!(sealed[..paper.len()], paper[..], "what was presented is still there");
    assert!(sealed.len() < paper.len() + 8 * 1024, "{} bytes more", sealed.len() - paper.len());
    let signed = check(&sealed).unwrap();
    assert!(signed.tbs_certificate.subject.to_string().contains("Les Communs"));
    assert!(lopdf::Document::load_mem(&sealed).unwrap().catalog().unwrap().has(b"AcroForm"));
}

#[test]
fn one_changed_byte_breaks_the_seal() {
    let sealed = seal(&pair()).apply(&paper(), monday(), [7; 16]).unwrap();
    for at in [100, sealed.len() / 2, sealed.len() - 10] {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        let outcome = std::panic::catch_unwind(|| check(&changed));
        assert!(!matches!(outcome, Ok(Ok(_))), "byte {at}");
    }
}

#[test]
fn an_ended_certificate_seals_nothing_more() {
    let refused = seal(&pair()).apply(&paper(), monday() + years(3), [7; 16]);
    assert!(matches!(refused, Err(SealError::Ended(_))), "{refused:?}");
}

#[test]
fn a_key_that_cannot_serve_is_refused_by_the_name_of_its_setting() {
    let good = pair();
    let parse = |pair: &Pair, now: DateTime<Utc>| PemSigner::parse(&pair.certificate, &pair.key, now).err().unwrap();
    let with = |certificate: &str, key: &str| Pair { certificate: certificate.into(), key: key.into() };
    let sec1 = good.key.replace("PRIVATE KEY", "EC PRIVATE KEY");
    for (pair, now, said) in [
        (with("not PEM", &good.key), monday(), "SEAL_CERTIFICATE: expected a PEM file"),
        (with(&good.key, &good.key), monday(), "SEAL_CERTIFICATE: expected a PEM file"),
        (with(&good.certificate, "nothing"), monday(), "SEAL_KEY: expected a PEM file"),
        (with(&good.certificate, &sec1), monday(), "openssl pkcs8 -topk8 -nocrypt"),
        (with(&good.certificate, &self::pair().key), monday(), "SEAL_KEY: this is not the key of the certificate"),
        (with(&good.certificate, &good.key), monday() + years(3), "SEAL_CERTIFICATE: the certificate ended on 2028-"),
        (with(&good.certificate, &good.key), monday() - years(2), "SEAL_CERTIFICATE: the certificate begins on 2025-"),
    ] {
        let refused = parse(&pair, now);
        assert!(refused.contains(said), "{refused} does not say {said}");
    }
}

#[tokio::test]
async fn a_seal_that_cannot_serve_stops_the_program_at_its_start() {
    let app = start().await;
    let (certificate, key) = (app.folder().join("seal.pem"), app.folder().join("seal.key"));
    let pair = pair();
    std::fs::write(&certificate, &pair.certificate).unwrap();
    let only = app.again(|settings| settings.seal_certificate = Some(certificate.clone())).await.err().unwrap();
    assert_eq!(only, "SEAL_KEY: required with SEAL_CERTIFICATE");
    let lonely = app.again(|settings| settings.seal_tsa = Some("https://tsa.example.org".into())).await.err().unwrap();
    assert!(lonely.starts_with("SEAL_TSA:"), "{lonely}");
    let both = |settings: &mut clairiere::config::Settings| {
        settings.seal_certificate = Some(certificate.clone());
        settings.seal_key = Some(key.clone());
    };
    let missing = app.again(both).await.err().unwrap();
    assert!(missing.contains("SEAL_KEY:") && missing.contains("cannot be read"), "{missing}");
    std::fs::write(&key, &pair.key).unwrap();
    assert!(app.again(both).await.is_ok());
}

/// An authority on loopback that answers once, with whatever a test gives it.
fn authority(answer: &'static [u8]) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 4096];
        let read = stream.read(&mut asked).unwrap();
        assert!(read > 0);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(answer).unwrap();
    });
    format!("http://{address}/tsa")
}

#[test]
fn a_time_stamp_that_is_none_is_refused() {
    let refused = |url: &str| {
        let pair = pair();
        let signer = PemSigner::parse(&pair.certificate, &pair.key, monday()).unwrap();
        let seal = Seal::new(Box::new(signer), Some(Authority::at(url).unwrap()));
        seal.apply(&paper(), monday(), [7; 16]).err().unwrap().to_string()
    };
    // Status 2: the request was rejected.
    assert!(refused(&authority(b"\x30\x05\x30\x03\x02\x01\x02")).contains("status 2"));
    assert!(refused(&authority(b"<html>")).contains("unreadable"));
    assert!(refused("http://127.0.0.1:1/").contains("authority"));
    assert!(Authority::at("ftp://tsa.example.org").err().unwrap().starts_with("SEAL_TSA:"));
}

#[tokio::test]
async fn certificates_are_sealed_when_the_organisation_has_a_seal() {
    let story = training().await;
    let pair = pair();
    let (certificate, key) = (story.app.folder().join("seal.pem"), story.app.folder().join("seal.key"));
    std::fs::write(&certificate, &pair.certificate).unwrap();
    std::fs::write(&key, &pair.key).unwrap();
    story.hold(0, json!([])).await;
    story.hold(1, json!([])).await;
    let camille = story.camille().await;
    let issued = camille.post(&format!("/v1/enrolments/{}/certificate", story.zoe), json!({})).await.status(201);
    let file = format!("/v1/documents/{}/file", issued["id"].as_str().unwrap());
    camille.get(&format!("{file}?role=sealed")).await.refused("document.not_sealed");
    camille.get(&format!("{file}?role=signed")).await.refused("document.not_signed");
    let plain = camille.get(&file).await;

    let sealing = |settings: &mut clairiere::config::Settings| {
        settings.seal_certificate = Some(certificate.clone());
        settings.seal_key = Some(key.clone());
    };
    let camille = Caller { route: story.app.again(sealing).await.unwrap(), ..camille };
    let sealed = camille.get(&file).await;
    check(&sealed.bytes).unwrap();
    assert_eq!(sealed.bytes[..plain.bytes.len()], plain.bytes[..]);
    assert_eq!(camille.get(&format!("{file}?role=presented")).await.bytes, plain.bytes);
    let again = camille.get(&format!("{file}?role=sealed")).await;
    assert_eq!(again.bytes, sealed.bytes, "a seal is put once");
    assert_ne!(again.header("etag"), plain.header("etag"));

    let verified = camille.get(&verification(&issued)).await.ok();
    let roles: Vec<&str> =
        verified["files"].as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["presented", "sealed"]);
    assert_eq!(verified["files"][1]["sha256"], hex(&sealed.bytes));

    camille.get(&format!("{file}?role=sealed_signed")).await.refused("document.not_sealed");

    // Signed after it was sealed: the signatures get a seal of their own, the first stays what it was.
    let asked = camille.post(&format!("{}/signature-requests", file.trim_end_matches("/file")), json!({})).await.ok();
    let scan = story.marie.upload("certificat.pdf", "scan", b"%PDF-1.7\nscan", None).await.ok();
    let path = format!("/v1/signature-requests/{}/sign-on-paper", asked["items"][0]["id"].as_str().unwrap());
    let today = story.app.clock_now().date_naive();
    camille.post(&path, json!({ "scan_file_id": scan["id"], "signed_on": today })).await.ok();
    story.app.work().await;
    let signed = camille.get(&format!("{file}?role=signed")).await;
    // While the authority is silent, the first seal is still there.
    let silent = |settings: &mut clairiere::config::Settings| {
        sealing(settings);
        settings.seal_tsa = Some("http://127.0.0.1:1/".into());
    };
    let waiting = Caller { route: story.app.again(silent).await.unwrap(), ..camille.clone() };
    assert_eq!(waiting.get(&format!("{file}?role=sealed")).await.bytes, sealed.bytes);
    assert_eq!(waiting.get(&format!("{file}?role=sealed_signed")).await.status, 503);
    assert_eq!(waiting.get(&file).await.bytes, signed.bytes);
    let sealed_again = camille.get(&file).await;
    check(&sealed_again.bytes).unwrap();
    assert_eq!(sealed_again.bytes[..signed.bytes.len()], signed.bytes[..]);
    for role in ["sealed", "sealed_signed"] {
        assert_eq!(camille.get(&format!("{file}?role={role}")).await.bytes, sealed_again.bytes);
    }
    let verified = camille.get(&verification(&issued)).await.ok();
    let hashes = verified["files"].to_string();
    assert!(hashes.contains(&hex(&sealed.bytes)) && hashes.contains(&hex(&sealed_again.bytes)), "{hashes}");

    // A paper that no longer stands keeps its seal; one that was taken back before gets none.
    let other = camille.post(&format!("/v1/enrolments/{}/certificate", story.paul), json!({})).await.status(201);
    for paper in [&issued, &other] {
        let path = format!("/v1/documents/{}/revoke", paper["id"].as_str().unwrap());
        camille.post(&path, json!({ "reason": "Nom mal écrit" })).await.ok();
    }
    assert_eq!(camille.get(&file).await.bytes, sealed_again.bytes);
    let other = format!("/v1/documents/{}/file?role=sealed", other["id"].as_str().unwrap());
    camille.get(&other).await.refused("document.not_sealed");
}

#[tokio::test]
async fn a_silent_authority_does_not_keep_the_paper_from_its_reader() {
    let story = training().await;
    let pair = pair();
    let (certificate, key) = (story.app.folder().join("seal.pem"), story.app.folder().join("seal.key"));
    std::fs::write(&certificate, &pair.certificate).unwrap();
    std::fs::write(&key, &pair.key).unwrap();
    let sealing = |settings: &mut clairiere::config::Settings| {
        settings.seal_certificate = Some(certificate.clone());
        settings.seal_key = Some(key.clone());
        settings.seal_tsa = Some("http://127.0.0.1:1/".into());
    };
    let marie = Caller { route: story.app.again(sealing).await.unwrap(), ..story.marie.clone() };
    let sheet = format!("/v1/sessions/{}/attendance-sheets", story.session);
    let sheet = marie.post(&sheet, json!({ "blank": true })).await.status(201);
    let file = format!("/v1/documents/{}/file", sheet["id"].as_str().unwrap());
    let plain = marie.get(&file).await;
    assert_eq!((plain.status, &plain.bytes[..5]), (200, b"%PDF-".as_slice()));
    assert_eq!(marie.get(&format!("{file}?role=sealed")).await.status, 503);
}

fn verification(paper: &Value) -> String {
    let address = paper["verification_address"].as_str().unwrap();
    format!("/v1/verifications/{}", address.rsplit('/').next().unwrap())
}

fn hex(bytes: &[u8]) -> String {
    clairiere::platform::audit::sha256(bytes)
}
