//! A token is believed when everything fits, and by no other way. The keys are made here, that of RSA is kept beside.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RSA_PSS_SHA384, RsaEncoding, RsaKeyPair,
    },
};
use serde_json::json;
use sha2::Sha256;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

enum Signer {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Shared(Vec<u8>),
    Nobody,
}

impl Signer {
    fn sign(&self, message: &str) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair, by) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(*by, &random, message.as_bytes(), &mut signature).unwrap();
                signature
            }
            Self::Ec(pair) => pair.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
            Self::Shared(secret) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
                mac.update(message.as_bytes());
                mac.finalize().into_bytes().to_vec()
            }
            Self::Nobody => vec![],
        }
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", b64(header.to_string()), b64(claims.to_string()));
        format!("{message}.{}", b64(self.sign(&message)))
    }
}

fn rsa(by: &'static dyn RsaEncoding) -> Signer {
    Signer::Rsa(RsaKeyPair::from_pkcs8(include_bytes!("rsa-of-tests.pk8")).unwrap(), by)
}

fn ec() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, made.as_ref(), &random).unwrap()
}

fn jwk_of_rsa() -> Value {
    let Signer::Rsa(pair, _) = rsa(&RSA_PKCS1_SHA256) else { unreachable!() };
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
    // Some providers write a zero before the modulus.
    json!({ "kty": "RSA", "kid": "rsa", "use": "sig", "n": b64([vec![0], n].concat()), "e": b64(e) })
}

fn jwk_of_ec(pair: &EcdsaKeyPair, curve: &str) -> Value {
    let point = &pair.public_key().as_ref()[1..];
    let (x, y) = point.split_at(point.len() / 2);
    json!({ "kty": "EC", "kid": "ec", "crv": curve, "x": b64(x), "y": b64(y) })
}

fn keys(all: &[Value]) -> KeySet {
    serde_json::from_value(json!({ "keys": all })).unwrap()
}

fn expected(audiences: &[String]) -> Expected<'_> {
    Expected {
        issuer: "https://identite.example.org",
        client_id: "clairiere",
        audiences,
        nonce: "le nonce",
        access_token: Some("jeton"),
        now: now(),
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://identite.example.org", "aud": "clairiere", "sub": "7f3c", "nonce": "le nonce",
        "iat": now().timestamp() - 2, "exp": now().timestamp() + 300, "email": "marie@example.org"
    })
}

/// What is said of a token with these claims, signed as it should be.
fn said(claims: &Value) -> Result<Claims, Unbelieved> {
    let header = json!({ "alg": "RS256", "kid": "rsa", "typ": "JWT" });
    believe(&rsa(&RSA_PKCS1_SHA256).token(&header, claims), &keys(&[jwk_of_rsa()]), &expected(&[]))
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[test]
fn a_token_is_believed_by_each_accepted_signature() {
    assert_eq!(said(&claims()).unwrap()["email"], "marie@example.org");
    let pss = rsa(&RSA_PSS_SHA384).token(&json!({ "alg": "PS384", "kid": "rsa" }), &claims());
    assert!(believe(&pss, &keys(&[jwk_of_rsa()]), &expected(&[])).is_ok());
    let pair = ec();
    let set = keys(&[jwk_of_rsa(), jwk_of_ec(&pair, "P-256")]);
    let token = Signer::Ec(pair).token(&json!({ "alg": "ES256" }), &claims());
    assert!(believe(&token, &set, &expected(&[])).is_ok(), "without a name, the only key that could");
    let random = SystemRandom::new();
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, made.as_ref(), &random).unwrap();
    let set = keys(&[jwk_of_ec(&pair, "P-384")]);
    let token = Signer::Ec(pair).token(&json!({ "alg": "ES384", "kid": "ec" }), &claims());
    assert!(believe(&token, &set, &expected(&[])).is_ok());
    let made = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap();
    let set = keys(&[json!({ "kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": b64(pair.public_key()) })]);
    let token = Signer::Ed(pair).token(&json!({ "alg": "EdDSA", "kid": "ed" }), &claims());
    assert!(believe(&token, &set, &expected(&[])).is_ok());
}

