//! Staff sign in with the provider of identities: who comes in, as what, until when; who stays out, and how it is said.

use std::sync::Arc;

use chrono::TimeDelta;
use clairiere::{
    access::{self, NewUser},
    config::Settings,
    platform::{access::Ctx, permission::Role},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Caller, TestApp, provider::Provider, start, start_with};

async fn trusted() -> (TestApp, Arc<Provider>) {
    trusted_with(|_| {}).await
}

async fn trusted_with(change: impl FnOnce(&mut Settings)) -> (TestApp, Arc<Provider>) {
    let provider = Provider::start().await;
    let app = start_with(|settings| {
        provider.settings(settings);
        change(settings);
        settings.check().unwrap();
    })
    .await;
    (app, provider)
}

/// A user of that address.
async fn user(app: &TestApp, email: &str, role: Role, ends: Option<TimeDelta>) -> Uuid {
    let mut ctx = Ctx::operator(&app.app);
    let mut tx = ctx.begin().await.unwrap();
    let expires_at = ends.map(|after| tx.now() + after);
    let new = NewUser { first_name: "Nadia".into(), last_name: "Roche".into(), email: email.into(), role, expires_at };
    let row = access::create_user(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    row.id
}

fn nadia(groups: &[&str]) -> Value {
    json!({ "sub": "n-1", "email": "Nadia@example.org", "email_verified": true, "name": "Nadia Roche", "groups": groups })
}

fn with(app: &TestApp, key: &str) -> Caller {
    Caller { key: key.to_owned(), ..app.nobody() }
}

async fn me(app: &TestApp, key: &str) -> Value {
    with(app, key).get("/v1/me").await.ok()
}

#[track_caller]
fn out(answer: &Answer, status: u16, code: &str) {
    let page = answer.page();
    assert_eq!(answer.status, status, "{page}");
    assert!(page.contains(&format!("<code>sign_in.{code}</code>")), "{code} is not on the page: {page}");
    assert!(page.contains("<html lang=\"fr\">") && answer.header("cache-control") == Some("no-store"));
    assert!(!page.contains("clairiere_"), "a page that refuses holds no key");
}

#[tokio::test]
async fn staff_come_in_with_a_key_that_lasts_some_hours() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopQuality, None).await;
    let mut browser = app.browser();
    browser.opens("/connexion", &[]).await.shows("Se connecter");
    let answer = browser.signs_in(&provider, nadia(&["autres", "formation"])).await;
    let key = answer.key();
    answer.shows("Bonjour Nadia Roche");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    assert!(answer.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    assert!(browser.cookies.is_empty(), "nothing is left of it in the browser");
    let who = me(&app, &key).await;
    assert_eq!((who["user_id"].as_str(), who["role"].as_str()), (Some(id.to_string().as_str()), Some("coop_training")));
    let admin = app.staff(Role::CoopAdmin).await;
    let keys = admin.get(&format!("/v1/users/{id}/keys")).await.ok();
    let row = &keys["items"][0];
    let label = row["label"].as_str().unwrap();
    assert!(label.starts_with("Connexion du lundi 2 mars 2026 à 9\u{a0}h ("), "{label}");
    assert!(row["expires_at"].as_str().unwrap().starts_with("2026-03-02T16:00:00"), "{row}");
    let may: Vec<&str> = Role::CoopTraining.permissions().names();
    assert_eq!(who["permissions"], json!(may));
    // Each step is in the audit, by their name.
    let audit = admin.get("/v1/audit?limit=50").await.ok();
    let told: Vec<(&str, &str)> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| Some((entry["event"].as_str()?, entry["actor"].as_str()?)))
        .collect();
    for event in ["identity.bound", "user.changed", "user.key_created", "identity.signed_in"] {
        assert!(told.contains(&(event, "Nadia Roche (connexion)")), "{event} is not in {told:?}");
    }
    app.later(TimeDelta::hours(8));
    with(&app, &key).get("/v1/me").await.status(401);
}

