//! People: known by an activity, changed with care, found again.

use serde_json::json;

use crate::support::start;

#[tokio::test]
async fn a_person_is_created_found_changed_and_forgotten() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let answer =
        marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre", "external_id": "crm-1" })).await;
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let zoe = answer.status(201);
    let path = format!("/v1/people/{}", zoe["id"].as_str().unwrap());
    let found = marie.get("/v1/people?q=lefevre").await.ok();
    assert_eq!(found["items"][0]["id"], zoe["id"]);
    let changed = marie.patch(&path, json!({ "email": "zoe@example.org" })).await.ok();
    assert_eq!((changed["email"].as_str(), changed["first_name"].as_str()), (Some("zoe@example.org"), Some("Zoé")));
    assert_eq!(changed["version"], 2);
    let emptied = marie.patch(&path, json!({ "email": null })).await.ok();
    assert!(emptied["email"].is_null());
    marie.delete(&path).await.status(204);
    marie.get(&path).await.status(404);
}

#[tokio::test]
async fn a_stale_or_blind_change_is_refused() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let zoe = marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    let path = format!("/v1/people/{}", zoe["id"].as_str().unwrap());
    let blind = marie.call(poem::http::Method::PATCH, &path, Some(json!({ "first_name": "Z" })), &[]).await;
    blind.status(428);
    marie.patch(&path, json!({ "first_name": "Zoë" })).await.ok();
    let stale = marie
        .call(poem::http::Method::PATCH, &path, Some(json!({ "first_name": "Z" })), &[("If-Match", "\"1\"")])
        .await;
    stale.status(412);
}

#[tokio::test]
async fn every_fault_is_told_at_once_with_its_place() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let answer = marie.post("/v1/people", json!({ "birth_name": "", "email": "nobody", "colour": "red" })).await;
    let problem = answer.invalid("/first_name");
    let places: std::collections::BTreeSet<&str> =
        problem["errors"].as_array().unwrap().iter().filter_map(|fault| fault["pointer"].as_str()).collect();
    assert_eq!(places, ["/birth_name", "/colour", "/first_name"].into());
    let answer = marie.post("/v1/people", json!({ "first_name": "A", "birth_name": "B", "email": "nobody" })).await;
    answer.invalid("/email");
}

#[tokio::test]
async fn a_repeated_request_is_carried_out_once() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let body = json!({ "first_name": "Zoé", "birth_name": "Lefèvre" });
    let key = [("Idempotency-Key", "appel-1")];
    let first = marie.call(poem::http::Method::POST, "/v1/people", Some(body.clone()), &key).await.status(201);
    let again = marie.call(poem::http::Method::POST, "/v1/people", Some(body), &key).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.status(201)["id"], first["id"]);
    assert_eq!(marie.get("/v1/people").await.ok()["items"].as_array().unwrap().len(), 1);
    let other = json!({ "first_name": "Paul", "birth_name": "Lefèvre" });
    let other = marie.call(poem::http::Method::POST, "/v1/people", Some(other), &key).await;
    other.refused("idempotency.other_request");
}
