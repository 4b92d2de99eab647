//! What a key may hand on, how long it lasts, how it is replaced, and who must remain an administrator.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use clairiere::platform::permission::Role;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp, start_with};

/// Keys last a year when nothing is said.
async fn start() -> TestApp {
    start_with(|settings| settings.key_days = 365).await
}

fn with(caller: &Caller, made: &Value) -> Caller {
    Caller { key: made["secret"].as_str().unwrap().to_owned(), ..caller.clone() }
}

fn keys_of(caller: &Caller) -> String {
    format!("/v1/users/{}/keys", caller.user)
}

fn code(problem: &Value) -> &str {
    problem["errors"][0]["code"].as_str().unwrap_or_default()
}

/// A key of an administrator, narrowed to these permissions.
async fn narrowed(app: &TestApp, admin: &Caller, permissions: &[&str]) -> Caller {
    let names = permissions.iter().map(|&name| name.to_owned()).collect();
    Caller { key: app.narrow_key(admin, Some(names), None).await, ..admin.clone() }
}

#[tokio::test]
async fn a_narrowed_key_makes_neither_a_wider_key_nor_a_wider_user() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let marie = app.trainer("Marie").await;
    let clerk = narrowed(&app, &admin, &["own.read", "users.manage", "activities.manage"]).await;
    let wide = json!({ "label": "large", "permissions": ["users.manage", "audit.read"] });
    assert_eq!(code(&clerk.post(&keys_of(&admin), wide).await.invalid("/permissions")), "key.wider");
    // What is not said is as wide as the maker, for oneself and for others.
    let made = clerk.post(&keys_of(&admin), json!({ "label": "sans rien dire" })).await.status(201);
    with(&admin, &made).get("/v1/audit").await.status(403);
    let made = clerk.post(&keys_of(&marie), json!({ "label": "pour Marie" })).await.status(201);
    with(&marie, &made).get("/v1/people").await.status(403);
    let user = json!({ "first_name": "Ali", "last_name": "Roux", "email": "ali@example.org", "role": "coop_admin" });
    assert_eq!(code(&clerk.post("/v1/users", user.clone()).await.invalid("/role")), "user.wider");
    let path = format!("/v1/users/{}", marie.user);
    assert_eq!(code(&clerk.patch(&path, json!({ "role": "coop_admin" })).await.invalid("/role")), "user.wider");
    // An address is where people sign in: it is not changed either.
    clerk.patch(&path, json!({ "email": "clerk@example.org" })).await.invalid("/role");
    let verger = app.activity("Verger").await;
    let member = json!({ "user_id": marie.user, "valid_from": "2026-01-01" });
    clerk.post(&format!("/v1/activities/{verger}/members"), member.clone()).await.invalid("/role");
    admin.post("/v1/users", user).await.status(201);
    admin.post(&format!("/v1/activities/{verger}/members"), member).await.status(201);
}

#[tokio::test]
async fn a_key_makes_none_that_lasts_longer() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let keys = keys_of(&admin);
    let year = admin.post(&keys, json!({ "label": "un an" })).await.status(201);
    assert_eq!((&year["expires_at"], &year["renewable"]), (&json!("2027-03-02T08:00:00+00:00"), &json!(true)));
    let asked = |end: &str| json!({ "label": "choisie", "expires_at": end });
    assert_eq!(code(&admin.post(&keys, asked("2026-03-01T08:00:00Z")).await.invalid("/expires_at")), "key.past");
    assert_eq!(code(&admin.post(&keys, asked("2028-03-02T08:00:00Z")).await.invalid("/expires_at")), "key.longer");
    let june = with(&admin, &admin.post(&keys, asked("2026-06-01T08:00:00Z")).await.status(201));
    let me = june.get("/v1/me").await.ok();
    assert_eq!((&me["key_ends_at"], &me["key_renewable"]), (&json!("2026-06-01T08:00:00+00:00"), &json!(false)));
    let marie = app.trainer("Marie").await;
    assert_eq!(
        code(&june.post(&keys_of(&marie), asked("2026-06-02T08:00:00Z")).await.invalid("/expires_at")),
        "key.longer"
    );
    let made = june.post(&keys_of(&marie), json!({ "label": "sans rien dire" })).await.status(201);
    assert_eq!((&made["expires_at"], &made["renewable"]), (&json!("2026-06-01T08:00:00+00:00"), &json!(false)));
    app.later(TimeDelta::days(92));
    june.get("/v1/me").await.status(401);
    with(&marie, &made).get("/v1/me").await.status(401);
}

