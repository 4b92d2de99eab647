//! Absences are told to the client the same day, once, and again when they turn out to be others.

use clairiere::{message::events::Event, platform::access::Ctx};
use entity::message;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use crate::support::training::{Training, training};

impl Training {
    /// What the training lead was told of absences: subject and words.
    async fn told(&self) -> Vec<(String, String)> {
        self.app.work().await;
        self.app.done().await;
        let mut mails = self.app.mails_to("rose@example.org");
        mails.retain(|mail| mail.subject.contains("absences"));
        mails.into_iter().map(|mail| (mail.subject, mail.text)).collect()
    }

    async fn mark_of_paul(&self) -> String {
        let path = format!("/v1/marks?slot_id={}&enrolment_id={}", self.slots[0], self.paul);
        self.marie.get(&path).await.ok()["items"][0]["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn absences_that_turn_out_to_be_others_are_told_again() {
    let it = training().await;
    it.addresses().await;
    it.hold(0, json!([])).await;
    assert_eq!(it.told().await, [], "nobody was away");
    let mark = it.mark_of_paul().await;
    let excuse = json!({ "reason": "Rendez-vous médical" });
    it.marie.post(&format!("/v1/marks/{mark}/excuse"), excuse).await.ok();
    let told = it.told().await;
    assert_eq!(told.len(), 1, "an absence found after the closing is told");
    assert!(told[0].1.contains("Paul Moreau") && !told[0].1.contains("médical"), "{}", told[0].1);
    assert!(!told[0].0.contains("rectification"), "{}", told[0].0);
    let away = json!({ "presence": "absent", "reason": "Parti sans prévenir" });
    it.marie.post(&format!("/v1/marks/{mark}/amend"), away).await.ok();
    assert_eq!(it.told().await.len(), 1, "the same person is away: nothing new");
    let present = json!({ "presence": "present", "proof": "paper", "reason": "Feuille retrouvée" });
    it.marie.post(&format!("/v1/marks/{mark}/amend"), present).await.ok();
    let told = it.told().await;
    assert_eq!(told.len(), 2);
    assert!(told[1].0.contains("rectification") && told[1].1.contains("aucune absence"), "{told:?}");
    let away = json!({ "presence": "absent", "reason": "La feuille était d’un autre jour" });
    it.marie.post(&format!("/v1/marks/{mark}/amend"), away).await.ok();
    let told = it.told().await;
    assert_eq!(told.len(), 3, "away again");
    assert!(told[2].1.contains("Paul Moreau") && told[2].1.contains("remplace celui"), "{}", told[2].1);
}

#[tokio::test]
async fn the_client_knows_the_same_day_though_the_half_day_is_closed_later() {
    let it = training().await;
    it.addresses().await;
    it.app.at("2026-03-03T09:30");
    let away = json!([{ "enrolment_id": it.paul, "presence": "absent" }]);
    let noted = json!({ "only_named": true, "proof": "paper", "exceptions": away, "close": false });
    it.marie.post(&it.attendance(0), noted).await.ok();
    it.app.work().await;
    it.app.at("2026-03-03T12:31");
    assert_eq!(it.told().await, []);
    it.app.at("2026-03-03T13:31");
    let told = it.told().await;
    assert_eq!(told.len(), 1, "an hour after its end");
    assert!(told[0].1.contains("Paul Moreau"), "{}", told[0].1);
    it.app.at("2026-03-04T10:00");
    it.marie.post(&it.attendance(0), it.half_day(away, true)).await.ok();
    assert_eq!(it.told().await.len(), 1, "closing it says nothing new");
}

#[tokio::test]
async fn an_absence_that_is_noted_in_the_evening_is_told_at_once() {
    let it = training().await;
    it.addresses().await;
    let noted = |presence: &str| {
        let of_paul = json!([{ "enrolment_id": it.paul, "presence": presence }]);
        json!({ "only_named": true, "proof": "paper", "exceptions": of_paul, "close": false })
    };
    it.app.at("2026-03-03T17:45");
    it.marie.post(&it.attendance(1), noted("absent")).await.ok();
    assert_eq!(it.told().await, [], "whoever is noting has an hour after the end");
    it.app.at("2026-03-03T18:31");
    assert_eq!(it.told().await.len(), 1, "the afternoon");
    it.app.at("2026-03-03T19:00");
    it.marie.post(&it.attendance(0), noted("absent")).await.ok();
    let told = it.told().await;
    assert_eq!(told.len(), 2, "the morning, which nobody closed");
    assert!(told[1].1.contains("Paul Moreau") && told[1].1.contains("de 9"), "{}", told[1].1);
    it.marie.post(&it.attendance(0), noted("absent")).await.ok();
    assert_eq!(it.told().await.len(), 2, "the same again");
    it.marie.post(&it.attendance(0), noted("present")).await.ok();
    let told = it.told().await;
    assert_eq!(told.len(), 3);
    assert!(told[2].0.contains("rectification") && told[2].1.contains("aucune absence"), "{told:?}");
}

#[tokio::test]
async fn what_was_told_when_once_was_enough_is_not_rectified() {
    let it = training().await;
    it.addresses().await;
    it.hold(0, json!([{ "enrolment_id": it.paul, "presence": "absent" }])).await;
    assert_eq!(it.told().await.len(), 1);
    // Its key as it was written before: the half-day alone.
    let mut ctx = Ctx::operator(&it.app.app);
    let mails = ctx.scope().find::<message::Entity>().all().await.unwrap();
    let mail = mails.into_iter().find(|row| row.text == "absence_notice").unwrap();
    let mut key: Vec<String> = mail.once_key.split(':').map(str::to_owned).collect();
    key[1] = it.slots[0].to_string();
    let mut tx = ctx.begin().await.unwrap();
    let event = Event::Sent { message: mail.id };
    let mut act = tx.act(mail.activity_id, event.into());
    act.update(mail, |edit: &mut message::ActiveModel| edit.once_key = Set(key.join(":"))).await.unwrap();
    tx.commit().await.unwrap();
    let why = json!({ "presence": "absent", "reason": "Parti sans prévenir" });
    it.marie.post(&format!("/v1/marks/{}/amend", it.mark_of_paul().await), why).await.ok();
    assert_eq!(it.told().await.len(), 1, "the same person is away");
}
