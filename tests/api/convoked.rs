//! Being convoked is a state of the person: what each is told is theirs, and the same in mails and papers.

use chrono::TimeDelta;
use clairiere::{document::Kind, platform::permission::Role};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    bookings::id,
    start,
    training::{Training, training, training_of},
};

async fn sql(it: &Training, sql: &str, values: Vec<sea_orm::Value>) {
    let db = &it.app.app.db;
    let values = values.into_iter();
    db.writer().execute_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await.unwrap();
}

/// Two days in a room, but for the second half-day, which is at a distance; Paul follows that one alone.
async fn mixed() -> Training {
    let it = training_of(4).await;
    it.addresses().await;
    let place = json!({ "name": "Maison des associations", "whose": "client", "address": "12 rue des Lilas",
                        "postcode": "75020", "city": "Paris", "host_rules": false });
    sql(
        &it,
        "UPDATE session SET place = $1, link = $2",
        vec![place.to_string().into(), "https://visio.example.org/session".into()],
    )
    .await;
    sql(&it, "UPDATE session_slot SET modality = 'distance' WHERE id = $1", vec![it.slots[1].into()]).await;
    let path = format!("/v1/enrolments/{}", it.paul);
    it.marie.patch(&path, json!({ "slots": [it.slots[1]] })).await.ok();
    it
}

/// The lines of a mail that tell half-days.
fn told(text: &str) -> Vec<String> {
    let flat = text.replace(['\u{a0}', '\u{202f}'], " ");
    let mut told: Vec<String> = vec![];
    let mut within = false;
    for line in flat.lines() {
        match line.strip_prefix("- ") {
            Some(first) => told.push(first.to_owned()),
            // A long line goes on below.
            None if within && line.starts_with(' ') => told.last_mut().unwrap().push_str(&format!(" {}", line.trim())),
            None => {}
        }
        within = line.starts_with("- ") || (within && line.starts_with(' '));
    }
    told
}

