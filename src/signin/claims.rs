//! What a provider says of somebody, in our words: who they are, whether their address is theirs, which role is given.

use serde_json::Value;

use super::token::Claims;
use crate::{
    config::oidc::{Oidc, RoleOf},
    platform::{lines, permission::Role},
};

/// Somebody, as the provider says them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// Who says it.
    pub issuer: String,
    /// Their name for this person, for ever.
    pub subject: String,
    /// Their address, when it is said.
    pub email: Option<Email>,
    /// First name; empty when it is not said.
    pub first_name: String,
    /// Last name; empty when it is not said.
    pub last_name: String,
    /// Their role, none when no value of the claim means one.
    pub role: Option<Role>,
}

/// An address, and whether the provider knows that it is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The address, in small letters.
    pub address: String,
    /// Whether it was verified.
    pub verified: bool,
}

/// Whether the token alone leaves something to ask for: many providers say names, addresses and groups apart.
pub fn incomplete(claims: &Claims, oidc: &Oidc) -> bool {
    let role = oidc.role_claim.as_deref().is_some_and(|name| at(claims, name).is_none());
    role || email(claims).is_none_or(|email| !email.verified) || names(claims).0.is_empty()
}

/// Put together what the token says and what was asked for beside: the token is believed first.
pub fn identified(claims: &Claims, beside: Option<&Claims>, oidc: &Oidc) -> Option<Identified> {
    let subject = claims.get("sub")?.as_str()?.to_owned();
    // An address and whether it was verified are said together: never the one of here with the other of there.
    let email = match (email(claims), beside.and_then(email)) {
        (Some(own), Some(other)) if !own.verified && other.verified && own.address == other.address => Some(other),
        (own, other) => own.or(other),
    };
    let (first_name, last_name) = match names(claims) {
        (first, last) if first.is_empty() && last.is_empty() => beside.map(names).unwrap_or_default(),
        own => own,
    };
    let role = oidc.role_claim.as_deref().and_then(|name| {
        let said = at(claims, name).or_else(|| beside.and_then(|beside| at(beside, name)))?;
        role(said, &oidc.roles)
    });
    Some(Identified { issuer: oidc.issuer.clone(), subject, email, first_name, last_name, role })
}

/// A claim by its name, which may hold dots and slashes, or by its place when it begins with a slash.
fn at<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    let Some(place) = name.strip_prefix('/') else { return claims.get(name) };
    let mut parts = place.split('/').map(|part| part.replace("~1", "/").replace("~0", "~"));
    let first = claims.get(&parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(&part))
}

/// The first role, in the order of the settings, of which the claim holds the value: a text, or a list of texts.
fn role(said: &Value, roles: &[RoleOf]) -> Option<Role> {
    let values: Vec<&str> = match said {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    roles.iter().find(|one| values.contains(&one.value.as_str())).map(|one| one.role)
}

fn email(claims: &Claims) -> Option<Email> {
    let address = claims.get("email")?.as_str()?.trim().to_lowercase();
    // Some providers write the word.
    let verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(word)) => word == "true",
        _ => false,
    };
    let plain = address.len() <= 254 && address.contains('@');
    plain.then_some(Email { address, verified })
}