#[tokio::test]
async fn a_key_ends_with_its_user() {
    let (app, provider) = trusted_with(|settings| {
        settings.oidc.oidc_role_claim = None;
        settings.oidc.oidc_roles = vec![];
    })
    .await;
    let id = user(&app, "nadia@example.org", Role::CoopQuality, Some(TimeDelta::hours(2))).await;
    let key = app.browser().signs_in(&provider, nadia(&["admins"])).await.key();
    assert_eq!(me(&app, &key).await["role"], "coop_quality", "without a mapping, the role is the user's own");
    let admin = app.staff(Role::CoopAdmin).await;
    admin.patch(&format!("/v1/users/{id}"), json!({ "expires_at": null })).await.ok();
    app.later(TimeDelta::hours(2));
    with(&app, &key).get("/v1/me").await.status(401);
}

#[tokio::test]
async fn a_trainer_comes_in_to_their_own_activities() {
    let (app, provider) = trusted().await;
    let marie = app.trainer("Marie").await;
    let email = app.staff(Role::CoopAdmin).await.get(&format!("/v1/users/{}", marie.user)).await.ok()["email"].clone();
    let claims = json!({ "sub": "m-1", "email": email, "email_verified": true, "groups": "formateurs" });
    provider.now(|mood| mood.beside = Some(json!({ "sub": "m-1", "name": "Marie Martin" })));
    let key = app.browser().signs_in(&provider, claims).await.key();
    let who = me(&app, &key).await;
    assert_eq!((who["sees_all"].as_bool(), who["activities"].as_array().unwrap().len()), (Some(false), 1));
    app.browser().signs_out(&key, false).await.shows("n’ouvre plus rien");
    with(&app, &key).get("/v1/me").await.status(401);
}

#[tokio::test]
async fn the_first_time_a_verified_address_binds_afterwards_the_subject_alone() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    let paul = user(&app, "paul@example.org", Role::CoopTraining, None).await;
    let first = app.browser().signs_in(&provider, nadia(&["formation"])).await.key();
    // She marries, and the provider gives her old address to somebody else.
    let mut moved = nadia(&["formation"]);
    moved["email"] = json!("paul@example.org");
    let again = app.browser().signs_in(&provider, moved).await.key();
    assert_eq!(me(&app, &again).await["user_id"], json!(id));
    let mut other = nadia(&["formation"]);
    other["sub"] = json!("n-2");
    out(&app.browser().signs_in(&provider, other.clone()).await, 403, "other_identity");
    // Bound already, the address need not even be said.
    let bare = json!({ "sub": "n-1", "name": "N", "groups": ["formation"] });
    provider.now(|mood| mood.beside = Some(json!({ "sub": "n-1" })));
    assert_eq!(me(&app, &app.browser().signs_in(&provider, bare).await.key()).await["user_id"], json!(id));
    // The administration unbinds: her keys end, the next identity binds.
    let admin = app.staff(Role::CoopAdmin).await;
    let path = format!("/v1/users/{id}/identities");
    let bound = admin.get(&path).await.ok();
    assert_eq!((bound["items"][0]["subject"].as_str(), bound["items"].as_array().unwrap().len()), (Some("n-1"), 1));
    assert_eq!(admin.get(&format!("/v1/users/{paul}/identities")).await.ok()["items"], json!([]));
    let one = format!("/v1/identities/{}", bound["items"][0]["id"].as_str().unwrap());
    assert_eq!(admin.get(&one).await.ok()["issuer"], json!(provider.issuer));
    admin.delete(&one).await.status(204);
    admin.get(&one).await.status(404);
    for key in [&first, &again] {
        with(&app, key).get("/v1/me").await.status(401);
    }
    app.browser().signs_in(&provider, other).await.key();
    assert_eq!(admin.get(&path).await.ok()["items"][0]["subject"], "n-2");
}

