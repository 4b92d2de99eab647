//! Issued again without a change: the paper that stands is answered, nothing is numbered and nobody is written to again.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use clairiere::document::Kind;
use entity::document;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::{
    signing::signature,
    support::{
        Caller,
        training::{Training, training},
    },
};

/// Everything that a training can issue, ready to be: a half-day at a distance that Zoé signed, both closed.
async fn held() -> Training {
    let it = training().await;
    it.addresses().await;
    it.app.at("2026-03-03T09:30");
    it.marie.post(&format!("/v1/slots/{}/signatures", it.slots[0]), signature("enrolment_id", it.zoe, 1)).await.ok();
    it.app.at("2026-03-03T12:30");
    let there = |who: uuid::Uuid| json!({ "enrolment_id": who, "presence": "present" });
    let half = json!({ "only_named": true, "proof": "paper", "exceptions": [there(it.paul), there(it.ali)],
                       "trainers": [{ "trainer_id": it.trainer }], "close": true });
    it.marie.post(&it.attendance(0), half).await.ok();
    it.hold(1, json!([])).await;
    let db = &it.app.app.db;
    let sql = "UPDATE session_slot SET modality = 'distance'";
    db.writer().execute_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    it.app.work().await;
    it
}

/// Every paper that there is.
async fn papers(it: &Training) -> BTreeSet<uuid::Uuid> {
    let mut all = BTreeSet::new();
    for kind in Kind::ALL {
        for state in ["current", "outdated", "replaced", "revoked"] {
            all.extend(it.papers(*kind, state).await.into_iter().map(|row| row.id));
        }
    }
    all
}

