//! Enrolments: invited, informed, enrolled, replaced; never twice in a session, never more than it holds.

use clairiere::platform::{permission::Role, text::slug};
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    commerce::established,
    sessions::{days, id},
};

struct Story {
    app: TestApp,
    marie: Caller,
    session: Value,
    booking: Value,
}

async fn story() -> Story {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let zoe = app.teacher(&marie, "Zoé", None).await;
    let session = marie.zourit_session(&[zoe]).await;
    let booking = marie.booking(&session).await;
    Story { app, marie, session, booking }
}

fn trainee(first_name: &str) -> Value {
    let email = format!("{}@example.org", slug(first_name));
    json!({
        "person": { "first_name": first_name, "birth_name": "Rey", "email": email }, "status": "employee"
    })
}

fn lines(names: &[&str]) -> Value {
    json!({ "enrolments": names.iter().map(|name| trainee(name)).collect::<Vec<_>>() })
}

#[tokio::test]
async fn trainees_are_invited_together_informed_then_enrolled() {
    let Story { marie, session, booking, .. } = story().await;
    let path = format!("/v1/bookings/{}", id(&booking));
    let invited = marie.post(&format!("{path}/enrolments"), lines(&["Inès", "Noé", "Léa"])).await.ok();
    assert_eq!(invited["items"].as_array().unwrap().len(), 3);
    let problem = marie.post(&format!("{path}/enrol"), json!({})).await.refused("enrolment.no_pack");
    assert!(problem["detail"].as_str().unwrap().contains("Inès Rey, Noé Rey, Léa Rey"), "{problem}");
    let informed = marie.post(&format!("{path}/information-packs"), json!({ "channel": "email" })).await.ok();
    let pack = &informed["items"][0]["pack"];
    assert_eq!(
        (pack["recipient"].as_str(), pack["pieces"]["trainers"][0].as_str()),
        (Some("lea@example.org"), Some("Zoé Martin"))
    );
    assert_eq!(pack["pieces"]["timetable"].as_array().unwrap().len(), 3);
    assert_eq!(pack["pack_hash"].as_str().unwrap().len(), 64);
    let enrolled = marie.post(&format!("{path}/enrol"), json!({})).await.ok();
    assert!(enrolled["items"].as_array().unwrap().iter().all(|one| one["state"] == "enrolled"));
    let found = marie.get(&format!("/v1/enrolments?session_id={}&q=ines&state=enrolled", id(&session))).await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_fault_in_a_line_names_it_and_nobody_is_invited() {
    let Story { marie, booking, .. } = story().await;
    let path = format!("/v1/bookings/{}/enrolments", id(&booking));
    let mut body = lines(&["Inès", "Noé", "Léa"]);
    body["enrolments"][2]["person"]["email"] = json!("nobody");
    marie.post(&path, body).await.invalid("/enrolments/2/person/email");
    let ines = marie.person("Inès", "Rey").await;
    let one = json!({ "person_id": ines["id"], "status": "volunteer" });
    marie.post(&path, json!({ "enrolments": [one, trainee("Noé"), one] })).await.invalid("/enrolments/2/person_id");
    assert_eq!(marie.get("/v1/enrolments").await.ok()["items"], json!([]));
    marie.post(&path, json!({ "enrolments": [one] })).await.ok();
    let again = json!({ "booking_id": booking["id"], "person_id": ines["id"], "status": "volunteer" });
    marie.post("/v1/enrolments", again).await.invalid("/person_id");
}

#[tokio::test]
async fn only_the_cooperative_enrols_without_the_information() {
    let Story { app, marie, booking, .. } = story().await;
    let mut body = trainee("Inès");
    body["booking_id"] = booking["id"].clone();
    let ines = marie.post("/v1/enrolments", body).await.status(201);
    let path = format!("/v1/enrolments/{}/enrol", id(&ines));
    marie.post(&path, json!({})).await.refused("enrolment.no_pack");
    marie.post(&path, json!({ "override_reason": "Remise en main propre" })).await.status(403);
    let camille = app.staff(Role::CoopTraining).await;
    let enrolled = camille.post(&path, json!({ "override_reason": "Remise en main propre" })).await.ok();
    assert_eq!(
        (enrolled["state"].as_str(), enrolled["pack_override"].as_str()),
        (Some("enrolled"), Some("Remise en main propre"))
    );
    let problem = camille.post(&path, json!({ "override_reason": "?" })).await.refused("enrolment.no_move");
    assert_eq!(problem["possible"], json!(["start", "abandon", "no-show", "replace"]));
}

#[tokio::test]
async fn somebody_takes_the_place_of_somebody_in_one_call() {
    let Story { marie, session, booking, .. } = story().await;
    let slots = json!([session["slots"][0]["id"], session["slots"][1]["id"]]);
    let mut body = trainee("Inès");
    body["booking_id"] = booking["id"].clone();
    body["slots"] = slots.clone();
    body["status"] = json!("volunteer");
    let ines = marie.post("/v1/enrolments", body).await.status(201);
    let path = format!("/v1/enrolments/{}", id(&ines));
    let noe = json!({ "person": { "first_name": "Noé", "birth_name": "Rey" }, "reason": "Congé" });
    let noe = marie.post(&format!("{path}/replace"), noe).await.status(201);
    assert_eq!((noe["slots"].clone(), noe["status"].as_str()), (slots, Some("volunteer")));
    let left = marie.get(&path).await.ok();
    assert_eq!((left["state"].as_str(), left["replaced_by_id"].clone()), (Some("replaced"), noe["id"].clone()));
    marie
        .post(&format!("{path}/replace"), json!({ "person_id": ines["person_id"] }))
        .await
        .refused("enrolment.no_move");
    let path = format!("/v1/enrolments/{}", id(&noe));
    let all = marie.patch(&path, json!({ "slots": null, "status": "employee" })).await.ok();
    assert_eq!((all["slots"].is_null(), all["status"].as_str()), (true, Some("employee")));
    let left = json!({ "reason": "Nouvel emploi", "on": "2026-03-01" });
    let left = marie.post(&format!("{path}/abandon"), left).await.ok();
    assert_eq!((left["state"].as_str(), left["state_on"].as_str()), (Some("abandoned"), Some("2026-03-01")));
}

#[tokio::test]
async fn a_session_takes_no_more_than_it_holds_even_two_at_once() {
    let Story { marie, booking, .. } = story().await;
    let path = format!("/v1/bookings/{}/enrolments", id(&booking));
    let names: Vec<String> = (0..11).map(|number| format!("Stagiaire{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    marie.post(&path, lines(&names)).await.ok();
    let (left, right) = tokio::join!(marie.post(&path, lines(&["Inès"])), marie.post(&path, lines(&["Noé"])));
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    marie.post(&path, lines(&["Léa"])).await.refused("session.full");
}

#[tokio::test]
async fn one_person_is_enrolled_once_even_two_at_once() {
    let Story { marie, booking, .. } = story().await;
    let ines = marie.person("Inès", "Rey").await;
    let body = json!({ "booking_id": booking["id"], "person_id": ines["id"], "status": "employee" });
    let (left, right) = tokio::join!(marie.post("/v1/enrolments", body.clone()), marie.post("/v1/enrolments", body));
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
}

#[tokio::test]
async fn nobody_is_enrolled_from_another_activity() {
    let Story { app, marie, booking, .. } = story().await;
    let paul = app.trainer("Paul").await;
    let stranger = paul.person("Sami", "Rey").await;
    let session = paul.session(&paul.programme("Nextcloud").await, days(&["2026-06-01"], &[])).await;
    let body = json!({ "booking_id": booking["id"], "person_id": stranger["id"], "status": "employee" });
    marie.post("/v1/enrolments", body.clone()).await.status(404);
    paul.post("/v1/enrolments", body).await.status(404);
    let mut body = trainee("Inès");
    body["booking_id"] = booking["id"].clone();
    body["slots"] = json!([session["slots"][0]["id"]]);
    marie.post("/v1/enrolments", body).await.status(404);
    paul.post(&format!("/v1/bookings/{}/enrol", id(&booking)), json!({})).await.status(404);
}
