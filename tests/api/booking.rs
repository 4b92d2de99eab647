//! Bookings: what is sold, moved, approved; what refuses to be agreed.

use clairiere::{booking::recheck_terms, platform::access::Ctx};
use serde_json::{Value, json};

use crate::support::{Caller, Cooperative, TestApp, bookings::id, start};

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

fn path(booking: &Value, step: &str) -> String {
    format!("/v1/bookings/{}/{step}", id(booking))
}

#[tokio::test]
async fn a_booking_is_drafted_signed_and_agreed() {
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    assert_eq!(booking["reference"], "BKG-2026-0001");
    assert_eq!(booking["price_cents"], 360_000, "the programme's price for a group");
    let problem = marie.post(&path(&booking, "agree"), Value::Null).await.refused("booking.no_move");
    assert_eq!(problem["possible"], json!(["propose", "cancel"]));
    let signed = marie.signed_agreement(&app, &cooperative, &booking).await;
    assert_eq!((signed["state"].as_str(), signed["signed_late"].as_bool()), (Some("signed"), Some(false)));
    let agreed = marie.post(&path(&booking, "agree"), Value::Null).await.ok();
    assert_eq!((agreed["state"].as_str(), agreed["agreed_on"].as_str()), (Some("agreed"), Some("2026-03-02")));
    let closed = marie.post(&path(&booking, "cancel"), json!({ "reason": "Le client renonce." })).await.ok();
    assert_eq!(closed["state"], "cancelled");
}

#[tokio::test]
async fn a_quotes_training_lines_make_the_price() {
    let Story { marie, client, programme, trainer, .. } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let quote = marie.quote(&client, &programme).await;
    let body = json!({ "session_id": session["id"], "client_id": client["id"], "quote_id": quote["id"], "heads": 12 });
    assert_eq!(marie.post("/v1/bookings", body).await.status(201)["price_cents"], 360_000, "advice is not in it");
}

#[tokio::test]
async fn nothing_is_agreed_without_a_signed_agreement() {
    let Story { marie, client, programme, trainer, .. } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    marie.post(&path(&booking, "propose"), Value::Null).await.ok();
    marie.post(&path(&booking, "agree"), Value::Null).await.refused("booking.agreement_not_signed");
}

#[tokio::test]
async fn an_unaccredited_trainer_is_named_and_only_the_cooperative_lets_it_pass() {
    let Story { app, cooperative, marie, client, programme, .. } = story().await;
    let paul = app.trainer_of(&client, "Paul", false).await;
    let session = marie.taught_session(&programme, paul).await;
    let booking = marie.booking_for(&session, &client).await;
    marie.signed_agreement(&app, &cooperative, &booking).await;
    let problem = marie.post(&path(&booking, "agree"), Value::Null).await.refused("booking.trainer_not_accredited");
    assert!(problem["detail"].as_str().unwrap().contains("Paul Durand"));
    let reason = json!({ "reason": "Agrément en cours." });
    marie.post(&path(&booking, "override-accreditation"), reason.clone()).await.status(403);
    cooperative.training.post(&path(&booking, "override-accreditation"), reason).await.ok();
    marie.post(&path(&booking, "agree"), Value::Null).await.ok();
}

#[tokio::test]
async fn a_public_body_gives_its_order_reference() {
    let Story { app, cooperative, marie, programme, trainer, .. } = story().await;
    let town = json!({ "kind": "public_body", "name": "Ville", "siret": "35600000000048", "address": "1 place",
        "postcode": "75020", "city": "Paris", "purchase_order_required": true });
    let town = marie.post("/v1/clients", town).await.status(201);
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &town).await;
    marie.signed_agreement(&app, &cooperative, &booking).await;
    marie.post(&path(&booking, "agree"), Value::Null).await.refused("booking.order_reference_missing");
    marie.patch(&format!("/v1/bookings/{}", id(&booking)), json!({ "order_reference": "BC-2026-118" })).await.ok();
    marie.post(&path(&booking, "agree"), Value::Null).await.ok();
}

