//! Programmes: drafts, versions that never change.

use serde_json::{Value, json};

use crate::support::commerce::{established, programme};

#[tokio::test]
async fn a_programme_is_published_only_when_it_says_everything() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let draft = marie.post("/v1/programmes", json!({ "title": "Prise en main de Zourit" })).await.status(201);
    let path = format!("/v1/programmes/{}", draft["id"].as_str().unwrap());
    let problem = marie.post(&format!("{path}/publish"), Value::Null).await.refused("programme.incomplete");
    let detail = problem["detail"].as_str().unwrap();
    for item in
        ["objectifs", "modalités de sanction (art. D6353-1)", "délai d’accès (indicateur 1 du RNQ)", "prérequis"]
    {
        assert!(detail.contains(item), "{item} not in {detail}");
    }
    marie.patch(&path, programme("Prise en main de Zourit")).await.ok();
    let version = marie.post(&format!("{path}/publish"), Value::Null).await.status(201);
    assert_eq!((&version["number"], &version["content"]["duration_minutes"]), (&json!(1), &json!(1260)));
    assert_eq!(version["content_hash"].as_str().unwrap().len(), 64);
    marie.post(&format!("{path}/publish"), Value::Null).await.refused("programme.unchanged");
}

#[tokio::test]
async fn a_version_never_changes() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let zourit = marie.programme("Prise en main de Zourit").await;
    let path = format!("/v1/programmes/{}", zourit["id"].as_str().unwrap());
    let first = format!("/v1/programme-versions/{}", zourit["current_version_id"].as_str().unwrap());
    let before = marie.get(&first).await.ok();
    marie.patch(&path, json!({ "access_delay": "Deux semaines" })).await.ok();
    marie.post(&format!("{path}/publish"), Value::Null).await.status(201);
    assert_eq!(marie.get(&first).await.ok(), before);
    let versions = marie.get(&format!("{path}/versions")).await.ok();
    assert_eq!(versions["items"][0]["content"]["access_delay"], "Deux semaines");
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);
    marie.delete(&path).await.refused("in_use");
    assert_eq!(marie.post(&format!("{path}/retire"), Value::Null).await.ok()["state"], "retired");
    let problem = marie.post(&format!("{path}/publish"), Value::Null).await.refused("programme.state");
    assert_eq!(problem["possible"], json!(["duplicate"]));
    let copy = marie.post(&format!("{path}/duplicate"), Value::Null).await.status(201);
    assert_eq!((&copy["state"], &copy["title"]), (&json!("draft"), &json!("Prise en main de Zourit (copie)")));
    marie.delete(&format!("/v1/programmes/{}", copy["id"].as_str().unwrap())).await.status(204);
}

#[tokio::test]
async fn a_draft_that_contradicts_itself_is_refused() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let mut long = programme("Zourit");
    long["duration_minutes"] = json!(1300);
    marie.post("/v1/programmes", long).await.invalid("/duration_minutes");
    let mut far = programme("Zourit");
    far["distance_minutes"] = json!(60);
    marie.post("/v1/programmes", far.clone()).await.invalid("/distance_minutes");
    far["modality"] = json!("mixed");
    let far = marie.post("/v1/programmes", far).await.status(201);
    let publish = format!("/v1/programmes/{}/publish", far["id"].as_str().unwrap());
    let problem = marie.post(&publish, Value::Null).await.refused("programme.incomplete");
    assert!(problem["detail"].as_str().unwrap().contains("D6313-3-1"), "{problem}");
    app.trainer("Nora").await.post(&publish, Value::Null).await.status(404);
}