#[tokio::test]
async fn a_key_is_replaced_by_its_successor_which_lasts_as_long_again() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    app.later(TimeDelta::days(360));
    let (post, asked) = (poem::http::Method::POST, [("Idempotency-Key", "une-fois")]);
    let made = marie.call(post.clone(), "/v1/me/key/rotate", None, &asked).await.status(201);
    let again = marie.call(post, "/v1/me/key/rotate", None, &asked).await;
    assert_eq!(again.header("location"), Some(&*format!("/v1/keys/{}", made["id"].as_str().unwrap())));
    again.refused("idempotency.already_done");
    let next = with(&marie, &made);
    assert_eq!(next.get("/v1/me").await.ok()["key_ends_at"], "2028-02-25T08:00:00+00:00");
    // The time to put the new one where the old one is used; meanwhile the old one prolongs nothing.
    app.later(TimeDelta::minutes(59));
    marie.get("/v1/people").await.ok();
    let late = marie.post("/v1/me/key/rotate", json!({})).await.status(201);
    app.later(TimeDelta::minutes(2));
    marie.get("/v1/people").await.status(401);
    with(&marie, &late).get("/v1/people").await.status(401);
    next.get("/v1/people").await.ok();
    // A chosen end stays: its successor is another secret, no longer life.
    let admin = app.staff(Role::CoopAdmin).await;
    let body = json!({ "label": "mission", "expires_at": "2027-06-01T08:00:00Z" });
    let mission = with(&marie, &admin.post(&keys_of(&marie), body).await.status(201));
    let made = mission.post("/v1/me/key/rotate", json!({})).await.status(201);
    assert_eq!(made["expires_at"], "2027-06-01T08:00:00+00:00");
    // An auditor only reads, and a key that is narrowed away from it does not replace itself.
    let auditor = app.staff(Role::Auditor).await;
    auditor.post("/v1/me/key/rotate", json!({})).await.status(403);
}

#[tokio::test]
async fn the_end_of_a_key_is_told_thirty_days_before_and_once_more() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let user =
        json!({ "first_name": "Nadia", "last_name": "Roche", "email": "nadia@example.org", "role": "coop_quality" });
    let user = admin.post("/v1/users", user).await.status(201);
    let keys = format!("/v1/users/{}/keys", user["id"].as_str().unwrap());
    admin.post(&keys, json!({ "label": "portable" })).await.status(201);
    let short = json!({ "label": "un jour", "expires_at": "2026-03-03T08:00:00Z" });
    admin.post(&keys, short).await.status(201);
    let told = async || {
        app.work().await;
        app.mails_to("nadia@example.org").len()
    };
    assert_eq!(told().await, 0);
    app.later(TimeDelta::days(334));
    assert_eq!(told().await, 0);
    app.later(TimeDelta::days(1));
    assert_eq!((told().await, told().await), (1, 1));
    let mail = app.mails_to("nadia@example.org").remove(0);
    assert!(mail.subject.contains("portable") && mail.text.contains("Bonjour Nadia Roche,"), "{}", mail.text);
    app.later(TimeDelta::days(25));
    assert_eq!((told().await, told().await), (2, 2));
    app.later(TimeDelta::days(6));
    assert_eq!(told().await, 2);
    app.done().await;
}

#[tokio::test]
async fn a_key_that_was_replaced_is_not_told_to_end() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    app.later(TimeDelta::days(300));
    let next = with(&marie, &marie.post("/v1/me/key/rotate", json!({})).await.status(201));
    app.work().await;
    app.later(TimeDelta::days(60));
    app.work().await;
    next.get("/v1/me").await.ok();
    assert!(app.mail.sent().is_empty(), "{:?}", app.mail.sent());
}