/// What a convocation prints of each half-day: its day, and its room or link.
async fn printed(it: &Training, enrolment: Uuid) -> Vec<(String, String)> {
    let papers = it.papers(Kind::Convocation, "current").await;
    let paper = papers.iter().find(|row| row.enrolment_id == Some(enrolment)).unwrap();
    let content: Value = serde_json::from_str(&paper.content).unwrap();
    let of = |one: &Value| {
        let day = one["day"].as_str().unwrap().parse().unwrap();
        let day = clairiere::platform::calendar::long_date(day).replace(['\u{a0}', '\u{202f}'], " ");
        (day, one["place"].as_str().unwrap().to_owned())
    };
    content["half_days"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn each_is_told_their_own_half_days_where_each_of_them_is() {
    let it = mixed().await;
    it.convokes().await;
    it.app.work().await;
    let room = "Maison des associations";
    for (address, enrolment, count) in [("zoe@example.org", it.zoe, 4), ("paul@example.org", it.paul, 1)] {
        let mail = it.app.mails_to(address).remove(0);
        let (lines, paper) = (told(&mail.text), printed(&it, enrolment).await);
        assert_eq!((lines.len(), paper.len()), (count, count), "{}", mail.text);
        for (line, (day, place)) in lines.iter().zip(&paper) {
            assert!(line.starts_with(day.as_str()) && line.contains(place.as_str()), "{line} / {day} {place}");
            assert_ne!(line.contains(room), line.contains("à distance"), "{line}");
        }
    }
    let paul = it.app.mails_to("paul@example.org").remove(0);
    assert!(told(&paul.text)[0].ends_with("à distance : https://visio.example.org/session"), "{}", paul.text);
    assert!(!paul.text.contains("24 mars") && !paul.html.contains("24 mars"), "{}", paul.text);
    // The client reads who comes when.
    let rose = it.app.mails_to("rose@example.org");
    let copy = rose.iter().find(|mail| mail.subject.contains("convocations")).unwrap();
    assert!(told(&copy.text).contains(&"Paul Moreau, le 3 mars 2026".to_owned()), "{}", copy.text);
    assert!(told(&copy.text).contains(&"Zoé Lefèvre".to_owned()), "{}", copy.text);
    // A block that is not theirs is not announced to them.
    it.app.mail.clear();
    it.app.at("2026-03-22T09:00");
    it.app.work().await;
    let announced = |address: &str| {
        let mails = it.app.mails_to(address);
        mails.iter().filter(|mail| mail.subject.contains("à bientôt")).map(|mail| told(&mail.text)).collect::<Vec<_>>()
    };
    assert_eq!(announced("paul@example.org"), Vec::<Vec<String>>::new());
    let zoe = announced("zoe@example.org");
    assert!(zoe.len() == 1 && zoe[0].len() == 2 && zoe[0].iter().all(|line| line.contains("24 mars")), "{zoe:?}");
}

#[tokio::test]
async fn a_change_is_told_with_the_half_days_of_each() {
    let it = mixed().await;
    it.convokes().await;
    it.app.work().await;
    it.app.mail.clear();
    it.moves(1, "2026-03-04", "14:00", "17:30").await;
    it.app.work().await;
    let mail = it.app.mails_to("paul@example.org").remove(0);
    assert_eq!(
        told(&mail.text),
        ["mercredi 4 mars 2026, de 14 h à 17 h 30, à distance : https://visio.example.org/session"]
    );
    it.app.mail.clear();
    it.moves(2, "2026-03-25", "09:00", "12:30").await;
    it.app.work().await;
    assert!(it.app.mails_to("paul@example.org").is_empty(), "it is not theirs");
    assert_eq!(it.app.mails_to("zoe@example.org").len(), 1);
}

/// Zoé gives her place to Nour; answers Nour's enrolment.
async fn replaced(it: &Training) -> Uuid {
    let nour = json!({ "first_name": "Nour", "birth_name": "Haddad", "email": "nour@example.org" });
    let path = format!("/v1/enrolments/{}/replace", it.zoe);
    let new = it.marie.post(&path, json!({ "person": nour, "reason": "en congé" })).await.status(201);
    let id: Uuid = new["id"].as_str().unwrap().parse().unwrap();
    let pack = json!({ "override_reason": "Informée par téléphone, documents envoyés le jour même" });
    it.camille().await.post(&format!("/v1/enrolments/{id}/enrol"), pack).await.ok();
    id
}

#[tokio::test]
async fn whoever_replaces_somebody_is_convoked_and_whoever_leaves_is_told() {
    let it = training().await;
    it.addresses().await;
    it.convokes().await;
    it.app.work().await;
    it.app.mail.clear();
    let nour = replaced(&it).await;
    let todo = format!("/v1/sessions/{}/todo", it.session);
    let waits = it.marie.get(&todo).await.ok();
    let line = waits["items"].as_array().unwrap().iter().find(|one| one["code"] == "session.not_convoked").cloned();
    assert!(line.unwrap()["what"].as_str().unwrap().contains("1\u{a0}stagiaire"), "{waits}");
    it.app.work().await;
    // Zoé's convocation no longer stands, and she knows.
    let zoe = it.app.mails_to("zoe@example.org");
    assert_eq!(zoe.len(), 1);
    assert!(zoe[0].text.contains("est annulé") && zoe[0].text.contains("votre place"), "{}", zoe[0].text);
    let revoked = it.papers(Kind::Convocation, "revoked").await;
    assert_eq!(revoked.iter().map(|row| row.enrolment_id).collect::<Vec<_>>(), [Some(it.zoe)]);
    // Nour is convoked by herself, and the client is told of her alone.
    it.app.later(TimeDelta::hours(1));
    it.app.work().await;
    let mails = it.app.mails_to("nour@example.org");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.contains("convocation") && mails[0].attachments[0].name.starts_with("Convocation"));
    let rose = it.app.mails_to("rose@example.org");
    let copies: Vec<_> = rose.iter().filter(|mail| mail.subject.contains("convocations")).collect();
    assert_eq!(copies.len(), 1);
    assert!(copies[0].text.contains("Nour Haddad") && !copies[0].text.contains("Paul Moreau"), "{}", copies[0].text);
    assert_eq!(it.app.mails_to("paul@example.org").len(), 0);
    let waits = it.marie.get(&todo).await.ok();
    assert!(!waits.to_string().contains("session.not_convoked"), "{waits}");
    // Asked again, nobody is convoked twice.
    it.convokes().await;
    it.app.work().await;
    assert_eq!(it.app.mails_to("nour@example.org").len(), 1);
    assert!(it.papers(Kind::Convocation, "current").await.iter().any(|row| row.enrolment_id == Some(nour)));
    // Who left before it began is on no sheet.
    for slot in 0..2 {
        it.hold(slot, json!([])).await;
    }
    it.app.work().await;
    let sheet = it.papers(Kind::AttendanceSheet, "current").await.remove(0);
    assert!(sheet.content.contains("Haddad") && !sheet.content.contains("Lefèvre"), "{}", sheet.content);
}

#[tokio::test]
async fn whoever_joins_between_two_days_is_called_to_what_is_to_come() {
    let it = training_of(4).await;
    it.addresses().await;
    it.convokes().await;
    it.app.work().await;
    it.hold(0, json!([])).await;
    it.app.work().await;
    joins(&it).await;
    it.app.later(TimeDelta::hours(1));
    it.app.work().await;
    assert!(it.app.mails_to("iris@example.org").is_empty(), "a fortnight before her first day");
    it.app.at("2026-03-09T09:00");
    it.app.work().await;
    let mails = it.app.mails_to("iris@example.org");
    assert_eq!(mails.iter().filter(|mail| mail.subject.contains("convocation")).count(), 1);
    it.app.at("2026-03-22T09:00");
    it.app.work().await;
    assert_eq!(it.app.mails_to("iris@example.org").iter().filter(|mail| mail.subject.contains("bientôt")).count(), 1);
}

/// Iris joins the booking for the second day.
async fn joins(it: &Training) {
    let iris = json!({ "first_name": "Iris", "birth_name": "Roux", "email": "iris@example.org" });
    let body =
        json!({ "booking_id": it.booking, "person": iris, "status": "employee", "slots": [it.slots[2], it.slots[3]] });
    let new = it.marie.post("/v1/enrolments", body).await.status(201);
    let pack = json!({ "override_reason": "Informée par téléphone, documents envoyés le jour même" });
    it.camille().await.post(&format!("/v1/enrolments/{}/enrol", new["id"].as_str().unwrap()), pack).await.ok();
}

/// The list that a signed convention prints follows who comes: its client is told.
#[tokio::test]
async fn the_client_of_a_signed_convention_is_told_who_follows_now() {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let client = marie.client("Les Lilas").await;
    let programme = marie.programme("Zourit").await;
    let trainer = app.trainer_of(&client, "Marie", true).await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let invite = async |first: &str, last: &str| {
        let person = json!({ "first_name": first, "birth_name": last });
        let body = json!({ "booking_id": booking["id"], "person": person, "status": "employee" });
        marie.post("/v1/enrolments", body).await.status(201)
    };
    let zoe = invite("Zoé", "Lefèvre").await;
    invite("Paul", "Moreau").await;
    marie.signed_agreement(&app, &cooperative, &booking).await;
    marie.post(&format!("/v1/bookings/{}/agree", id(&booking)), Value::Null).await.ok();
    let camille = app.staff(Role::CoopTraining).await;
    let pack = json!({ "override_reason": "Informés par téléphone, documents envoyés le jour même" });
    let enrol = async |row: &Value| {
        camille.post(&format!("/v1/enrolments/{}/enrol", id(row)), pack.clone()).await.ok();
        app.work().await;
    };
    let told = || {
        let mails = app.mail.sent().into_iter().filter(|mail| mail.subject.contains("précision"));
        mails.map(|mail| self::told(&mail.text)[..2].to_vec()).collect::<Vec<_>>()
    };
    enrol(&zoe).await;
    assert_eq!(told(), Vec::<Vec<String>>::new(), "these are the names that were signed");
    let nour = json!({ "person": { "first_name": "Nour", "birth_name": "Haddad" }, "reason": "en congé" });
    let nour = marie.post(&format!("/v1/enrolments/{}/replace", id(&zoe)), nour).await.status(201);
    app.work().await;
    assert_eq!(told(), [["Nour Haddad".to_owned(), "Paul Moreau".to_owned()]]);
    enrol(&nour).await;
    assert_eq!(told().len(), 1, "it is told once");
}

/// Whom the client is asked to tell, because they have no address: all of them, each time.
#[tokio::test]
async fn whoever_has_no_address_is_told_by_the_client_each_time() {
    let it = training_of(4).await;
    it.addresses().await;
    sql(&it, "UPDATE person SET email = NULL WHERE email = $1", vec!["paul@example.org".into()]).await;
    it.moves(0, "2026-03-10", "09:00", "12:30").await;
    it.moves(1, "2026-03-10", "14:00", "17:30").await;
    it.convokes().await;
    it.app.work().await;
    it.app.mail.clear();
    let told = |word: &str| {
        let mails = it.app.mails_to("rose@example.org");
        ["Ali Benali", "Paul Moreau"]
            .map(|name| mails.iter().filter(|mail| mail.text.contains(word) && mail.text.contains(name)).count())
    };
    // Two blocks, a reminder of each.
    for (at, count) in [("2026-03-08T09:00", 1), ("2026-03-22T09:00", 2)] {
        it.app.at(at);
        it.app.work().await;
        assert_eq!(told("ce rappel"), [count, count], "{at}");
    }
    it.moves(3, "2026-03-25", "14:00", "17:30").await;
    it.app.work().await;
    assert_eq!(told("changement"), [1, 1]);
    it.moves(3, "2026-03-26", "14:00", "17:30").await;
    it.app.work().await;
    assert_eq!(told("changement"), [2, 2]);
}
