//! People who teach.

use clairiere::platform::permission::Role;
use serde_json::json;

use crate::support::start;

#[tokio::test]
async fn a_trainer_is_added_with_their_person_and_accredited_by_the_cooperative() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let body = json!({
        "person": { "first_name": "Zoé", "birth_name": "Lefèvre" }, "status": "entrepreneur_salarie",
        "skills": ["Logiciels libres"], "diplomas": ["Master informatique"], "cv_dated": "2026-01-15"
    });
    let zoe = marie.post("/v1/trainers", body).await.status(201);
    assert_eq!(zoe["name"], "Zoé Lefèvre");
    let path = format!("/v1/trainers/{}", zoe["id"].as_str().unwrap());
    for words in ["lefevre", "libres"] {
        let found = marie.get(&format!("/v1/trainers?q={words}")).await.ok();
        assert_eq!(found["items"][0]["id"], zoe["id"], "{words}");
    }
    let accredit = format!("{path}/accredit");
    marie.post(&accredit, json!({ "from": "2026-01-01" })).await.status(403);
    let quality = app.staff(Role::CoopQuality).await;
    quality.post(&accredit, json!({ "from": "2026-01-01", "to": "2025-01-01" })).await.invalid("/to");
    let done = quality.post(&accredit, json!({ "from": "2026-01-01", "to": "2026-12-31" })).await.ok();
    assert_eq!(done["accredited_to"], "2026-12-31");
    let changed = marie.patch(&path, json!({ "references": "Dix ans de terrain" })).await.ok();
    assert_eq!(changed["accredited_from"], "2026-01-01");
    marie.delete(&path).await.status(204);
}

#[tokio::test]
async fn a_subcontractor_has_a_declaration_and_a_contract() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let paul = app.trainer("Paul").await;
    let mut body = json!({
        "person": { "first_name": "Sam", "birth_name": "Noël" }, "status": "subcontractor", "skills": [], "diplomas": []
    });
    marie.post("/v1/trainers", body.clone()).await.invalid("/nda");
    body["nda"] = json!("11 75 12345 75");
    marie.post("/v1/trainers", body.clone()).await.invalid("/contract_reference");
    body["contract_reference"] = json!("ST-2026-01");
    let sam = marie.post("/v1/trainers", body.clone()).await.status(201);
    body["person_id"] = sam["person_id"].clone();
    marie.post("/v1/trainers", body.clone()).await.invalid("/person_id");
    body.as_object_mut().unwrap().remove("person");
    paul.post("/v1/trainers", body.clone()).await.status(404);
    marie.post("/v1/trainers", body).await.refused("trainer.person_id_taken");
    paul.get(&format!("/v1/trainers/{}", sam["id"].as_str().unwrap())).await.status(404);
}