#[tokio::test]
async fn the_last_administrator_neither_leaves_nor_is_left_without_a_key() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let path = format!("/v1/users/{}", admin.user);
    for change in [
        json!({ "role": "coop_quality" }),
        json!({ "expires_at": "2026-03-01T08:00:00Z" }),
        json!({ "expires_at": "2026-03-20T08:00:00Z" }),
    ] {
        admin.patch(&path, change).await.refused("user.last_admin");
    }
    let key = admin.get("/v1/me").await.ok()["key_id"].as_str().unwrap().to_owned();
    let revoke = format!("/v1/keys/{key}/revoke");
    admin.post(&revoke, json!({})).await.refused("user.last_admin");
    // Somebody who has no key, one that ends soon, or one that cannot administer is nobody.
    let other = json!({ "first_name": "Ana", "last_name": "Roux", "email": "ana@example.org", "role": "coop_admin" });
    let other = admin.post("/v1/users", other).await.status(201);
    let keys = format!("/v1/users/{}/keys", other["id"].as_str().unwrap());
    let clairiere = app.activity("Clairière").await;
    for narrow in [
        json!({ "label": "lecture", "permissions": ["audit.read"] }),
        json!({ "label": "une activité", "activities": [clairiere] }),
        json!({ "label": "courte", "expires_at": "2026-03-20T08:00:00Z" }),
    ] {
        admin.post(&keys, narrow).await.status(201);
        admin.post(&revoke, json!({})).await.refused("user.last_admin");
    }
    let whole = admin.post(&keys, json!({ "label": "entière" })).await.status(201);
    let ana = Caller { user: other["id"].as_str().unwrap().parse().unwrap(), ..with(&admin, &whole) };
    admin.patch(&path, json!({ "role": "coop_quality" })).await.ok();
    admin.get("/v1/users").await.status(403);
    ana.patch(&format!("/v1/users/{}", ana.user), json!({ "role": "auditor", "expires_at": "2027-01-01T00:00:00Z" }))
        .await
        .refused("user.last_admin");
}

#[tokio::test]
async fn two_administrators_who_leave_at_once_do_not_both_leave() {
    let app = start().await;
    let (one, other) = (app.staff(Role::CoopAdmin).await, app.staff(Role::CoopAdmin).await);
    let (first, second) = (format!("/v1/users/{}", one.user), format!("/v1/users/{}", other.user));
    let demoted = json!({ "role": "coop_quality" });
    let (a, b) = tokio::join!(one.patch(&first, demoted.clone()), other.patch(&second, demoted));
    let mut seen = [a.status, b.status];
    seen.sort_unstable();
    assert_eq!(seen, [200, 409], "one of them remains");
}

#[tokio::test]
async fn an_administrator_of_one_activity_sees_who_carries_it_and_nobody_else() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let (marie, paul) = (app.trainer("Marie").await, app.trainer("Paul").await);
    let here: uuid::Uuid = marie.get("/v1/me").await.ok()["activities"][0]["id"].as_str().unwrap().parse().unwrap();
    let there = paul.get("/v1/me").await.ok()["activities"][0]["id"].as_str().unwrap().to_owned();
    let narrow = Caller { key: app.narrow_key(&admin, None, Some(vec![here])).await, ..admin.clone() };
    let seen = narrow.get("/v1/users").await.ok();
    let ids: Vec<&str> = seen["items"].as_array().unwrap().iter().filter_map(|row| row["id"].as_str()).collect();
    assert_eq!(ids, [marie.user.to_string()]);
    let elsewhere = admin.post(&keys_of(&marie), json!({ "label": "ailleurs", "activities": [there] })).await;
    let elsewhere = elsewhere.status(201)["id"].as_str().unwrap().to_owned();
    let both = json!({ "label": "les deux", "activities": [here, there] });
    let both = admin.post(&keys_of(&marie), both).await.status(201)["id"].as_str().unwrap().to_owned();
    let keys = narrow.get(&keys_of(&marie)).await.ok();
    let labels: Vec<&str> = keys["items"].as_array().unwrap().iter().filter_map(|row| row["label"].as_str()).collect();
    assert_eq!(labels, ["les deux", "tests"]);
    assert_eq!(narrow.get(&format!("/v1/keys/{both}")).await.ok()["activities"], json!([here]));
    let pauls = admin.get(&keys_of(&paul)).await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        format!("/v1/users/{}", paul.user),
        format!("/v1/users/{}", admin.user),
        keys_of(&paul),
        format!("/v1/keys/{pauls}"),
        format!("/v1/keys/{elsewhere}"),
    ] {
        narrow.get(&path).await.status(404);
    }
    for path in [format!("/v1/keys/{pauls}/revoke"), format!("/v1/users/{}/disable", paul.user), keys_of(&marie)] {
        narrow.post(&path, json!({ "label": "x" })).await.status(403);
    }
    // Whoever cannot be seen is not made a member: a real user and a made-up one are missing alike.
    let members = format!("/v1/activities/{here}/members");
    for user in [paul.user, uuid::Uuid::from_u128(7)] {
        let told = narrow.post(&members, json!({ "user_id": user, "valid_from": "2026-01-01" })).await.status(404);
        assert!(told["detail"].as_str().unwrap().contains("user_account"), "{told}");
    }
    let ours = |all: Value| {
        let rows = all["items"].as_array().unwrap().clone();
        rows.iter().all(|row| row["activity_id"] == json!(here))
    };
    marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Petit" })).await.status(201);
    paul.post("/v1/people", json!({ "first_name": "Ali", "birth_name": "Grand" })).await.status(201);
    for list in ["/v1/audit", "/v1/jobs", "/v1/messages", "/v1/links"] {
        assert!(ours(narrow.get(list).await.ok()), "{list}");
    }
}

