//! The cooperative: what is in force on a day, and who may say so.

use clairiere::platform::permission::Role;
use serde_json::json;

use crate::support::{legal_identity, start};

#[tokio::test]
async fn the_facts_of_a_day_are_those_in_force() {
    let app = start().await;
    let coop = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let facts = marie.get("/v1/organisation/facts").await.ok();
    assert_eq!(facts["on"], "2026-03-02");
    assert_eq!(facts["legal_identity"]["siret"], "73282932000074");
    assert_eq!(facts["declaration"]["number"], "11751234575");
    assert_eq!(facts["signatories"].as_array().unwrap().len(), 2);
    assert_eq!(facts["texts"].as_array().unwrap().len(), 2);
    assert_eq!(facts["warnings"], json!([]));
    let before = coop.auditor.get("/v1/organisation/facts?on=2023-12-31").await.ok();
    assert!(before["legal_identity"].is_null());
    assert!(before["warnings"].to_string().contains("Aucune identité légale en vigueur le 31 décembre 2023"));
}

#[tokio::test]
async fn two_periods_of_the_same_fact_never_overlap() {
    let app = start().await;
    let coop = app.cooperative().await;
    let mut next = legal_identity();
    next["name"] = json!("La Ruche et compagnie");
    next["valid_from"] = json!("2026-06-01");
    let refused =
        coop.admin.post("/v1/organisation/legal-identities", next.clone()).await.refused("organisation.overlap");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("1er juin 2026") && detail.contains("1er janvier 2024"), "{detail}");
    let list = coop.admin.get("/v1/organisation/legal-identities").await.ok();
    let path = format!("/v1/organisation/legal-identities/{}", list["items"][0]["id"].as_str().unwrap());
    let backwards = coop.admin.patch(&path, json!({ "valid_to": "2023-05-31" })).await.invalid("/valid_to");
    let detail = backwards["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("31 mai 2023") && detail.contains("1er janvier 2024"), "{detail}");
    coop.admin.patch(&path, json!({ "valid_to": "2026-05-31" })).await.ok();
    coop.admin.post("/v1/organisation/legal-identities", next).await.status(201);
    let name = async |day: &str| {
        let facts = coop.admin.get(&format!("/v1/organisation/facts?on={day}")).await.ok();
        facts["legal_identity"]["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(name("2026-05-31").await, "La Ruche");
    assert_eq!(name("2026-06-01").await, "La Ruche et compagnie");
    coop.admin.patch(&path, json!({ "valid_to": null })).await.refused("organisation.overlap");
}

#[tokio::test]
async fn numbers_are_checked_with_a_sentence() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let mut body = legal_identity();
    body["valid_from"] = json!("2024-01-01");
    let with = |field: &str, value: &str| {
        let mut body = body.clone();
        body[field] = json!(value);
        body
    };
    let path = "/v1/organisation/legal-identities";
    let problem = admin.post(path, with("siret", "73282932000075")).await.invalid("/siret");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("Ce SIRET est mal recopié"));
    admin.post(path, with("siret", "35600000000048")).await.invalid("/siret");
    admin.post(path, with("vat_number", "FR39356000000")).await.invalid("/vat_number");
    admin.post(path, with("postcode", "7501")).await.invalid("/postcode");
    let unusual = json!({ "number": "11 75 12345 93", "prefect_region": "Île-de-France", "valid_from": "2024-01-01" });
    admin.post("/v1/organisation/declarations", unusual).await.status(201);
    let facts = admin.get("/v1/organisation/facts").await.ok();
    assert!(facts["warnings"].to_string().contains("75 au début et 93 à la fin"), "{facts}");
}

#[tokio::test]
async fn a_new_edition_of_a_text_closes_the_previous_one() {
    let app = start().await;
    let coop = app.cooperative().await;
    let rules = json!({ "kind": "internal_rules", "title": "Règlement intérieur", "body": "Article 1 bis.", "valid_from": "2026-04-01" });
    let second = coop.training.post("/v1/organisation/texts", rules.clone()).await.status(201);
    assert_eq!(second["edition"], 2);
    assert_eq!(second["sha256"].as_str().unwrap().len(), 64);
    let first_path = format!("/v1/organisation/texts/{}", coop.internal_rules);
    let first = coop.training.get(&first_path).await.ok();
    assert_eq!((first["edition"].as_i64(), first["valid_to"].as_str()), (Some(1), Some("2026-03-31")));
    coop.training.post("/v1/organisation/texts", rules).await.refused("organisation.overlap");
    let rewritten = coop.training.patch(&first_path, json!({ "body": "Autre chose." })).await;
    rewritten.refused("organisation.text_published");
    let neither = json!({ "kind": "privacy", "title": "Vos données", "valid_from": "2026-04-01" });
    coop.training.post("/v1/organisation/texts", neither).await.invalid("/body");
    let list = coop.training.get("/v1/organisation/texts?kind=internal_rules").await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(list["items"][0]["body"].is_null());
}

#[tokio::test]
async fn rules_are_changed_by_the_cooperative_alone() {
    let app = start().await;
    let coop = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    assert_eq!(marie.get("/v1/organisation").await.ok()["approval_required"], false);
    marie.patch("/v1/organisation", json!({ "approval_required": true })).await.status(403);
    coop.auditor.patch("/v1/organisation", json!({ "approval_required": true })).await.status(403);
    let changed = coop.admin.patch("/v1/organisation", json!({ "approval_required": true })).await.ok();
    assert_eq!(
        (changed["approval_required"].as_bool(), changed["quote_validity_days"].as_i64()),
        (Some(true), Some(60))
    );
    coop.admin.patch("/v1/organisation", json!({ "convocation_days": 400 })).await.invalid("/convocation_days");
}
