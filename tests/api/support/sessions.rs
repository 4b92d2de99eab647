//! Sessions as a trainer plans them, who teaches them, who buys and follows them.

use clairiere::{booking::events::Event as Booking, people::events::Event as Person, platform::access::Ctx};
use entity::{booking, trainer};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Caller, TestApp};

/// The identifier of an answer.
pub fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

/// A half-day on this day, taught by these trainers.
pub fn slot(day: &str, starts: &str, ends: &str, trainers: &[Uuid]) -> Value {
    json!({ "day": day, "starts": starts, "ends": ends, "trainers": trainers })
}

/// Morning and afternoon of these days.
pub fn days(days: &[&str], trainers: &[Uuid]) -> Vec<Value> {
    let halves = [("09:00", "12:30"), ("13:30", "17:00")];
    days.iter().flat_map(|day| halves.map(|(starts, ends)| slot(day, starts, ends, trainers))).collect()
}

/// A room of the client's, with rules of its own.
pub fn room() -> Value {
    json!({
        "name": "Maison des associations", "whose": "client", "address": "12 rue des Lilas", "postcode": "75020",
        "city": "Paris", "access": "métro Porte des Lilas", "disabled_access": "plain-pied, ascenseur",
        "equipment": "vidéoprojecteur", "host_rules": true
    })
}

impl TestApp {
    /// A trainer of an activity, who is this user if there is one.
    pub async fn teacher(&self, marie: &Caller, name: &str, user: Option<Uuid>) -> Uuid {
        let person = marie.person(name, "Martin").await;
        let activity = person["activity_id"].as_str().unwrap().parse::<Uuid>().unwrap();
        let person: Uuid = id(&person).parse().unwrap();
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let row = tx
            .act(activity, Person::Changed { person }.into())
            .insert(trainer::ActiveModel {
                person_id: Set(person),
                user_id: Set(user),
                status: Set("entrepreneur_salarie".into()),
                skills: Set("[]".into()),
                diplomas: Set("[]".into()),
                search: Set(name.to_lowercase()),
                ..Default::default()
            })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        row.id
    }

    /// The booking becomes agreed, without its papers.
    pub async fn agreed(&self, booking: &Value) {
        let booking: Uuid = id(booking).parse().unwrap();
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let row = tx.lock::<booking::Entity>(booking).await.unwrap();
        tx.act(row.activity_id, Booking::Agreed { booking }.into())
            .update(row, |edit: &mut booking::ActiveModel| edit.state = Set("agreed".into()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

impl Caller {
    /// A session of a published programme (`current_version_id`), in the client's room.
    pub async fn session(&self, programme: &Value, slots: Vec<Value>) -> Value {
        let body = json!({
            "programme_version_id": programme["current_version_id"], "place": room(), "max_heads": 12, "slots": slots
        });
        self.post("/v1/sessions", body).await.status(201)
    }

    /// One day, then two consecutive days three weeks later: how Zourit is taught.
    pub async fn zourit_session(&self, trainers: &[Uuid]) -> Value {
        let programme = self.programme("Prendre en main Zourit").await;
        self.session(&programme, days(&["2026-03-09", "2026-03-30", "2026-03-31"], trainers)).await
    }

    /// A booking of a session by a new client.
    pub async fn booking(&self, session: &Value) -> Value {
        let client = self.client("Les Lilas").await;
        let body = json!({ "session_id": session["id"], "client_id": client["id"], "price_cents": 360_000 });
        self.post("/v1/bookings", body).await.status(201)
    }
}