#[tokio::test]
async fn only_the_cooperative_or_oneself_binds_a_user_to_a_trainer() {
    let app = start().await;
    let officer = app.staff(Role::CoopTraining).await;
    let (marie, paul) = (app.trainer("Marie").await, app.trainer("Paul").await);
    let trainer = |user: Option<uuid::Uuid>| {
        let mut body = json!({
            "person": { "first_name": "Maud", "birth_name": "Serin" },
            "status": "employee", "skills": [], "diplomas": [],
        });
        if let Some(user) = user {
            body["user_id"] = json!(user);
        }
        body
    };
    let mut said = vec![];
    for user in [paul.user, uuid::Uuid::from_u128(7)] {
        let mut problem = marie.post("/v1/trainers", trainer(Some(user))).await.status(404);
        problem["request_id"] = Value::Null;
        said.push(problem);
    }
    assert_eq!(said[0], said[1], "a real user and a made-up one are told alike");
    let made = marie.post("/v1/trainers", trainer(None)).await.status(201);
    let path = format!("/v1/trainers/{}", made["id"].as_str().unwrap());
    marie.patch(&path, json!({ "user_id": paul.user })).await.status(404);
    officer.patch(&path, json!({ "user_id": paul.user })).await.ok();
    // What the cooperative bound stays when the rest is changed, and may be let go.
    assert_eq!(marie.patch(&path, json!({ "skills": ["Zourit"] })).await.ok()["user_id"], json!(paul.user));
    marie.patch(&path, json!({ "user_id": null })).await.ok();
    marie.patch(&path, json!({ "user_id": marie.user })).await.ok();
}

/// What the log tells meanwhile.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Told {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_told_apart_and_counted_without_a_secret() {
    let app = start().await;
    let (admin, marie) = (app.staff(Role::CoopAdmin).await, app.trainer("Marie").await);
    let told = Told::default();
    let into = told.clone();
    let log = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_ansi(false);
    let guard = tracing::subscriber::set_default(log.with_writer(move || into.clone()).finish());
    let key = marie.get("/v1/me").await.ok()["key_id"].as_str().unwrap().to_owned();
    admin.post(&format!("/v1/keys/{key}/revoke"), json!({})).await.ok();
    marie.get("/v1/me").await.status(401);
    let altered = Caller { key: format!("{}{}", &marie.key[..20], "A".repeat(33)), ..marie.clone() };
    altered.get("/v1/me").await.status(401);
    let foreign = Caller { key: "clairiere_motdepasse-de-quelqu-un".into(), ..marie.clone() };
    foreign.get("/v1/me").await.status(401);
    app.nobody().get("/v1/me").await.status(401);
    app.nobody().get("/presence/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.status(404);
    drop(guard);
    let all = String::from_utf8(told.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = all.lines().filter(|line| line.contains("clairiere::authentication")).collect();
    assert_eq!(lines.len(), 5, "{all}");
    for (line, reason) in lines.iter().zip(["revoked", "unknown", "unknown", "missing", "link"]) {
        assert!(line.contains(&format!("reason=\"{reason}\"")), "{line}");
    }
    let prefix = &marie.key[..16];
    assert!(lines[0].contains(prefix) && lines[1].contains(prefix), "{lines:#?}");
    assert!(!all.contains("motdepasse") && !all.contains(&marie.key[..22]), "{all}");
    let counts = app.app.refusals.counts();
    assert_eq!(counts, [("missing", 1), ("unknown", 2), ("ended", 1), ("held_off", 0), ("link", 1)]);
}
