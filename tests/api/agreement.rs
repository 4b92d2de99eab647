//! Agreements: frozen, signed on paper, refused when something is missing.

use serde_json::{Value, json};

use crate::support::{
    Caller, Cooperative, TestApp,
    bookings::{id, signature},
    commerce, start,
};

struct Story {
    app: TestApp,
    cooperative: Cooperative,
    marie: Caller,
    client: Value,
    programme: Value,
    trainer: uuid::Uuid,
}

async fn story() -> Story {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let client = marie.client("Les Lilas").await;
    let programme = marie.programme("Zourit").await;
    let trainer = app.trainer_of(&client, "Marie", true).await;
    Story { app, cooperative, marie, client, programme, trainer }
}

fn sign(agreement: &Value) -> String {
    format!("/v1/agreements/{}/sign-on-paper", id(agreement))
}

async fn individual(marie: &Caller) -> Value {
    let person = marie.person("Zoé", "Lefèvre").await;
    let body = json!({ "kind": "individual", "name": "Zoé Lefèvre", "person_id": person["id"],
        "address": "1 rue", "postcode": "75020", "city": "Paris" });
    marie.post("/v1/clients", body).await.status(201)
}

#[tokio::test]
async fn a_convention_freezes_the_twelve_items_and_proposes_the_booking() {
    let Story { marie, client, programme, trainer, .. } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let sent = marie.sent_agreement(&booking).await;
    assert_eq!((sent["kind"].as_str(), sent["state"].as_str()), (Some("convention"), Some("sent")));
    assert_eq!(sent["terms"]["minutes"], 420);
    assert_eq!(sent["terms"]["distance_basis_points"], 0);
    assert_eq!(sent["terms"]["days"], json!(["2026-04-02", "2026-04-23"]));
    assert!(sent["document_id"].is_string());
    let booking = marie.get(&format!("/v1/bookings/{}", id(&booking))).await.ok();
    assert_eq!(booking["state"], "proposed");
    marie.post(&format!("/v1/bookings/{}/agreement", id(&booking)), json!({})).await.refused("agreement.exists");
}

#[tokio::test]
async fn a_missing_item_is_named() {
    let Story { marie, client, programme, .. } = story().await;
    let body = json!({ "programme_version_id": programme["current_version_id"], "slots": [] });
    let session = marie.post("/v1/sessions", body).await.status(201);
    let booking = marie.booking_for(&session, &client).await;
    let path = format!("/v1/bookings/{}/agreement", id(&booking));
    let problem = marie.post(&path, json!({})).await.refused("agreement.items_missing");
    let said = problem["detail"].as_str().unwrap();
    for label in ["Durée", "Période de réalisation", "Modalités de déroulement"] {
        assert!(said.contains(label), "{said}");
    }
}

#[tokio::test]
async fn a_signatory_without_delegation_is_refused() {
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let path = format!("/v1/bookings/{}", id(&booking));
    marie.patch(&path, json!({ "price_cents": 500_001 })).await.ok();
    let sent = marie.sent_agreement(&booking).await;
    let mut body = signature(&app, &booking, &cooperative.delegate).await;
    marie.post(&sign(&sent), body.clone()).await.refused("signature.no_delegation");
    body["signatory_id"] = json!(cooperative.representative);
    body["provider_signed_on"] = json!("2023-12-31");
    marie.post(&sign(&sent), body.clone()).await.refused("signature.no_delegation");
    body["provider_signed_on"] = json!("2026-03-03");
    marie.post(&sign(&sent), body.clone()).await.invalid("/provider_signed_on");
    body["provider_signed_on"] = json!("2026-03-02");
    let signed = marie.post(&sign(&sent), body).await.ok();
    assert_eq!(signed["checked_by"], "Marie Martin");
}

#[tokio::test]
async fn a_late_signature_is_kept_and_flagged() {
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let sent = marie.sent_agreement(&booking).await;
    app.at("2026-04-03T09:00");
    let body = signature(&app, &booking, &cooperative.representative).await;
    let signed = marie.post(&sign(&sent), body).await.ok();
    assert_eq!(
        (signed["signed_late"].as_bool(), signed["client_signed_on"].as_str()),
        (Some(true), Some("2026-04-03"))
    );
}