#[tokio::test]
async fn a_new_price_voids_the_approval_and_proposes_an_amendment() {
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let settings = cooperative.admin.patch("/v1/organisation", json!({ "approval_required": true })).await.ok();
    assert_eq!(settings["approval_required"], true);
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let signed = marie.signed_agreement(&app, &cooperative, &booking).await;
    marie.post(&path(&booking, "agree"), Value::Null).await.refused("booking.not_approved");
    marie.post(&path(&booking, "accept-approval"), Value::Null).await.status(403);
    marie.post(&path(&booking, "request-approval"), Value::Null).await.ok();
    let returned = json!({ "reason": "Le prix ne suit pas la grille." });
    cooperative.training.post(&path(&booking, "return-approval"), returned).await.ok();
    marie.post(&path(&booking, "request-approval"), Value::Null).await.ok();
    let desk = cooperative.training.get("/v1/approvals?state=requested").await.ok();
    assert_eq!(desk["items"].as_array().unwrap().len(), 1);
    cooperative.training.post(&path(&booking, "accept-approval"), Value::Null).await.ok();
    let here = format!("/v1/bookings/{}", id(&booking));
    let changed = marie.patch(&here, json!({ "price_cents": 400_000 })).await.ok();
    assert_eq!(changed["approval"], "voided");
    marie.post(&path(&booking, "agree"), Value::Null).await.refused("booking.agreement_outdated");
    let mut ctx = Ctx::operator(&app.app);
    clairiere::agreement::propose_amendment(&mut ctx, id(&booking).parse().unwrap()).await.unwrap();
    let amendments = marie.get(&format!("/v1/agreements/{}/amendments", id(&signed))).await.ok();
    let amendment = &amendments["items"][0];
    assert_eq!(amendment["changes"][0]["item"], "price");
    let sign = json!({ "scan_file_id": app.scan(&booking).await, "signed_on": "2026-03-02",
        "signatory_id": cooperative.representative });
    marie.post(&format!("/v1/amendments/{}/sign-on-paper", id(amendment)), sign).await.ok();
    marie.post(&path(&booking, "request-approval"), Value::Null).await.ok();
    cooperative.training.post(&path(&booking, "accept-approval"), Value::Null).await.ok();
    marie.post(&path(&booking, "agree"), Value::Null).await.ok();
}

#[tokio::test]
async fn a_half_day_more_is_material_and_voids_the_approval() {
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    marie.post(&path(&booking, "request-approval"), Value::Null).await.ok();
    cooperative.training.post(&path(&booking, "accept-approval"), Value::Null).await.ok();
    let more = json!({ "slots": [{ "day": "2026-04-24", "starts": "09:00", "ends": "12:30", "trainers": [trainer] }] });
    marie.post(&format!("/v1/sessions/{}/slots", id(&session)), more).await.ok();
    recheck_terms(&mut Ctx::operator(&app.app), id(&session).parse().unwrap()).await.unwrap();
    assert_eq!(marie.get(&format!("/v1/bookings/{}", id(&booking))).await.ok()["approval"], "voided");
}

#[tokio::test]
async fn an_intra_session_is_sold_once_even_by_two_at_once() {
    let Story { marie, client, programme, trainer, .. } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let body = json!({ "session_id": session["id"], "client_id": client["id"], "heads": 12 });
    let (one, other) = tokio::join!(marie.post("/v1/bookings", body.clone()), marie.post("/v1/bookings", body.clone()));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    marie.post("/v1/bookings", body.clone()).await.refused("booking.session_taken");
    let first = marie.get("/v1/bookings").await.ok()["items"][0].clone();
    marie.post(&path(&first, "cancel"), json!({ "reason": "Erreur de client." })).await.ok();
    marie.post("/v1/bookings", body).await.status(201);
}

#[tokio::test]
async fn an_agreed_date_refuses_another_agreement_with_the_same_trainer() {
    let Story { app, cooperative, marie, client, programme, trainer } = story().await;
    let first = marie.taught_session(&programme, trainer).await;
    let second = marie.session_on(&programme, trainer, "inter", &["2026-04-23"]).await;
    marie.agreed_booking(&app, &cooperative, &first, &client).await;
    let booking = marie.booking_for(&second, &client).await;
    marie.signed_agreement(&app, &cooperative, &booking).await;
    marie.post(&path(&booking, "agree"), Value::Null).await.refused("session.trainer_busy");
}

#[tokio::test]
async fn rows_of_another_activity_are_missing_wherever_they_stand() {
    let Story { app, marie, client, programme, trainer, .. } = story().await;
    let session = marie.taught_session(&programme, trainer).await;
    let paul = app.trainer("Paul").await;
    let theirs = paul.client("Les Rosiers").await;
    let mine = json!({ "session_id": session["id"], "client_id": client["id"] });
    paul.post("/v1/bookings", mine).await.status(404);
    marie.post("/v1/bookings", json!({ "session_id": session["id"], "client_id": theirs["id"] })).await.status(404);
    let contact = json!({ "session_id": session["id"], "client_id": client["id"],
        "signatory_contact_id": theirs["contacts"][0]["id"] });
    marie.post("/v1/bookings", contact).await.status(404);
    let booking = marie.booking_for(&session, &client).await;
    paul.get(&format!("/v1/bookings/{}", id(&booking))).await.status(404);
    paul.post(&path(&booking, "propose"), Value::Null).await.status(404);
    paul.post(&path(&booking, "agreement"), json!({})).await.status(404);
    let staff = app.staff(clairiere::platform::permission::Role::CoopTraining).await;
    let crossed = json!({ "session_id": session["id"], "client_id": theirs["id"] });
    staff.post("/v1/bookings", crossed).await.status(404);
}