#[test]
fn nothing_unsigned_and_no_shared_secret_is_believed() {
    let set = keys(&[jwk_of_rsa()]);
    let of =
        |signer: &Signer, header: Value| believe(&signer.token(&header, &claims()), &set, &expected(&[])).unwrap_err();
    for name in ["none", "None", "NONE", "", "HS256", "HS384", "HS512", "RS1", "ES512", "rs256"] {
        assert_eq!(of(&Signer::Nobody, json!({ "alg": name, "kid": "rsa" })), Unbelieved::Algorithm, "{name}");
    }
    // The old trick: what everybody knows of the key, taken for a secret.
    let public = jwk_of_rsa();
    for known in [public.to_string().into_bytes(), public["n"].as_str().unwrap().as_bytes().to_vec()] {
        assert_eq!(of(&Signer::Shared(known), json!({ "alg": "HS256", "kid": "rsa" })), Unbelieved::Algorithm);
    }
    let right = rsa(&RSA_PKCS1_SHA256);
    assert_eq!(of(&right, json!({ "alg": "RS256", "kid": "rsa", "crit": ["exp"] })), Unbelieved::Header);
    assert_eq!(of(&right, json!({ "alg": "RS256", "kid": "rsa", "typ": "at+jwt" })), Unbelieved::Header);
    // Signed otherwise than its header says.
    assert_eq!(of(&right, json!({ "alg": "PS256", "kid": "rsa" })), Unbelieved::Signature);
    assert_eq!(of(&right, json!({ "alg": "RS512", "kid": "rsa" })), Unbelieved::Signature);
    assert_eq!(of(&right, json!({ "alg": "ES256", "kid": "rsa" })), Unbelieved::NoKey);
    assert_eq!(of(&Signer::Nobody, json!({ "alg": "RS256", "kid": "rsa" })), Unbelieved::Signature);
}

#[test]
fn only_a_published_key_signs() {
    let header = json!({ "alg": "ES256", "kid": "ec" });
    let (pair, other) = (ec(), ec());
    let published = jwk_of_ec(&pair, "P-256");
    let token = Signer::Ec(pair).token(&header, &claims());
    let of = |all: &[Value]| believe(&token, &keys(all), &expected(&[])).map(|_| ());
    assert_eq!(of(std::slice::from_ref(&published)), Ok(()));
    assert_eq!(of(&[jwk_of_ec(&other, "P-256")]), Err(Unbelieved::Signature), "another key of that name");
    assert_eq!(of(&[]), Err(Unbelieved::UnknownKey));
    assert_eq!(of(&[jwk_of_rsa()]), Err(Unbelieved::UnknownKey));
    let changed = |name: &str, value: &str| {
        let mut key = published.clone();
        key[name] = json!(value);
        of(&[key])
    };
    assert_eq!(changed("use", "enc"), Err(Unbelieved::NoKey));
    assert_eq!(changed("alg", "ES384"), Err(Unbelieved::NoKey));
    assert_eq!(changed("alg", "HS256"), Err(Unbelieved::NoKey));
    assert_eq!(changed("crv", "P-384"), Err(Unbelieved::NoKey));
    assert_eq!(changed("x", "*"), Err(Unbelieved::NoKey));
    assert_eq!(changed("x", "AAAA"), Err(Unbelieved::Signature));
    assert_eq!(of(&[published.clone(), published.clone()]), Err(Unbelieved::NoKey), "two keys of one name");
    assert_eq!(of(&[json!({ "kty": "oct", "kid": "autre", "k": "c2VjcmV0" }), published.clone()]), Ok(()));
    // A token that was altered on its way.
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[1] = b64(with("sub", json!("another")).to_string());
    let altered = parts.join(".");
    assert_eq!(believe(&altered, &keys(&[published]), &expected(&[])).unwrap_err(), Unbelieved::Signature);
}

#[test]
fn a_short_key_signs_nothing() {
    let short = json!({ "kty": "RSA", "kid": "rsa", "n": b64([0xc1; 128]), "e": "AQAB" });
    let token = rsa(&RSA_PKCS1_SHA256).token(&json!({ "alg": "RS256", "kid": "rsa" }), &claims());
    assert_eq!(believe(&token, &keys(&[short]), &expected(&[])).unwrap_err(), Unbelieved::Signature);
}