#[tokio::test]
async fn an_individual_signs_a_contrat_and_may_withdraw() {
    let Story { app, cooperative, marie, programme, trainer, .. } = story().await;
    let zoe = individual(&marie).await;
    for (distance, end) in [(false, "2026-03-12"), (true, "2026-03-16")] {
        let session = marie.session_on(&programme, trainer, "inter", &["2026-04-02"]).await;
        let booking = marie.booking_for(&session, &zoe).await;
        let path = format!("/v1/bookings/{}/agreement", id(&booking));
        marie.post(&path, json!({ "kind": "convention" })).await.invalid("/kind");
        let early = json!([{ "after": "withdrawal", "percent_basis_points": 3001 },
            { "after": "end", "percent_basis_points": 6999 }]);
        marie.post(&path, json!({ "instalments": early })).await.invalid("/instalments/0");
        let drafted = marie.post(&path, json!({ "concluded_at_distance": distance })).await.status(201);
        assert_eq!(drafted["kind"], "contract");
        marie.post(&format!("/v1/agreements/{}/send", id(&drafted)), Value::Null).await.ok();
        let body = signature(&app, &booking, &cooperative.representative).await;
        assert_eq!(marie.post(&sign(&drafted), body).await.ok()["withdrawal_ends_on"], end);
    }
}

#[tokio::test]
async fn nothing_is_due_inside_the_withdrawal_period() {
    let Story { app, cooperative, marie, programme, trainer, .. } = story().await;
    let zoe = individual(&marie).await;
    let session = marie.session_on(&programme, trainer, "inter", &["2026-04-02"]).await;
    let booking = marie.booking_for(&session, &zoe).await;
    let parts = json!([{ "due_on": "2026-03-12", "percent_basis_points": 3000 },
        { "due_on": "2026-04-02", "percent_basis_points": 7000 }]);
    let path = format!("/v1/bookings/{}/agreement", id(&booking));
    let drafted = marie.post(&path, json!({ "instalments": parts })).await.status(201);
    marie.post(&format!("/v1/agreements/{}/send", id(&drafted)), Value::Null).await.ok();
    let body = signature(&app, &booking, &cooperative.representative).await;
    marie.post(&sign(&drafted), body).await.refused("agreement.payment_before_withdrawal");
}

#[tokio::test]
async fn a_training_begins_when_its_agreement_allows_or_the_cooperative_says_so() {
    use clairiere::{agreement::may_start, platform::access::Ctx};
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let row = async || {
        let ctx = Ctx::operator(&app.app);
        let row = ctx.scope().get::<entity::booking::Entity>(id(&booking).parse().unwrap()).await.unwrap();
        may_start(&ctx.scope(), &row, "2026-04-02".parse().unwrap()).await
    };
    assert_eq!(row().await.unwrap_err().code(), "agreement.not_signed");
    let path = format!("/v1/bookings/{}/override-start", id(&booking));
    let reason = json!({ "reason": "Convention signée, original au courrier." });
    marie.post(&path, reason.clone()).await.status(403);
    cooperative.training.post(&path, reason).await.ok();
    assert!(row().await.is_ok());
}

#[tokio::test]
async fn a_scan_or_signatory_of_elsewhere_is_missing() {
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let sent = marie.sent_agreement(&booking).await;
    let paul = app.trainer("Paul").await;
    let theirs = paul.post("/v1/clients", commerce::association("Les Rosiers")).await.status(201);
    let body = signature(&app, &theirs, &cooperative.representative).await;
    marie.post(&sign(&sent), body.clone()).await.status(404);
    paul.post(&sign(&sent), body).await.status(404);
    paul.get(&format!("/v1/agreements/{}", id(&sent))).await.status(404);
    let void = json!({ "reason": "Erreur sur le prix." });
    let voided = marie.post(&format!("/v1/agreements/{}/void", id(&sent)), void).await.ok();
    assert_eq!(voided["state"], "void");
    marie.post(&format!("/v1/bookings/{}/agreement", id(&booking)), json!({})).await.status(201);
}