#[tokio::test]
async fn how_others_sign_in_is_the_administrations_alone() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    app.browser().signs_in(&provider, nadia(&["formation"])).await.key();
    let path = format!("/v1/users/{id}/identities");
    app.staff(Role::CoopTraining).await.get(&path).await.status(403);
    let admin = app.staff(Role::CoopAdmin).await;
    let one = format!("/v1/identities/{}", admin.get(&path).await.ok()["items"][0]["id"].as_str().unwrap());
    let activity = app.activity("Verger").await;
    let narrow = with(&app, &app.narrow_key(&admin, None, Some(vec![activity])).await);
    assert!(narrow.get(&path).await.status >= 403 && narrow.get(&one).await.status >= 403);
    assert!(narrow.delete(&one).await.status >= 403);
    admin.get(&one).await.ok();
}

#[tokio::test]
async fn whoever_has_no_place_here_is_told_so() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    out(&app.browser().signs_in(&provider, nadia(&["autres"])).await, 403, "no_role");
    let mut unverified = nadia(&["formation"]);
    unverified["email_verified"] = json!(false);
    provider
        .now(|mood| mood.beside = Some(json!({ "sub": "n-1", "email": "paul@example.org", "email_verified": true })));
    out(&app.browser().signs_in(&provider, unverified).await, 403, "email_unverified");
    let mut stranger = nadia(&["formation"]);
    stranger["email"] = json!("zoe@example.org");
    out(&app.browser().signs_in(&provider, stranger).await, 403, "unknown_user");
    let admin = app.staff(Role::CoopAdmin).await;
    assert_eq!(admin.get(&format!("/v1/users/{id}/identities")).await.ok()["items"], json!([]), "nothing was bound");
    // Bound, then disabled: out from the next sign-in, and the key with it.
    let key = app.browser().signs_in(&provider, nadia(&["formation"])).await.key();
    admin.post(&format!("/v1/users/{id}/disable"), json!({})).await.ok();
    with(&app, &key).get("/v1/me").await.status(401);
    out(&app.browser().signs_in(&provider, nadia(&["formation"])).await, 403, "closed");
    user(&app, "paul@example.org", Role::CoopTraining, Some(TimeDelta::minutes(1))).await;
    app.later(TimeDelta::minutes(1));
    let paul = json!({ "sub": "p-1", "email": "paul@example.org", "email_verified": true, "name": "Paul", "groups": ["formation"] });
    provider.now(|mood| mood.token = Box::new(|claims| claims["iat"] = json!(claims["iat"].as_i64().unwrap() + 60)));
    out(&app.browser().signs_in(&provider, paul).await, 403, "closed");
}

#[tokio::test]
async fn the_role_of_the_claim_rules_but_makes_no_auditor_without_an_end() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    let admin = app.staff(Role::CoopAdmin).await;
    out(&app.browser().signs_in(&provider, nadia(&["audit"])).await, 403, "auditor_without_end");
    assert_eq!(admin.get(&format!("/v1/users/{id}")).await.ok()["role"], "coop_training");
    admin.patch(&format!("/v1/users/{id}"), json!({ "expires_at": "2026-03-10T00:00:00Z" })).await.ok();
    let key = app.browser().signs_in(&provider, nadia(&["audit"])).await.key();
    assert_eq!(me(&app, &key).await["role"], "auditor");
    let key = app.browser().signs_in(&provider, nadia(&["audit", "admins"])).await.key();
    assert_eq!(me(&app, &key).await["role"], "coop_admin", "the first of the settings wins");
}

#[tokio::test]
async fn the_claim_takes_the_administration_from_anybody_but_the_last() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopAdmin, None).await;
    let key = app.browser().signs_in(&provider, nadia(&["admins"])).await.key();
    out(&app.browser().signs_in(&provider, nadia(&["formation"])).await, 403, "last_administrator");
    assert_eq!(me(&app, &key).await["role"], "coop_admin");
    let other = app.staff(Role::CoopAdmin).await;
    let again = app.browser().signs_in(&provider, nadia(&["formation"])).await.key();
    assert_eq!(me(&app, &again).await["role"], "coop_training");
    assert_eq!(other.get(&format!("/v1/users/{id}")).await.ok()["role"], "coop_training");
}

