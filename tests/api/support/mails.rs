//! Mails of a training: who can be reached, who is convoked.

use clairiere::{message::events::Event, platform::access::Ctx};
use entity::message;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{TestApp, training::Training};

impl TestApp {
    /// A mail that is ready to leave, with these words, as nothing in the program writes it.
    pub async fn queues(
        &self,
        activity: Uuid,
        (text, subject): (&str, &str),
        (name, address): (&str, &str),
        words: &Value,
    ) -> Uuid {
        let mut ctx = Ctx::operator(&self.app);
        let mut tx = ctx.begin().await.unwrap();
        let message = tx.new_id();
        tx.act(activity, Event::Written { message }.into())
            .insert(message::ActiveModel {
                id: Set(message),
                text: Set(text.into()),
                cause: Set("test".into()),
                once_key: Set("test".into()),
                to_name: Set(name.into()),
                to_address: Set(address.into()),
                facts: Set(words.to_string()),
                subject: Set(Some(subject.into())),
                documents: Set("[]".into()),
                state: Set("ready".into()),
                ..Default::default()
            })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        message
    }
}

impl Training {
    /// Zoé and Paul have an address, Ali has none; the client's training lead is Rose.
    pub async fn addresses(&self) {
        let people = self.marie.get("/v1/people").await.ok();
        for person in people["items"].as_array().unwrap() {
            let name = person["first_name"].as_str().unwrap();
            let address = match name {
                "Zoé" => "zoe@example.org",
                "Paul" => "paul@example.org",
                _ => continue,
            };
            let path = format!("/v1/people/{}", person["id"].as_str().unwrap());
            self.marie.patch(&path, json!({ "email": address })).await.ok();
        }
        let clients = self.marie.get("/v1/clients").await.ok();
        let path = format!("/v1/clients/{}/contacts", clients["items"][0]["id"].as_str().unwrap());
        let rose = json!({
            "person": { "first_name": "Rose", "birth_name": "Garnier", "email": "rose@example.org" },
            "roles": ["training_lead", "signatory"]
        });
        self.marie.post(&path, rose).await.ok();
    }

    /// One of the people of this story has this address from now on.
    pub async fn reads_mail_at(&self, first_name: &str, address: impl Into<Value>) {
        let people = self.marie.get("/v1/people").await.ok();
        let all = people["items"].as_array().unwrap();
        let one = all.iter().find(|one| one["first_name"] == first_name).unwrap();
        let path = format!("/v1/people/{}", one["id"].as_str().unwrap());
        self.marie.patch(&path, json!({ "email": address.into() })).await.ok();
    }

    /// Everybody is convoked.
    pub async fn convokes(&self) -> Value {
        self.marie.post(&format!("/v1/sessions/{}/convocations", self.session), Value::Null).await.ok()
    }

    /// A half-day moves to another day, in the morning.
    pub async fn moves(&self, slot: usize, day: &str, starts: &str, ends: &str) -> Value {
        let body = json!({ "day": day, "starts": starts, "ends": ends, "reason": "Salle indisponible" });
        self.marie.post(&format!("/v1/slots/{}/move", self.slots[slot]), body).await.ok()
    }

    /// The planned mails that announce something: text, instant, state. Those that ask for signatures are apart.
    pub async fn planned(&self) -> Vec<(String, String, String)> {
        let page = self.marie.get(&format!("/v1/reminders?session_id={}", self.session)).await.ok();
        let word = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let instant = |row: &Value| {
            let due: chrono::DateTime<chrono::Utc> = word(row, "due_at").parse().unwrap();
            due.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        let mut all: Vec<_> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| (instant(row), word(row, "text"), word(row, "state")))
            .filter(|(_, text, _)| matches!(text.as_str(), "convocation" | "reminder"))
            .collect();
        all.sort();
        all
    }
}
