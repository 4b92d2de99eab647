//! What took place is not undone: sessions, half-days, bookings, agreements; and what never took place is not billed.

use clairiere::platform::permission::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    signing::signature,
    support::{
        Caller, Cooperative, TestApp,
        bookings::id,
        start,
        training::{Training, training, training_of},
    },
};

/// A morning that is sold to a client, and nothing signed yet.
struct Sold {
    app: TestApp,
    cooperative: Cooperative,
    marie: Caller,
    client: Value,
    programme: Value,
    trainer: Uuid,
    session: Value,
    booking: Value,
}

async fn sold() -> Sold {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let client = marie.client("Les Lilas").await;
    let programme = marie.programme("Zourit").await;
    let trainer = app.trainer_of(&client, "Marie", true).await;
    let session = marie.session_on(&programme, trainer, "intra", &["2026-04-02"]).await;
    let booking = marie.booking_for(&session, &client).await;
    Sold { app, cooperative, marie, client, programme, trainer, session, booking }
}

/// Zoé, enrolled for good.
async fn zoe(marie: &Caller, booking: &Value) -> Value {
    let enrolment = json!({ "booking_id": booking["id"], "status": "employee",
                            "person": { "first_name": "Zoé", "birth_name": "Lefèvre" } });
    let enrolment = marie.post("/v1/enrolments", enrolment).await.status(201);
    let enrol = json!({ "information_pack": { "channel": "email" } });
    marie.post(&format!("/v1/enrolments/{}/enrol", id(&enrolment)), enrol).await.ok()
}

impl Training {
    async fn morning_signed_by_the_trainer(&self) {
        self.app.at("2026-03-03T09:10");
        let signed = signature("trainer_id", self.trainer, 2);
        self.marie.post(&format!("/v1/slots/{}/signatures", self.slots[0]), signed).await.ok();
    }

    fn at_session(&self, step: &str) -> String {
        format!("/v1/sessions/{}/{step}", self.session)
    }

    fn at_booking(&self, step: &str) -> String {
        format!("/v1/bookings/{}/{step}", self.booking)
    }