#[tokio::test]
async fn somebody_new_is_added_only_where_the_settings_say_so() {
    let (app, provider) = trusted_with(|settings| settings.oidc.oidc_create_users = true).await;
    let key = app.browser().signs_in(&provider, nadia(&["formation"])).await.key();
    let who = me(&app, &key).await;
    assert_eq!((who["name"].as_str(), who["role"].as_str()), (Some("Nadia Roche"), Some("coop_training")));
    let admin = app.staff(Role::CoopAdmin).await;
    let row = admin.get(&format!("/v1/users/{}", who["user_id"].as_str().unwrap())).await.ok();
    assert_eq!(row["email"], "nadia@example.org");
    let aude = json!({ "sub": "a-1", "email": "aude@example.org", "email_verified": true, "name": "Aude", "groups": ["audit"] });
    out(&app.browser().signs_in(&provider, aude).await, 403, "auditor_without_end");
    let zoe = json!({ "sub": "z-1", "email": "zoe@example.org", "email_verified": true, "name": "Zoé", "groups": [] });
    out(&app.browser().signs_in(&provider, zoe).await, 403, "no_role");
    assert!(!admin.get("/v1/users").await.ok().to_string().contains("aude@"));
}

#[tokio::test]
async fn a_sign_in_serves_once_in_the_browser_that_began_it() {
    let (app, provider) = trusted().await;
    user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    provider.now(|mood| mood.forgetful = true);
    let mut browser = app.browser();
    let (door, state) = browser.leaves().await;
    let code = provider.recognises(&door, nadia(&["formation"]));
    let said = [("code", code.as_str()), ("state", state.as_str())];
    // Somebody else's browser, with the very address.
    out(&app.browser().comes_back(&said).await, 400, "stale");
    let mut altered = state.clone();
    altered.replace_range(40..41, if &altered[40..41] == "A" { "B" } else { "A" });
    let mut copy = app.browser();
    copy.cookies = browser.cookies.clone();
    out(&copy.comes_back(&[("code", code.as_str()), ("state", altered.as_str())]).await, 400, "stale");
    assert_eq!(provider.asked("/token"), 0, "the provider was not even asked");
    let kept = browser.cookies.clone();
    browser.comes_back(&said).await.key();
    out(&browser.comes_back(&said).await, 400, "stale");
    // Whoever kept the cookie, and finds a provider that forgets which codes served.
    browser.cookies = kept;
    out(&browser.comes_back(&said).await, 400, "stale");
    // Too late.
    let (door, state) = browser.leaves().await;
    let code = provider.recognises(&door, nadia(&["formation"]));
    app.later(TimeDelta::minutes(10) + TimeDelta::seconds(1));
    out(&browser.comes_back(&[("code", code.as_str()), ("state", state.as_str())]).await, 400, "stale");
    // Nothing, or only a part.
    out(&browser.comes_back(&[]).await, 400, "stale");
    let (_, state) = browser.leaves().await;
    out(&browser.comes_back(&[("state", state.as_str())]).await, 400, "stale");
}