#[test]
fn a_token_is_of_the_provider_and_for_this_service() {
    let why = |claims: Value| said(&claims).unwrap_err();
    for issuer in
        ["https://identite.example.org/", "https://autre.example.org", "https://identite.example.org.evil.example"]
    {
        assert_eq!(why(with("iss", json!(issuer))), Unbelieved::Issuer);
    }
    assert_eq!(why(with("iss", json!(["https://identite.example.org"]))), Unbelieved::Issuer);
    assert_eq!(why(without("iss")), Unbelieved::Issuer);
    for audience in [
        json!("autre"),
        json!([]),
        json!(null),
        json!(["autre"]),
        json!(["clairiere", "autre"]),
        json!(["clairiere", 7]),
    ] {
        assert_eq!(why(with("aud", audience)), Unbelieved::Audience);
    }
    assert_eq!(why(without("aud")), Unbelieved::Audience);
    assert_eq!(why(with("azp", json!("autre"))), Unbelieved::AuthorizedParty);
    assert!(said(&with("azp", json!("clairiere"))).is_ok() && said(&with("aud", json!(["clairiere"]))).is_ok());
    // Another audience is accepted by its name alone, and the token then says for whom it was asked.
    let header = json!({ "alg": "RS256", "kid": "rsa" });
    let both = with("aud", json!(["clairiere", "bureau"]));
    let audiences = ["bureau".to_owned()];
    let of = |claims: &Value| {
        let token = rsa(&RSA_PKCS1_SHA256).token(&header, claims);
        believe(&token, &keys(&[jwk_of_rsa()]), &expected(&audiences)).map(|_| ())
    };
    assert_eq!(of(&both), Err(Unbelieved::AuthorizedParty));
    let mut party = both;
    party["azp"] = json!("clairiere");
    assert_eq!(of(&party), Ok(()));
}

#[test]
fn a_token_is_of_now_and_of_this_sign_in() {
    let why = |claims: Value| said(&claims).unwrap_err();
    let at = |name: &str, seconds: i64| with(name, json!(now().timestamp() + seconds));
    assert_eq!(why(at("exp", -60)), Unbelieved::Expired);
    assert!(said(&at("exp", -59)).is_ok(), "clocks differ by a minute at most");
    assert_eq!(why(without("exp")), Unbelieved::Expired);
    assert_eq!(why(with("exp", json!("9999999999"))), Unbelieved::Expired);
    assert!(said(&with("exp", json!(1_800_000_300.5))).is_ok());
    assert_eq!(why(at("iat", 61)), Unbelieved::IssuedAt);
    assert!(said(&at("iat", 60)).is_ok());
    assert_eq!(why(at("iat", -661)), Unbelieved::IssuedAt);
    assert_eq!(why(without("iat")), Unbelieved::IssuedAt);
    assert_eq!(why(at("nbf", 61)), Unbelieved::IssuedAt);
    assert_eq!(why(with("nbf", json!("demain"))), Unbelieved::IssuedAt);
    for nonce in [json!("un autre"), json!(""), json!(null), json!(["le nonce"])] {
        assert_eq!(why(with("nonce", nonce)), Unbelieved::Nonce);
    }
    assert_eq!(why(without("nonce")), Unbelieved::Nonce);
    for subject in [json!(""), json!(7), json!("x".repeat(256))] {
        assert_eq!(why(with("sub", subject)), Unbelieved::Subject);
    }
    assert_eq!(why(without("sub")), Unbelieved::Subject);
}

#[test]
fn an_access_token_comes_with_its_identity_token() {
    let half = Algorithm::Rs256.half_digest("jeton");
    assert!(said(&with("at_hash", json!(half))).is_ok());
    assert_eq!(said(&with("at_hash", json!("AAAA"))).unwrap_err(), Unbelieved::AccessToken);
    let header = json!({ "alg": "RS256", "kid": "rsa" });
    let token = rsa(&RSA_PKCS1_SHA256).token(&header, &with("at_hash", json!(half)));
    let alone = Expected { access_token: None, ..expected(&[]) };
    assert_eq!(believe(&token, &keys(&[jwk_of_rsa()]), &alone).unwrap_err(), Unbelieved::AccessToken);
}

#[test]
fn what_is_no_token_is_none() {
    let set = keys(&[jwk_of_rsa()]);
    let long = "a".repeat(LONGEST + 1);
    let encrypted = "a.b.c.d.e";
    for text in ["", ".", "..", "a.b", "a.b.c", encrypted, "e30.e30.e30", &format!("{long}.e30.e30")] {
        assert_eq!(believe(text, &set, &expected(&[])).unwrap_err(), Unbelieved::Form, "{}", text.len());
    }
}
