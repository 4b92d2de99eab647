//! Who may call, and when they may no longer.

use chrono::TimeDelta;
use clairiere::platform::permission::Role;
use serde_json::json;

use crate::support::{Caller, start};

#[tokio::test]
async fn a_key_is_shown_once_and_refused_as_soon_as_it_is_revoked() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let user =
        json!({ "first_name": "Nadia", "last_name": "Roche", "email": "nadia@example.org", "role": "coop_quality" });
    let user = admin.post("/v1/users", user).await.status(201);
    let keys = format!("/v1/users/{}/keys", user["id"].as_str().unwrap());
    let asked = [("Idempotency-Key", "cle-1")];
    let post = poem::http::Method::POST;
    let made = admin.call(post.clone(), &keys, Some(json!({ "label": "portable" })), &asked).await.status(201);
    let again = admin.call(post, &keys, Some(json!({ "label": "portable" })), &asked).await;
    assert_eq!(again.header("location"), Some(&*format!("/v1/keys/{}", made["id"].as_str().unwrap())));
    again.refused("idempotency.already_done");
    let listed = admin.get(&keys).await.ok();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["id"]), (1, &made["id"]));
    assert!(admin.get(&keys).await.ok()["items"][0]["secret"].is_null());
    let nadia = Caller { key: made["secret"].as_str().unwrap().to_owned(), ..admin.clone() };
    let me = nadia.get("/v1/me").await.ok();
    assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("Nadia Roche"), Some("coop_quality")));
    assert_eq!(me["sees_all"], true);
    let revoke = format!("/v1/keys/{}/revoke", made["id"].as_str().unwrap());
    assert!(admin.post(&revoke, json!({})).await.ok()["revoked_at"].is_string());
    nadia.get("/v1/me").await.status(401);
}

#[tokio::test]
async fn a_disabled_user_is_refused_and_nobody_disables_themselves() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let marie = app.trainer("Marie").await;
    marie.get("/v1/me").await.ok();
    admin.post(&format!("/v1/users/{}/disable", marie.user), json!({})).await.ok();
    marie.get("/v1/me").await.status(401);
    admin.post(&format!("/v1/users/{}/disable", admin.user), json!({})).await.refused("user.oneself");
}

#[tokio::test]
async fn an_auditor_reads_until_a_day_and_never_writes() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let body = json!({ "first_name": "Aude", "last_name": "Roux", "email": "aude@example.org", "role": "auditor" });
    admin.post("/v1/users", body).await.invalid("/expires_at");
    let auditor = app.user("Aude", Role::Auditor, &[]).await;
    let path = format!("/v1/users/{}", auditor.user);
    admin.patch(&path, json!({ "expires_at": null })).await.invalid("/expires_at");
    admin.patch(&path, json!({ "expires_at": "2026-03-10T00:00:00Z" })).await.ok();
    auditor.get("/v1/people").await.ok();
    auditor.post("/v1/people", json!({ "first_name": "A", "birth_name": "B" })).await.status(403);
    app.later(TimeDelta::days(9));
    auditor.get("/v1/people").await.status(401);
}

#[tokio::test]
async fn a_trainer_sees_their_own_activities_and_no_user() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let paul = app.trainer("Paul").await;
    let mine = marie.get("/v1/activities").await.ok();
    assert_eq!(mine["items"].as_array().unwrap().len(), 1);
    assert_eq!(mine["items"][0]["name"], "Activité de Marie");
    marie.get("/v1/users").await.status(403);
    marie.get(&format!("/v1/users/{}", paul.user)).await.status(403);
    let his = paul.get("/v1/me").await.ok()["activities"][0]["id"].as_str().unwrap().to_owned();
    marie.get(&format!("/v1/activities/{his}")).await.status(404);
    marie.get(&format!("/v1/activities/{his}/members")).await.status(404);
}

#[tokio::test]
async fn a_key_may_be_narrower_than_its_user() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let (first, second) = (app.activity("Clairière").await, app.activity("Verger").await);
    let marie = app.user("Marie", Role::Trainer, &[first, second]).await;
    let keys = format!("/v1/users/{}/keys", marie.user);
    let wrong = json!({ "label": "x", "permissions": ["everything"] });
    admin.post(&keys, wrong).await.invalid("/permissions");
    let body = json!({ "label": "lecture", "permissions": ["own.read", "people.read"], "activities": [second] });
    let made = admin.post(&keys, body).await.status(201);
    let narrow = Caller { key: made["secret"].as_str().unwrap().to_owned(), ..marie.clone() };
    let me = narrow.get("/v1/me").await.ok();
    assert_eq!(me["permissions"], json!(["people.read", "own.read"]));
    assert_eq!(me["activities"].as_array().unwrap().len(), 1);
    let body = json!({ "first_name": "Zoé", "birth_name": "Petit", "activity_id": first });
    let zoe = marie.post("/v1/people", body.clone()).await.status(201);
    narrow.post("/v1/people", body).await.status(403);
    narrow.get(&format!("/v1/people/{}", zoe["id"].as_str().unwrap())).await.status(404);
    // A key of the staff that is narrowed to an activity writes nothing that is common to all.
    let body = json!({ "label": "une activité", "activities": [first] });
    let made = admin.post(&format!("/v1/users/{}/keys", admin.user), body).await.status(201);
    let narrow = Caller { key: made["secret"].as_str().unwrap().to_owned(), ..admin.clone() };
    narrow
        .post(
            "/v1/users",
            json!({ "first_name": "A", "last_name": "B", "email": "a@example.org", "role": "coop_admin" }),
        )
        .await
        .status(403);
}
