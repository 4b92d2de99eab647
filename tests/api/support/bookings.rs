//! What is sold of a session, as trainers and the cooperative make it: trainers who may teach, scans, bookings.

use clairiere::{file, people, platform::access::Ctx};
use entity::{person, stored_file, trainer};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Caller, Cooperative, TestApp};

/// The identifier of a row.
pub fn id(row: &Value) -> &str {
    row["id"].as_str().unwrap()
}

fn activity(row: &Value) -> Uuid {
    row["activity_id"].as_str().unwrap().parse().unwrap()
}

impl TestApp {
    /// Somebody who teaches in the activity of a row, accredited (or not) since 2024.
    pub async fn trainer_of(&self, of: &Value, first_name: &str, accredited: bool) -> Uuid {
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let human = tx.new_id();
        let mut act = tx.act(activity(of), people::events::Event::Created { person: human }.into());
        act.insert(person::ActiveModel {
            id: Set(human),
            first_name: Set(first_name.into()),
            birth_name: Set("Durand".into()),
            search: Set(first_name.to_lowercase()),
            ..Default::default()
        })
        .await
        .unwrap();
        let row = act
            .insert(trainer::ActiveModel {
                person_id: Set(human),
                status: Set("entrepreneur_salarie".into()),
                skills: Set("[]".into()),
                diplomas: Set("[\"Master en sciences de l’éducation\"]".into()),
                accredited_from: Set(accredited.then(|| "2024-01-01".parse().unwrap())),
                search: Set(first_name.to_lowercase()),
                ..Default::default()
            })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        row.id
    }

    /// A scan in the activity of a row.
    pub async fn scan(&self, of: &Value) -> Uuid {
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let id = tx.new_id();
        tx.act(activity(of), file::events::Event::Received { file: id }.into())
            .insert(stored_file::ActiveModel {
                id: Set(id),
                sha256: Set("0".repeat(64)),
                media_type: Set("application/pdf".into()),
                size: Set(1),
                file_name: Set("convention.pdf".into()),
                purpose: Set("scan".into()),
                ..Default::default()
            })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        id
    }
}

impl Caller {
    /// An intra session on 2 and 23 April 2026, mornings, taught by this trainer.
    pub async fn taught_session(&self, programme: &Value, trainer: Uuid) -> Value {
        self.session_on(programme, trainer, "intra", &["2026-04-02", "2026-04-23"]).await
    }

    /// A session on these mornings.
    pub async fn session_on(&self, programme: &Value, trainer: Uuid, format: &str, days: &[&str]) -> Value {
        let slots: Vec<Value> = days
            .iter()
            .map(|day| json!({ "day": day, "starts": "09:00", "ends": "12:30", "trainers": [trainer] }))
            .collect();
        let body = json!({
            "programme_version_id": programme["current_version_id"], "format": format, "slots": slots,
            "place": { "name": "Maison des associations", "whose": "client", "address": "12 rue des Lilas",
                       "postcode": "75020", "city": "Paris" }
        });
        self.post("/v1/sessions", body).await.status(201)
    }

    /// A draft booking for twelve trainees.
    pub async fn booking_for(&self, session: &Value, client: &Value) -> Value {
        let body = json!({ "session_id": session["id"], "client_id": client["id"], "heads": 12 });
        self.post("/v1/bookings", body).await.status(201)
    }

    /// Its agreement, sent to be signed; the booking is proposed.
    pub async fn sent_agreement(&self, booking: &Value) -> Value {
        let path = format!("/v1/bookings/{}/agreement", id(booking));
        let agreement = self.post(&path, json!({})).await.status(201);
        self.post(&format!("/v1/agreements/{}/send", id(&agreement)), Value::Null).await.ok()
    }

    /// Its agreement, signed on paper by both sides today.
    pub async fn signed_agreement(&self, app: &TestApp, cooperative: &Cooperative, booking: &Value) -> Value {
        let agreement = self.sent_agreement(booking).await;
        let body = signature(app, booking, &cooperative.representative).await;
        self.post(&format!("/v1/agreements/{}/sign-on-paper", id(&agreement)), body).await.ok()
    }

    /// A booking that both sides agreed.
    pub async fn agreed_booking(
        &self,
        app: &TestApp,
        cooperative: &Cooperative,
        session: &Value,
        client: &Value,
    ) -> Value {
        let booking = self.booking_for(session, client).await;
        self.signed_agreement(app, cooperative, &booking).await;
        self.post(&format!("/v1/bookings/{}/agree", id(&booking)), Value::Null).await.ok()
    }
}

/// What both sides wrote on the paper today.
pub async fn signature(app: &TestApp, of: &Value, signatory: &str) -> Value {
    let today = clairiere::platform::calendar::local_day(app.app.now());
    json!({
        "scan_file_id": app.scan(of).await, "client_signed_on": today, "client_signatory": "Mme Agnès Petit",
        "client_quality": "présidente", "provider_signed_on": today, "signatory_id": signatory
    })
}