/// The mark that Zoé signed.
async fn signed(it: &Training) -> String {
    let marks = it.marie.get(&format!("/v1/marks?enrolment_id={}", it.zoe)).await.ok();
    let of = |row: &&Value| row["evidence_id"].is_string();
    marks["items"].as_array().unwrap().iter().find(of).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Ask again twenty times, on other days: the same papers, no other, no mail.
async fn nothing_new(it: &Training, caller: &Caller, path: &str, body: &Value) {
    let first = caller.post(path, body.clone()).await;
    assert!([200, 201].contains(&first.status), "{path}: {} {}", first.status, first.json());
    let names = |answer: &Value| -> Vec<String> {
        let rows = answer["documents"].as_array().cloned().unwrap_or_else(|| vec![answer.clone()]);
        rows.iter().map(|row| row["id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let before = names(&first.json());
    it.app.work().await;
    let (there, mails) = (papers(it).await, it.app.mail.sent().len());
    for _ in 0..20 {
        it.app.later(TimeDelta::hours(11));
        let again = caller.post(path, body.clone()).await;
        assert_eq!(again.status, 200, "{path}: {}", again.json());
        if !path.ends_with("/convocations") {
            assert_eq!(names(&again.json()), before, "{path}");
        }
        it.app.work().await;
    }
    assert_eq!(papers(it).await, there, "{path}");
    let told: Vec<String> = it.app.mail.sent()[mails..].iter().map(|mail| mail.subject.clone()).collect();
    assert_eq!(told, Vec::<String>::new(), "{path}");
}

#[tokio::test]
async fn each_act_that_issues_issues_once() {
    let it = held().await;
    let camille = it.camille().await;
    let (session, zoe) = (it.session, it.zoe);
    let joined = json!({ "enrolment_id": zoe, "slot_id": it.slots[0], "joined_at": "2026-03-03T08:00:00Z",
                         "left_at": "2026-03-03T11:00:00Z", "source": "salle" });
    let table = [
        (format!("/v1/sessions/{session}/attendance-sheets"), json!({})),
        (format!("/v1/sessions/{session}/attendance-sheets"), json!({ "booking_id": it.booking })),
        (format!("/v1/enrolments/{zoe}/certificate"), json!({})),
        (format!("/v1/sessions/{session}/certificates"), json!({})),
        (format!("/v1/sessions/{session}/attestations"), json!({})),
        (format!("/v1/enrolments/{zoe}/assiduity"), json!({})),
        (format!("/v1/enrolments/{zoe}/assiduity"), json!({ "from": "2026-03-01", "to": "2026-03-31" })),
        (format!("/v1/sessions/{session}/distance-records"), json!({ "connections": [joined] })),
        (format!("/v1/marks/{}/evidence", signed(&it).await), Value::Null),
    ];
    for (path, body) in &table {
        nothing_new(&it, &camille, path, body).await;
    }
    // What was certified one by one is not certified again with all.
    assert_eq!(it.papers(Kind::Certificate, "current").await.len(), 3);
    assert!(it.papers(Kind::Certificate, "replaced").await.is_empty());
}

#[tokio::test]
async fn whoever_was_convoked_is_not_convoked_again() {
    let it = training().await;
    it.addresses().await;
    let path = format!("/v1/sessions/{}/convocations", it.session);
    it.marie.post(&path, Value::Null).await.ok();
    it.app.work().await;
    let (there, mails) = (papers(&it).await, it.app.mail.sent().len());
    for _ in 0..20 {
        assert_eq!(it.marie.post(&path, Value::Null).await.ok()["unchanged"], 3);
        it.app.work().await;
    }
    assert_eq!((papers(&it).await, it.app.mail.sent().len()), (there, mails));
}

#[tokio::test]
async fn what_changed_is_issued_again_and_replaces() {
    let it = held().await;
    let camille = it.camille().await;
    let path = format!("/v1/enrolments/{}/certificate", it.zoe);
    let first = camille.post(&path, json!({})).await.status(201);
    // The hours are those that were certified, but the association changed its name.
    let renamed = json!({ "name": "Les Lilas et les Roses", "rna": "W751234567" });
    let booking: Value = camille.get(&format!("/v1/bookings/{}", it.booking)).await.ok();
    let client = format!("/v1/clients/{}", booking["client_id"].as_str().unwrap());
    camille.patch(&client, renamed).await.ok();
    let second = camille.post(&path, json!({})).await.status(201);
    assert_eq!(second["replaces_id"], first["id"]);
    assert_eq!(camille.post(&path, json!({})).await.status(200)["id"], second["id"]);
    // A text that staff adds is on the paper too.
    let text = json!({ "kind": "certificate", "place": "closing", "body": "Fait le {{ paper.date | long_date }}." });
    it.app.staff(clairiere::platform::permission::Role::CoopAdmin).await.post("/v1/paper-texts", text).await.ok();
    let third = camille.post(&path, json!({})).await.status(201);
    it.app.later(TimeDelta::days(2));
    assert_eq!(camille.post(&path, json!({})).await.status(200)["id"], third["id"], "the day alone changes nothing");
}

#[tokio::test]
async fn a_reason_issues_again_what_says_the_same() {
    let it = held().await;
    let camille = it.camille().await;
    let first = camille.post(&format!("/v1/enrolments/{}/certificate", it.zoe), json!({})).await.status(201);
    it.app.later(TimeDelta::days(3));
    let path = format!("/v1/documents/{}/replace", first["id"].as_str().unwrap());
    let reason = json!({ "reason": "Le fichier remis au client est perdu" });
    let new = camille.post(&path, reason).await.ok()["document"].clone();
    assert_eq!(new["replaces_id"], first["id"]);
    assert_ne!(new["reference"], first["reference"]);
    let content = |row: &document::Model| serde_json::from_str::<Value>(&row.content).unwrap();
    let standing = it.papers(Kind::Certificate, "current").await;
    let before = it.papers(Kind::Certificate, "replaced").await;
    assert_ne!(content(&standing[0])["day"], content(&before[0])["day"]);
    assert_eq!(content(&standing[0])["attended"], content(&before[0])["attended"]);
}

/// Whoever lost the answer repeats the request under its key: they are told what was made, though it would be refused now.
#[tokio::test]
async fn a_repetition_is_told_what_was_made_whatever_happened_since() {
    let it = held().await;
    let camille = it.camille().await;
    let session = it.session;
    let acts = [
        format!("/v1/sessions/{session}/attendance-sheets"),
        format!("/v1/sessions/{session}/certificates"),
        format!("/v1/sessions/{session}/attestations"),
        format!("/v1/sessions/{session}/papers"),
    ];
    let ask = async |path: &str| {
        let key = [("Idempotency-Key", path.rsplit('/').next().unwrap())];
        camille.call(poem::http::Method::POST, path, Some(json!({})), &key).await
    };
    let mut first = vec![];
    for path in &acts {
        let answer = ask(path).await;
        assert!([200, 201].contains(&answer.status), "{path}: {}", answer.json());
        first.push(answer);
    }
    let why = json!({ "reason": "Une erreur à corriger" });
    it.marie.post(&format!("/v1/slots/{}/reopen", it.slots[0]), why).await.ok();
    for (path, first) in acts.iter().zip(&first) {
        let anew = camille.post(path, json!({})).await;
        if !path.ends_with("/attendance-sheets") {
            assert!([409, 422].contains(&anew.status), "{path}: asked anew it is refused, {}", anew.status);
        }
        let again = ask(path).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (first.status, Some("true")), "{path}");
    }
}
