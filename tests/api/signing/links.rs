//! Personal links are handed to whoever they belong to, and to nobody who could sign in their place.

use chrono::TimeDelta;
use clairiere::{platform::access::Ctx, session::events::Event};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use crate::support::training::{Training, training};

impl Training {
    pub(super) fn signing_links(&self) -> String {
        format!("/v1/sessions/{}/signing-links", self.session)
    }
}

#[tokio::test]
async fn a_trainer_receives_no_trainees_link_in_an_answer() {
    let it = training().await;
    it.addresses().await;
    for asked in [json!({ "enrolments": [it.zoe], "delivery": "answer" }), json!({ "delivery": "answer" })] {
        let refused = it.marie.post(&it.signing_links(), asked).await.status(403);
        assert_eq!(
            (refused["code"].as_str(), refused["permission"].as_str()),
            (Some("forbidden"), Some("links.answer"))
        );
        assert!(refused["detail"].as_str().unwrap().contains("signer à leur place"), "{refused}");
    }
    let both = json!({ "enrolments": [it.zoe], "slots": [it.slots[0]], "delivery": "answer" });
    it.marie.post(&it.signing_links(), both).await.status(403);
    let links = it.marie.get(&format!("/v1/links?session_id={}", it.session)).await.ok();
    assert_eq!(links["items"], json!([]), "nothing was made");
    // Their own page of the day, and mails to the trainees themselves, may be asked for.
    let day = json!({ "slots": [it.slots[0]], "delivery": "answer" });
    let made = it.marie.post(&it.signing_links(), day).await.ok();
    assert_eq!(made["items"][0]["handed"], "answered");
    let mailed = it.marie.post(&it.signing_links(), json!({ "delivery": "mail" })).await.ok();
    assert_eq!(mailed["items"][1]["handed"], "mailed");
    assert!(mailed["items"].as_array().unwrap().iter().all(|one| one["address"].is_null()), "{mailed}");
}

#[tokio::test]
async fn a_link_is_asked_for_five_times_an_hour_and_twenty_in_all_for_a_class_too() {
    let it = training().await;
    it.addresses().await;
    let ask = async |body: Value| {
        let made = it.marie.post(&it.signing_links(), body).await.ok();
        let items = made["items"].as_array().unwrap().iter();
        items.map(|one| one["handed"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let zoe = json!({ "enrolments": [it.zoe], "delivery": "mail" });
    for hour in 0..4 {
        for _ in 0..5 {
            assert_eq!(ask(zoe.clone()).await, ["mailed"], "hour {hour}");
        }
        assert_eq!(ask(zoe.clone()).await, ["withheld"]);
        if hour == 0 {
            let class = ask(json!({ "delivery": "mail" })).await;
            assert_eq!(class.iter().filter(|one| *one == "withheld").count(), 2, "Ali has no address: {class:?}");
        }
        it.app.later(TimeDelta::hours(1));
    }
    assert_eq!(ask(zoe).await, ["withheld"], "twenty in all");
    let day = json!({ "slots": [it.slots[0]], "delivery": "answer" });
    for _ in 0..5 {
        assert_eq!(ask(day.clone()).await, ["answered"]);
    }
    assert_eq!(ask(day).await, ["withheld"]);
}

#[tokio::test]
async fn the_cooperative_is_answered_but_for_addresses_that_others_read() {
    let it = training().await;
    it.addresses().await;
    it.reads_mail_at("Ali", "rose@example.org").await;
    let camille = it.camille().await;
    let handed = async || {
        let made = camille.post(&it.signing_links(), json!({ "delivery": "answer" })).await.ok();
        let all = made["items"].as_array().unwrap().iter();
        all.map(|one| {
            let withheld = one["handed"] == "withheld";
            assert_eq!(one["address"].is_null(), withheld, "{one}");
            assert_eq!(one["link_id"].is_null(), withheld, "{one}");
            (one["holder"].as_str().unwrap().to_owned(), one["why"].as_str().unwrap_or_default().to_owned())
        })
        .collect::<Vec<_>>()
    };
    let first = handed().await;
    assert!(first[0].0 == "Ali Benali" && first[0].1.contains("du client"), "{first:?}");
    assert!(first[1].1.is_empty() && first[2].1.is_empty(), "{first:?}");
    it.reads_mail_at("Ali", "zoe@example.org").await;
    let shared = handed().await;
    assert!(shared[0].1.contains("commune") && shared[1].1.contains("commune") && shared[2].1.is_empty(), "{shared:?}");
    it.reads_mail_at("Ali", "bonjour@example.org").await;
    let trainers = handed().await;
    assert!(
        trainers[0].1.contains("qui forme") && trainers[1].1.is_empty(),
        "who trains signs for nobody: {trainers:?}"
    );
    // Without an address, the link may be given by hand.
    let crowd = it.crowd(1).await;
    it.reads_mail_at("Stagiaire 0", Value::Null).await;
    let asked = json!({ "enrolments": crowd, "delivery": "answer" });
    let made = camille.post(&it.signing_links(), asked).await.ok();
    assert_eq!(made["items"][0]["handed"], "answered");
}

#[tokio::test]
async fn whoever_trains_beside_learning_reads_their_own_mail() {
    let it = training().await;
    it.addresses().await;
    let mut ctx = Ctx::operator(&it.app.app);
    let zoe = ctx.scope().get::<entity::enrolment::Entity>(it.zoe).await.unwrap();
    let mut tx = ctx.begin().await.unwrap();
    let event = Event::TrainerChanged { session: it.session, slot: it.slots[1] };
    let trainer = tx
        .act(zoe.activity_id, event.into())
        .insert(entity::trainer::ActiveModel {
            person_id: Set(zoe.person_id),
            status: Set("entrepreneur_salarie".into()),
            skills: Set("[]".into()),
            diplomas: Set("[]".into()),
            search: Set("zoe".into()),
            ..Default::default()
        })
        .await
        .unwrap();
    tx.commit().await.unwrap();
    it.teaches(1, trainer.id, true).await;
    let camille = it.camille().await;
    let asked = json!({ "enrolments": [it.zoe, it.paul], "delivery": "answer" });
    let handed = async || {
        let made = camille.post(&it.signing_links(), asked.clone()).await.ok();
        [0, 1].map(|index| made["items"][index]["handed"].as_str().unwrap().to_owned())
    };
    assert_eq!(handed().await, ["answered", "answered"]);
    // For somebody else it is the address of who trains still.
    it.reads_mail_at("Zoé", "z@example.org").await;
    it.reads_mail_at("Paul", "bonjour@example.org").await;
    assert_eq!(handed().await, ["answered", "withheld"]);
}