    async fn lacks(&self) -> Vec<String> {
        let list = self.marie.get(&self.at_session("todo")).await.ok();
        list["items"].as_array().unwrap().iter().map(|line| line["code"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_session_that_stops_at_noon_keeps_its_morning() {
    let it = training().await;
    it.morning_signed_by_the_trainer().await;
    let reason = json!({ "reason": "Le client arrête la formation" });
    let refused = it.marie.post(&it.at_session("cancel"), reason.clone()).await.refused("session.signed_slots");
    assert!(refused["detail"].as_str().unwrap().contains("3 mars 2026"), "{refused}");
    it.hold(0, json!([])).await;
    let cancelled = it.marie.post(&it.at_session("cancel"), reason).await.ok();
    let states: Vec<&str> =
        cancelled["slots"].as_array().unwrap().iter().map(|slot| slot["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["held", "cancelled"]);
    assert!(it.lacks().await.contains(&"certificate.missing".to_owned()), "{:?}", it.lacks().await);
    let camille = it.camille().await;
    let issued = camille.post(&it.at_session("certificates"), json!({})).await.ok();
    assert_eq!(issued["documents"].as_array().unwrap().len(), 3, "{issued}");
}

#[tokio::test]
async fn a_half_day_that_the_trainer_signed_stays_where_it_is() {
    let it = training().await;
    it.morning_signed_by_the_trainer().await;
    let moved = json!({ "day": "2026-03-10", "starts": "09:00", "ends": "12:30", "reason": "Salle indisponible" });
    it.marie.post(&format!("/v1/slots/{}/move", it.slots[0]), moved).await.refused("slot.signed");
    let after = it.moves(1, "2026-03-11", "14:00", "17:30").await;
    assert_eq!(after["state"], "moved", "the afternoon moves, and says so");
}

#[tokio::test]
async fn half_days_that_somebody_signed_stay_theirs() {
    let it = training().await;
    it.hold(0, json!([])).await;
    let path = format!("/v1/enrolments/{}", it.zoe);
    let without = json!({ "slots": [it.slots[1]] });
    let refused = it.marie.patch(&path, without).await.refused("enrolment.slot_signed");
    assert!(refused["detail"].as_str().unwrap().contains("3 mars 2026"), "{refused}");
    it.marie.patch(&path, json!({ "slots": [it.slots[0]] })).await.ok();
}

#[tokio::test]
async fn a_booking_that_was_attended_is_not_called_off() {
    let it = training().await;
    it.hold(0, json!([])).await;
    let reason = json!({ "reason": "Le client renonce" });
    it.marie.post(&it.at_booking("cancel"), reason).await.refused("booking.performed");
}

#[tokio::test]
async fn whoever_was_convoked_is_told_that_their_booking_is_called_off() {
    let it = training().await;
    it.addresses().await;
    it.convokes().await;
    it.app.work().await;
    it.app.mail.clear();
    it.marie.post(&it.at_booking("cancel"), json!({ "reason": "Le client ne paie pas" })).await.ok();
    it.app.work().await;
    it.app.done().await;
    for address in ["zoe@example.org", "rose@example.org"] {
        let mails = it.app.mails_to(address);
        let told = mails.iter().filter(|mail| mail.subject.contains("annulation de")).collect::<Vec<_>>();
        assert_eq!(told.len(), 1, "{address}: {mails:?}");
        assert!(!told[0].text.contains("paie"), "why a sale ended is nobody else's: {}", told[0].text);
    }
    let enrol = format!("/v1/bookings/{}/enrol", it.booking);
    it.marie.post(&enrol, json!({})).await.refused("enrolment.booking_closed");
    let instead = json!({ "person": { "first_name": "Inès", "birth_name": "Abadie" }, "reason": "Empêchée" });
    it.marie.post(&format!("/v1/enrolments/{}/replace", it.zoe), instead).await.refused("enrolment.booking_closed");
}

#[tokio::test]
async fn nothing_is_invoiced_for_what_nobody_attended() {
    let it = training_of(2).await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    let path = format!("/v1/funding-files/{}", id(&file));
    it.marie.post(&format!("{path}/file"), json!({ "on": "2026-03-02" })).await.ok();
    it.marie.post(&format!("{path}/decide"), json!({ "decision": "approved", "on": "2026-03-02" })).await.ok();
    it.marie.post(&it.at_session("cancel"), json!({ "reason": "Le client renonce" })).await.ok();
    let invoice = json!({ "invoice_number": "F-2026-001" });
    it.marie.post(&format!("{path}/invoice"), invoice).await.refused("funding.nothing_attended");
}

#[tokio::test]
async fn nothing_begins_without_a_signed_agreement() {
    let Sold { cooperative, marie, session, booking, app: _app, .. } = sold().await;
    let enrolment = zoe(&marie, &booking).await;
    let (of_session, of_trainee) =
        (format!("/v1/sessions/{}", id(&session)), format!("/v1/enrolments/{}/start", id(&enrolment)));
    marie.post(&format!("{of_session}/open"), Value::Null).await.ok();
    marie.post(&format!("{of_session}/start"), Value::Null).await.refused("agreement.not_signed");
    marie.post(&of_trainee, Value::Null).await.refused("agreement.not_signed");
    let reason = json!({ "reason": "Convention signée ce jour, à recevoir" });
    let path = format!("/v1/bookings/{}/override-start", id(&booking));
    cooperative.training.post(&path, reason).await.ok();
    assert_eq!(marie.post(&of_trainee, Value::Null).await.ok()["state"], "started");
    assert_eq!(marie.post(&format!("{of_session}/start"), Value::Null).await.ok()["state"], "running");
}

#[tokio::test]
async fn a_void_convention_verifies_as_taken_back() {
    let Sold { app, cooperative, marie, trainer, session, booking, .. } = sold().await;
    let agreement = marie.sent_agreement(&booking).await;
    let void = format!("/v1/agreements/{}/void", id(&agreement));
    marie.post(&void, json!({ "reason": "Erreur sur le prix" })).await.ok();
    let paper = marie.get(&format!("/v1/documents/{}", agreement["document_id"].as_str().unwrap())).await.ok();
    assert_eq!(paper["state"], "revoked");
    // What was signed and begun is amended, not undone.
    let agreement = marie.signed_agreement(&app, &cooperative, &booking).await;
    zoe(&marie, &booking).await;
    app.at("2026-04-02T18:00");
    let held = json!({ "default": "present", "proof": "paper", "exceptions": [], "close": true,
                       "trainers": [{ "trainer_id": trainer }] });
    marie.post(&format!("/v1/slots/{}/attendance", id(&session["slots"][0])), held).await.ok();
    let void = format!("/v1/agreements/{}/void", id(&agreement));
    marie.post(&void, json!({ "reason": "Erreur sur le prix" })).await.refused("agreement.performed");
}

#[tokio::test]
async fn an_activity_that_left_sells_nothing_more() {
    let Sold { app, marie, client, programme, booking, .. } = sold().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let leave = format!("/v1/activities/{}/leave", client["activity_id"].as_str().unwrap());
    admin.post(&leave, json!({ "on": "2026-03-03", "reason": "Création de sa société" })).await.ok();
    app.at("2026-03-03T09:00");
    marie.post(&format!("/v1/bookings/{}/propose", id(&booking)), Value::Null).await.refused("activity.left");
    let quote = json!({
        "client_id": client["id"], "programme_version_id": programme["current_version_id"], "heads": 3,
        "period": "au printemps", "place": "chez vous",
        "lines": [{ "nature": "training", "label": "Formation", "quantity_hundredths": 100, "unit": "jour",
                    "unit_price_cents": 120_000 }]
    });
    marie.post("/v1/quotes", quote).await.refused("activity.left");
    let planned = json!({ "programme_version_id": programme["current_version_id"], "slots": [],
                          "place": { "name": "Salle", "whose": "client", "address": "12 rue des Lilas",
                                     "postcode": "75020", "city": "Paris" } });
    marie.post("/v1/sessions", planned).await.refused("activity.left");
}

#[tokio::test]
async fn nasty_beginnings_and_ends_get_a_word() {
    let Sold { app, cooperative, marie, session, booking, .. } = sold().await;
    let (of_session, of_booking) = (format!("/v1/sessions/{}", id(&session)), format!("/v1/bookings/{}", id(&booking)));
    // Begun before it is open, by hand, by somebody else, twice.
    let reason = json!({ "reason": "Convention signée ce jour, à recevoir" });
    cooperative.training.post(&format!("{of_booking}/override-start"), reason).await.ok();
    let refused = marie.post(&format!("{of_session}/start"), Value::Null).await.refused("session.no_move");
    assert_eq!(refused["possible"], json!(["open", "cancel"]));
    let enrolment = json!({ "booking_id": booking["id"], "status": "employee",
                            "person": { "first_name": "Paul", "birth_name": "Moreau" } });
    let paul = marie.post("/v1/enrolments", enrolment).await.status(201);
    let begin = format!("/v1/enrolments/{}/start", id(&paul));
    marie.post(&begin, Value::Null).await.refused("enrolment.no_move");
    let zoe = zoe(&marie, &booking).await;
    let begin = format!("/v1/enrolments/{}/start", id(&zoe));
    app.trainer("Jean").await.post(&begin, Value::Null).await.status(404);
    marie.post(&begin, Value::Null).await.ok();
    marie.post(&begin, Value::Null).await.refused("enrolment.no_move");
    // Links for nobody, for the same person twice, for somebody of another session.
    let links = format!("{of_session}/signing-links");
    marie.post(&links, json!({})).await.invalid("/delivery");
    marie.post(&links, json!({ "delivery": "pigeon" })).await.invalid("/delivery");
    let none = json!({ "enrolments": [], "slots": [], "delivery": "mail" });
    assert_eq!(marie.post(&links, none).await.ok()["items"], json!([]));
    let twice = json!({ "enrolments": [zoe["id"], zoe["id"]], "delivery": "answer" });
    let made = cooperative.training.post(&links, twice).await.ok();
    assert_eq!(made["items"].as_array().unwrap().len(), 1, "one person, one link: {made}");
    let other = training().await;
    let stranger = json!({ "enrolments": [other.zoe], "delivery": "mail" });
    marie.post(&links, stranger).await.status(404);
    // Called off with blanks for a reason, twice, and begun afterwards.
    marie.post(&format!("{of_booking}/cancel"), json!({ "reason": "   " })).await.invalid("/reason");
    marie.post(&format!("{of_booking}/cancel"), json!({ "reason": "Le client renonce" })).await.ok();
    marie.post(&format!("{of_booking}/cancel"), json!({ "reason": "Encore" })).await.refused("booking.no_move");
    marie.post(&format!("/v1/enrolments/{}/start", id(&paul)), Value::Null).await.refused("enrolment.no_move");
}