fn names(claims: &Claims) -> (String, String) {
    let said = |name: &str| {
        let text = claims.get(name).and_then(Value::as_str).unwrap_or_default();
        lines::typed(text, 100).trim_end().to_owned()
    };
    let (first, last) = (said("given_name"), said("family_name"));
    if !first.is_empty() || !last.is_empty() {
        return (first, last);
    }
    let whole = said("name");
    whole.split_once(' ').map_or_else(|| (whole.clone(), String::new()), |(a, b)| (a.to_owned(), b.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn oidc(claim: &str) -> Oidc {
        let of = |value: &str, role| RoleOf { value: value.into(), role };
        Oidc {
            issuer: "https://identite.example.org".into(),
            client_id: "clairiere".into(),
            client_secret: "secret".into(),
            scopes: "openid".into(),
            audiences: vec![],
            role_claim: Some(claim.into()),
            roles: vec![of("admins", Role::CoopAdmin), of("formation", Role::CoopTraining)],
            create_users: false,
            base_url: "https://formation.example.org".into(),
        }
    }

    fn claims(value: Value) -> Claims {
        value.as_object().cloned().unwrap()
    }

    fn said(own: Value, beside: Option<Value>, claim: &str) -> Identified {
        identified(&claims(own), beside.map(claims).as_ref(), &oidc(claim)).unwrap()
    }

    #[test]
    fn a_role_is_read_where_the_provider_writes_it() {
        let role = |value: Value, claim: &str| said(value, None, claim).role;
        assert_eq!(role(json!({ "sub": "1", "groups": ["formation", "autres"] }), "groups"), Some(Role::CoopTraining));
        assert_eq!(role(json!({ "sub": "1", "role": "admins" }), "role"), Some(Role::CoopAdmin));
        let nested = json!({ "sub": "1", "realm_access": { "roles": ["admins"] } });
        assert_eq!(role(nested, "/realm_access/roles"), Some(Role::CoopAdmin));
        let named = json!({ "sub": "1", "https://example.org/roles": ["admins"] });
        assert_eq!(role(named, "https://example.org/roles"), Some(Role::CoopAdmin));
        let both = json!({ "sub": "1", "groups": ["formation", "admins"] });
        assert_eq!(role(both, "groups"), Some(Role::CoopAdmin), "the first of the settings wins");
        for nothing in
            [json!(["Admins"]), json!("admins formation"), json!({ "admins": true }), json!(true), json!(null)]
        {
            assert_eq!(role(json!({ "sub": "1", "groups": nothing }), "groups"), None);
        }
    }

    #[test]
    fn an_address_is_verified_where_it_is_said() {
        let email = |own, beside| said(own, beside, "groups").email.map(|email| (email.address, email.verified));
        let marie = || json!({ "sub": "1", "email": "Marie@Example.org", "email_verified": true });
        assert_eq!(email(marie(), None), Some(("marie@example.org".into(), true)));
        let word = json!({ "sub": "1", "email": "marie@example.org", "email_verified": "true" });
        assert_eq!(email(word, None), Some(("marie@example.org".into(), true)));
        assert_eq!(email(json!({ "sub": "1" }), Some(marie())), Some(("marie@example.org".into(), true)));
        let silent = json!({ "sub": "1", "email": "marie@example.org" });
        assert_eq!(email(silent.clone(), None), Some(("marie@example.org".into(), false)));
        assert_eq!(email(silent, Some(marie())), Some(("marie@example.org".into(), true)));
        let other = json!({ "sub": "1", "email": "paul@example.org" });
        assert_eq!(email(other, Some(marie())), Some(("paul@example.org".into(), false)), "another's is not verified");
        for not in [json!(1), json!("oui"), json!(false), json!(null)] {
            let unsure = json!({ "sub": "1", "email": "marie@example.org", "email_verified": not });
            assert_eq!(email(unsure, None), Some(("marie@example.org".into(), false)));
        }
    }

    #[test]
    fn names_are_clean_and_what_misses_is_asked_for() {
        let of = |value| {
            let who = said(value, None, "groups");
            (who.first_name, who.last_name)
        };
        let parted = json!({ "sub": "1", "given_name": " Marie\u{7} ", "family_name": "de  La Tour", "name": "x" });
        assert_eq!(of(parted), ("Marie".into(), "de La Tour".into()));
        assert_eq!(of(json!({ "sub": "1", "name": "Marie Martin" })), ("Marie".into(), "Martin".into()));
        assert_eq!(of(json!({ "sub": "1" })), (String::new(), String::new()));
        let whole = json!({ "sub": "1", "email": "m@example.org", "email_verified": true, "name": "M", "groups": [] });
        assert!(!incomplete(&claims(whole.clone()), &oidc("groups")));
        for name in ["email", "email_verified", "name", "groups"] {
            let mut less = claims(whole.clone());
            less.remove(name);
            assert!(incomplete(&less, &oidc("groups")), "{name}");
        }
    }
}