#[tokio::test]
async fn two_tabs_come_in_each_and_two_returns_at_once_make_one_key() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    let mut browser = app.browser();
    let (one, other) = (browser.leaves().await, browser.leaves().await);
    for (door, state) in [one, other] {
        let code = provider.recognises(&door, nadia(&["formation"]));
        browser.comes_back(&[("code", &code), ("state", &state)]).await.key();
    }
    for _ in 0..9 {
        browser.leaves().await;
    }
    assert_eq!(browser.cookies.len(), 4, "tabs that were left do not pile up");
    // A double click, and a provider that lets both through: the first sign-in of somebody.
    provider.now(|mood| mood.forgetful = true);
    let paul = json!({ "sub": "p-1", "email": "paul@example.org", "email_verified": true, "name": "Paul", "groups": ["formation"] });
    let paul_id = user(&app, "paul@example.org", Role::CoopTraining, None).await;
    let (door, state) = browser.leaves().await;
    let code = provider.recognises(&door, paul);
    let mut twin = app.browser();
    twin.cookies = browser.cookies.clone();
    let said = [("code", code.as_str()), ("state", state.as_str())];
    let (first, second) = tokio::join!(browser.comes_back(&said), twin.comes_back(&said));
    let mut seen = [first.status, second.status];
    seen.sort_unstable();
    assert_eq!(seen, [200, 400], "{} {}", first.page(), second.page());
    let admin = app.staff(Role::CoopAdmin).await;
    let keys = |user: Uuid| format!("/v1/users/{user}/keys");
    assert_eq!(admin.get(&keys(paul_id)).await.ok()["items"].as_array().unwrap().len(), 1);
    assert_eq!(admin.get(&keys(id)).await.ok()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_the_provider_answers_instead_is_said_cleanly() {
    let (app, provider) = trusted().await;
    let mut browser = app.browser();
    for (error, status, code) in [
        ("access_denied", 403, "declined"),
        ("login_required", 403, "declined"),
        ("temporarily_unavailable", 503, "provider_down"),
        ("invalid_scope", 502, "provider_error"),
        ("<script>alert(1)</script>", 502, "provider_error"),
    ] {
        let (_, state) = browser.leaves().await;
        let said = [("error", error), ("error_description", "<b>Tapez votre mot de passe"), ("state", &state)];
        let answer = browser.comes_back(&said).await;
        out(&answer, status, code);
        assert!(!answer.page().contains("mot de passe") && !answer.page().contains("alert(1)"));
        assert!(browser.cookies.is_empty());
    }
    out(&browser.comes_back(&[("error", "access_denied"), ("state", "inventé-par-quelqu-un")]).await, 400, "stale");
    // Another provider's answer is not taken for this one's.
    let (door, state) = browser.leaves().await;
    let code = provider.recognises(&door, nadia(&["formation"]));
    let said = [("code", code.as_str()), ("state", state.as_str()), ("iss", "https://autre.example.org")];
    out(&browser.comes_back(&said).await, 400, "elsewhere");
    assert_eq!(provider.asked("/token"), 0);
}

#[tokio::test]
async fn a_provider_that_names_itself_in_its_answers_must_do_so() {
    let (app, provider) = trusted().await;
    user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    provider.now(|mood| {
        mood.publishes = Box::new(|told| told["authorization_response_iss_parameter_supported"] = json!(true));
    });
    let mut browser = app.browser();
    out(&browser.signs_in(&provider, nadia(&["formation"])).await, 400, "elsewhere");
    let (door, state) = browser.leaves().await;
    let code = provider.recognises(&door, nadia(&["formation"]));
    browser.comes_back(&[("code", &code), ("state", &state), ("iss", &provider.issuer)]).await.key();
}

#[tokio::test]
async fn a_provider_that_is_down_stops_nobody_who_has_a_key() {
    let (app, provider) = trusted().await;
    user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    provider.now(|mood| mood.down = true);
    let admin = app.staff(Role::CoopAdmin).await;
    let mut browser = app.browser();
    browser.opens("/connexion", &[]).await.shows("Se connecter");
    for _ in 0..5 {
        out(&browser.opens("/connexion/partir", &[]).await, 503, "provider_down");
    }
    assert_eq!(provider.asked("/.well-known/openid-configuration"), 1, "it is not asked again at once");
    admin.get("/v1/me").await.ok();
    provider.now(|mood| mood.down = false);
    app.later(TimeDelta::seconds(5));
    let (door, state) = browser.leaves().await;
    // Down again while somebody is there: they may come back once it is up.
    let code = provider.recognises(&door, nadia(&["formation"]));
    provider.now(|mood| mood.down = true);
    out(&browser.comes_back(&[("code", &code), ("state", &state)]).await, 503, "provider_down");
    provider.now(|mood| mood.down = false);
    browser.signs_in(&provider, nadia(&["formation"])).await.key();
    // What was published an hour ago serves while there is nothing newer.
    app.later(TimeDelta::hours(2));
    provider.now(|mood| mood.down = true);
    browser.leaves().await;
}

#[tokio::test]
async fn a_provider_is_who_it_says_and_says_nothing_in_clear() {
    for (name, value) in [
        ("issuer", "https://autre.example.org"),
        ("token_endpoint", "http://203.0.113.7/token"),
        ("jwks_uri", "file:///etc/passwd"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("end_session_endpoint", "http://203.0.113.7/out"),
    ] {
        let (app, provider) = trusted().await;
        provider.now(|mood| mood.publishes = Box::new(move |told| told[name] = json!(value)));
        out(&app.browser().opens("/connexion/partir", &[]).await, 503, "provider_down");
    }
}

#[tokio::test]
async fn new_keys_of_the_provider_are_found_and_invented_ones_cost_little() {
    let (app, provider) = trusted().await;
    user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    let mut browser = app.browser();
    browser.signs_in(&provider, nadia(&["formation"])).await.key();
    assert_eq!(provider.asked("/jwks"), 1);
    app.later(TimeDelta::minutes(1));
    provider.now(|mood| mood.key = 1);
    browser.signs_in(&provider, nadia(&["formation"])).await.key();
    assert_eq!(provider.asked("/jwks"), 2, "an unknown name: the keys were read again");
    provider.now(|mood| mood.header = Box::new(|header| header["kid"] = json!("inventée")));
    for _ in 0..4 {
        out(&browser.signs_in(&provider, nadia(&["formation"])).await, 502, "token");
    }
    assert_eq!(provider.asked("/jwks"), 2, "not again within half a minute");
}

#[tokio::test]
async fn a_token_that_lies_lets_nobody_in() {
    let (app, provider) = trusted_with(|settings| settings.oidc.oidc_create_users = true).await;
    let admin = app.staff(Role::CoopAdmin).await;
    let before = admin.get("/v1/users").await.ok();
    let mut browser = app.browser();
    for (name, value) in [
        ("iss", json!("https://autre.example.org")),
        ("aud", json!("un autre service")),
        ("aud", json!(["clairiere", "un autre service"])),
        ("azp", json!("un autre service")),
        ("nonce", json!("celui d’une autre connexion")),
        ("exp", json!(1_000_000_000)),
        ("iat", json!(1_000_000_000)),
        ("at_hash", json!("celui d’un autre jeton")),
        ("sub", json!("")),
    ] {
        provider.now(|mood| mood.token = Box::new(move |claims| claims[name] = value.clone()));
        out(&browser.signs_in(&provider, nadia(&["admins"])).await, 502, "token");
    }
    provider.now(|mood| mood.token = Box::new(|_| {}));
    for alg in ["none", "HS256", "RS256"] {
        provider.now(|mood| mood.header = Box::new(move |header| header["alg"] = json!(alg)));
        out(&browser.signs_in(&provider, nadia(&["admins"])).await, 502, "token");
    }
    assert_eq!(admin.get("/v1/users").await.ok(), before, "nobody was added");
}

#[tokio::test]
async fn what_the_token_leaves_out_is_asked_for_beside() {
    let (app, provider) = trusted().await;
    let id = user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    provider.now(|mood| mood.beside = Some(nadia(&["formation"])));
    let key = app.browser().signs_in(&provider, json!({ "sub": "n-1" })).await.key();
    assert_eq!(me(&app, &key).await["user_id"], json!(id));
    // What is said of another is not said of her.
    out(&app.browser().signs_in(&provider, json!({ "sub": "n-9" })).await, 502, "provider_broken");
    // Some take the secret in the form alone.
    let (app, provider) = trusted().await;
    user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    provider.now(|mood| {
        mood.publishes = Box::new(|told| told["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]));
    });
    app.browser().signs_in(&provider, nadia(&["formation"])).await.key();
}

#[tokio::test]
async fn signing_out_ends_the_key_here_or_everywhere() {
    let (app, provider) = trusted().await;
    user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    let browser = app.browser();
    let mut keys = vec![];
    for _ in 0..3 {
        keys.push(app.browser().signs_in(&provider, nadia(&["formation"])).await.key());
    }
    let page = browser.signs_out(&keys[0], false).await.shows("n’ouvre plus rien");
    assert!(
        page.contains(
            "logout?client_id=clairiere&amp;post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fconnexion"
        ),
        "{page}"
    );
    with(&app, &keys[0]).get("/v1/me").await.status(401);
    me(&app, &keys[1]).await;
    browser.signs_out(&keys[0], true).await.shows("n’ouvre plus rien");
    me(&app, &keys[1]).await;
    browser.signs_out(&keys[1], true).await.shows("n’ouvre plus rien");
    with(&app, &keys[2]).get("/v1/me").await.status(401);
    // A key that the administration made is not a sign-in's to end.
    let marie = app.trainer("Marie").await;
    browser.signs_out(&marie.key, true).await.says_no("Cette clé sert toujours");
    marie.get("/v1/me").await.ok();
    browser.signs_out("n’importe quoi", false).await.shows("n’ouvre plus rien");
    let admin = app.staff(Role::CoopAdmin).await;
    let audit = admin.get("/v1/audit?limit=50").await.ok();
    let revoked = audit["items"].as_array().unwrap().iter().filter(|entry| entry["event"] == "user.key_revoked");
    assert_eq!(revoked.filter(|entry| entry["actor"] == "Nadia Roche (connexion)").count(), 3);
}

#[tokio::test]
async fn the_sixth_sign_in_ends_the_first() {
    let (app, provider) = trusted().await;
    user(&app, "nadia@example.org", Role::CoopTraining, None).await;
    let mut keys = vec![];
    for _ in 0..6 {
        keys.push(app.browser().signs_in(&provider, nadia(&["formation"])).await.key());
    }
    with(&app, &keys[0]).get("/v1/me").await.status(401);
    for key in &keys[1..] {
        me(&app, key).await;
    }
}

#[tokio::test]
async fn another_site_sends_nobody_to_the_provider() {
    let (app, _provider) = trusted().await;
    let mut browser = app.browser();
    let answer = browser.opens("/connexion/partir", &[("Sec-Fetch-Site", "cross-site")]).await;
    assert_eq!(answer.leads(), "/connexion");
    assert!(browser.cookies.is_empty());
    let answer =
        browser.opens("/connexion/partir?vers=https://example.org", &[("Sec-Fetch-Site", "same-origin")]).await;
    assert!(!answer.leads().contains("example.org"));
}

#[tokio::test]
async fn over_https_the_cookie_is_this_hosts_alone() {
    let (app, _provider) =
        trusted_with(|settings| settings.public_url = Some("https://formation.example.org".into())).await;
    let answer = app.browser().opens("/connexion/partir", &[]).await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-connexion-"), "{cookie}");
    assert!(cookie.ends_with("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert!(answer.leads().contains("redirect_uri=https%3A%2F%2Fformation.example.org%2Fconnexion%2Fretour"));
}

#[tokio::test]
async fn where_no_provider_is_set_nobody_signs_in() {
    let app = start().await;
    let mut browser = app.browser();
    for path in ["/connexion", "/connexion/partir", "/connexion/retour?code=a&state=b"] {
        out(&browser.opens(path, &[]).await, 404, "unset");
    }
    let key = app.staff(Role::CoopAdmin).await;
    out(&browser.signs_out(&key.key, false).await, 404, "unset");
    key.get("/v1/me").await.ok();
    let page = app.nobody().get("/docs").await.page();
    assert!(page.contains("data-door=\"\"") && page.contains("window.ui = SwaggerUIBundle({"));
}

#[tokio::test]
async fn the_documentation_leads_to_the_door() {
    let (app, _provider) = trusted().await;
    let page = app.nobody().get("/docs").await.page();
    assert!(page.contains("data-door=\"/connexion\"></script>"));
    let from = page.rfind("src=\"/assets/docs.js?").unwrap() + 5;
    let address = page[from..].split('"').next().unwrap().to_owned();
    let script = app.nobody().get(&address).await;
    assert_eq!(script.status, 200);
    assert!(script.page().contains("preauthorizeApiKey('key'"));
}
