//! At a distance: connections prove presence, minute by minute, and nobody is guessed.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::{
    signing::signature,
    support::training::{Training, training},
};

async fn at_a_distance() -> Training {
    let it = training().await;
    let db = &it.app.app.db;
    let sql = "UPDATE session_slot SET modality = 'distance'";
    db.writer().execute_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    it.addresses().await;
    it.app.at("2026-03-03T12:40");
    it
}

fn log(content: &str, dry_run: bool) -> Value {
    json!({ "format": "csv", "content": content, "dry_run": dry_run })
}

#[tokio::test]
async fn a_log_is_tried_then_brought() {
    let it = at_a_distance().await;
    let path = format!("/v1/slots/{}/connections", it.slots[0]);
    let table = "Courriel;Participant;Arrivée;Départ\n\
                 zoe@example.org;Zoé;09:00;10:00\n\
                 zoe@example.org;Zoé;09:30;12:30\n\
                 ;MOREAU Paul;09:00;11:00\n\
                 ;Invitée;09:00;12:30\n\
                 ;Ali Benali;neuf heures;12:30\n";
    let tried = it.marie.post(&path, log(table, true)).await.ok();
    let matched: Vec<&str> =
        tried["lines"].as_array().unwrap().iter().map(|line| line["matched"].as_str().unwrap()).collect();
    assert_eq!(matched, ["email", "email", "name", "unknown"]);
    assert_eq!((tried["faults"][0]["line"].as_i64(), tried["missing"].clone()), (Some(6), json!(["Ali Benali"])));
    assert_eq!(it.marie.get("/v1/marks").await.ok()["items"], json!([]), "a dry run writes nothing");
    let told = json!({ "format": "csv", "content": table, "dry_run": false,
                       "people": [{ "who": "invitée", "enrolment_id": it.ali }] });
    let brought = it.marie.post(&path, told).await.ok();
    assert_eq!(brought["missing"], json!([]));
    let of = async |enrolment: uuid::Uuid| {
        it.marie.get(&format!("/v1/marks?enrolment_id={enrolment}")).await.ok()["items"][0].clone()
    };
    let zoe = of(it.zoe).await;
    assert_eq!((zoe["minutes"].as_i64(), zoe["proof"].as_str()), (Some(210), Some("connection")));
    assert_eq!(of(it.paul).await["minutes"], 120);
    assert_eq!(of(it.ali).await["presence"], "present");
    // The same log again changes nothing.
    it.marie.post(&path, log(table, false)).await.ok();
    assert_eq!(of(it.zoe).await["version"], zoe["version"]);
    let faults = it.marie.get(&format!("/v1/slots/{}/chain", it.slots[0])).await.ok()["faults"].clone();
    assert_eq!(faults, json!([]));
}

#[tokio::test]
async fn two_who_answer_to_one_name_are_reported() {
    let it = at_a_distance().await;
    let db = &it.app.app.db;
    let sql = "UPDATE person SET first_name = 'Paul', birth_name = 'Moreau' WHERE first_name = 'Ali'";
    db.writer().execute_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    let path = format!("/v1/slots/{}/connections", it.slots[0]);
    let table = "nom complet,arrivée,départ\nPaul Moreau,09:00,12:30\n";
    let tried = it.marie.post(&path, log(table, true)).await.ok();
    assert_eq!(tried["lines"][0]["matched"], "ambiguous");
    it.marie.post(&path, log(table, false)).await.refused("attendance.nothing_connected");
}

#[tokio::test]
async fn a_log_never_overrules_a_signature_nor_an_absence() {
    let it = at_a_distance().await;
    it.app.at("2026-03-03T10:00");
    let signatures = format!("/v1/slots/{}/signatures", it.slots[0]);
    it.marie.post(&signatures, signature("enrolment_id", it.zoe, 1)).await.ok();
    let absent = json!({ "proof": "connection", "only_named": true,
                         "exceptions": [{ "enrolment_id": it.paul, "presence": "absent" }] });
    it.marie.post(&it.attendance(0), absent).await.ok();
    let path = format!("/v1/slots/{}/connections", it.slots[0]);
    let table =
        "nom complet,arrivée,départ\nZoé Lefèvre,09:00,10:00\nPaul Moreau,09:00,10:00\nAli Benali,13:00,14:00\n";
    let brought = it.marie.post(&path, log(table, false)).await.ok();
    let counts: Vec<bool> =
        brought["trainees"].as_array().unwrap().iter().map(|one| one["counts"].as_bool().unwrap()).collect();
    assert_eq!(counts, [false, false, false]);
    assert_eq!(it.marie.get("/v1/marks").await.ok()["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn in_a_room_no_connection_proves_anything() {
    let it = training().await;
    it.app.at("2026-03-03T12:40");
    let path = format!("/v1/slots/{}/connections", it.slots[0]);
    it.marie.post(&path, log("nom,arrivée,départ\nMoreau,09:00,10:00", true)).await.refused("attendance.not_distance");
}

#[tokio::test]
async fn what_the_law_asks_of_a_distance_is_written_down() {
    let it = at_a_distance().await;
    let path = format!("/v1/sessions/{}/distance-activities", it.session);
    let missing = async || it.marie.get(&path).await.ok()["missing"].clone();
    assert_eq!(missing().await, json!(["assistance", "activity", "evaluation"]));
    let activity = json!({ "kind": "activity", "label": "Créer trois comptes" });
    it.marie.post(&path, activity).await.invalid("/average_minutes");
    let activity = json!({ "kind": "activity", "label": "Créer trois comptes", "average_minutes": 40 });
    let written = it.marie.post(&path, activity).await.ok();
    it.marie
        .post(&path, json!({ "kind": "assistance", "label": "Salon de discussion, réponse sous deux heures" }))
        .await
        .ok();
    let own = json!({ "kind": "evaluation", "label": "Exercice final", "enrolment_id": it.zoe, "result": "réussi" });
    it.marie.post(&path, own).await.ok();
    assert_eq!(missing().await, json!([]));
    it.marie.delete(&format!("/v1/distance-activities/{}", written["id"].as_str().unwrap())).await.status(204);
    assert_eq!(missing().await, json!(["activity"]));
}
