//! Needs analyses and adaptations.

use serde_json::json;

use crate::support::start;
use clairiere::platform::permission::Role;

#[tokio::test]
async fn the_time_spent_upstream_leads_to_a_decision() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let lilas = marie.client("Les Lilas").await;
    let body = json!({
        "client_id": lilas["id"], "subject": "Migrer vers Zourit", "held_on": "2026-03-02",
        "appointments": [{ "on": "2026-02-20", "minutes": 90, "kind": "video_call" }],
        "participants": [{ "name": "Agnès Petit", "role": "présidente" }],
        "digital_estate": { "backups": "un disque externe, jamais restauré" }
    });
    let analysis = marie.post("/v1/needs-analyses", body).await.status(201);
    let path = format!("/v1/needs-analyses/{}", analysis["id"].as_str().unwrap());
    let conclude = format!("{path}/conclude");
    marie.post(&conclude, json!({ "conclusion": "adapt" })).await.invalid("/reason");
    let reason = json!({ "conclusion": "adapt", "reason": "deux groupes plutôt qu’un" });
    assert_eq!(marie.post(&conclude, reason.clone()).await.ok()["conclusion"], "adapt");
    marie.post(&conclude, reason).await.refused("needs.concluded");
    let nir = json!({ "context": "Agnès, 2 69 05 49 588 157 80" });
    let problem = marie.patch(&path, nir).await.invalid("/context");
    assert_eq!(problem["errors"][0]["code"], "needs.nir");
    marie.delete(&format!("/v1/clients/{}", lilas["id"].as_str().unwrap())).await.refused("in_use");
}

#[tokio::test]
async fn what_a_person_needs_is_kept_apart_and_never_told() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let paul = marie.person("Paul", "Roux").await;
    let path = format!("/v1/people/{}/adaptations", paul["id"].as_str().unwrap());
    let body = json!({ "needed": "une place près de la porte", "consent_on": "2026-03-02" });
    let noted = marie.post(&path, body).await.status(201);
    let tomorrow = json!({ "needed": "du temps", "consent_on": "2026-03-03" });
    marie.post(&path, tomorrow).await.invalid("/consent_on");
    app.trainer("Nora").await.get(&path).await.status(404);
    app.staff(Role::CoopTraining).await.get(&path).await.status(403);
    let at = format!("/v1/adaptations/{}", noted["id"].as_str().unwrap());
    let arranged = marie.patch(&at, json!({ "arranged": "Place près de la porte" })).await.ok();
    assert_eq!((&arranged["needed"], &arranged["arranged"]), (&noted["needed"], &json!("Place près de la porte")));
    assert_eq!(marie.get(&at).await.ok()["arranged"], "Place près de la porte");
    marie.patch(&at, json!({ "needed": null })).await.invalid("/needed");
    marie.patch(&at, json!({ "consent_on": "2199-01-01" })).await.invalid("/consent_on");
    marie.patch(&at, json!({ "person_id": paul["id"] })).await.invalid("/person_id");
    marie.patch(&at, json!({ "arranged": "x".repeat(2001) })).await.invalid("/arranged");
    let withdraw = format!("/v1/adaptations/{}/withdraw", noted["id"].as_str().unwrap());
    let withdrawn = marie.post(&withdraw, json!({})).await.ok();
    assert_eq!((&withdrawn["needed"], &withdrawn["withdrawn_on"]), (&json!(""), &json!("2026-03-02")));
    marie.post(&withdraw, json!({})).await.refused("adaptation.withdrawn");
    marie.patch(&at, json!({ "needed": "Encore" })).await.refused("adaptation.withdrawn");
    let told: Vec<String> = audit(&app).await;
    assert!(told.iter().all(|changes| !changes.contains("porte")), "{told:?}");
    assert!(told.iter().any(|changes| changes.contains("adaptation")));
}

#[expect(clippy::disallowed_methods, reason = "the audit is read as the database keeps it")]
async fn audit(app: &crate::support::TestApp) -> Vec<String> {
    use sea_orm::EntityTrait;
    let entries = entity::audit_entry::Entity::find().all(app.app.db.writer()).await.unwrap();
    entries.into_iter().map(|entry| format!("{entry:?}")).collect()
}
