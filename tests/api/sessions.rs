//! Sessions: planned with their half-days, moved, cancelled, copied; a trainer is in one place at a time.

use chrono::NaiveDate;
use clairiere::platform::permission::Role;
use serde_json::{Value, json};

use crate::support::{
    commerce::established,
    sessions::{days, id, room, slot},
};

#[tokio::test]
async fn a_session_is_planned_with_its_half_days_and_found_again() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let zoe = app.teacher(&marie, "Zoé", Some(marie.user)).await;
    let session = marie.zourit_session(&[zoe]).await;
    assert_eq!(session["reference"], "SES-2026-0001");
    assert_eq!((session["first_day"].as_str(), session["last_day"].as_str()), (Some("2026-03-09"), Some("2026-03-31")));
    assert_eq!((session["planned_minutes"].as_i64(), session["distance_rate"].as_i64()), (Some(1260), Some(0)));
    let first = &session["slots"][0];
    assert_eq!(
        (first["half"].as_str(), first["starts_at"].as_str()),
        (Some("morning"), Some("2026-03-09T08:00:00+00:00"))
    );
    assert_eq!(first["trainers"][0]["name"], "Zoé Martin");
    // After the change of hour in March, nine o'clock in Paris is an hour earlier in UTC.
    assert_eq!(session["slots"][2]["starts_at"], "2026-03-30T07:00:00+00:00");
    for (query, count) in [("q=zourit", 1), ("state=open", 0), ("from=2026-03-31", 1), ("to=2026-03-08", 0)] {
        let found = marie.get(&format!("/v1/sessions?{query}")).await.ok();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
    }
    let path = format!("/v1/sessions/{}", id(&session));
    let changed = marie.patch(&path, json!({ "title": "Zourit aux Lilas" })).await.ok();
    assert_eq!((changed["title"].as_str(), changed["slots"].as_array().unwrap().len()), (Some("Zourit aux Lilas"), 6));
    marie.patch(&path, json!({ "place": null })).await.invalid("/place");
    marie.delete(&path).await.status(204);
    marie.get(&path).await.status(404);
}

#[tokio::test]
async fn faults_of_half_days_are_told_with_their_place_and_nothing_is_kept() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let programme = marie.programme("Zourit").await;
    let plan = |slots: Value| json!({ "programme_version_id": programme["current_version_id"], "slots": slots });
    let mut distant = slot("2026-03-11", "09:00", "12:00", &[]);
    distant["modality"] = json!("distance");
    let body = plan(json!([slot("2026-03-10", "14:00", "09:00", &[]), distant]));
    let answer = marie.post("/v1/sessions", body).await;
    let problem = answer.status(422);
    let places: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    assert_eq!(places, ["/slots/0/place", "/slots/0/ends", "/slots/1/link"]);
    let mut body = plan(json!([
        slot("2026-03-10", "09:00", "12:30", &[]),
        slot("2026-03-11", "09:00", "12:30", &[]),
        slot("2026-03-10", "12:00", "15:00", &[]),
    ]));
    body["place"] = room();
    let problem = marie.post("/v1/sessions", body).await.invalid("/slots/2/starts");
    let detail = problem["errors"][0]["detail"].as_str().unwrap().replace('\u{a0}', " ");
    assert!(detail.contains("12 h – 15 h") && detail.contains("9 h – 12 h 30"), "{detail}");
    assert_eq!(marie.get("/v1/sessions").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_firm_half_day_refuses_a_planned_one_warns() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let zoe = app.teacher(&marie, "Zoé", None).await;
    let programme = marie.programme("Zourit").await;
    let first = marie.session(&programme, days(&["2026-03-09"], &[zoe])).await;
    let second = marie.session(&programme, vec![slot("2026-03-09", "11:00", "14:00", &[zoe])]).await;
    assert_eq!(second["warnings"].as_array().unwrap().len(), 2, "morning and afternoon of the first");
    assert!(second["warnings"][0]["text"].as_str().unwrap().contains("SES-2026-0001"));
    let booking = marie.booking(&first).await;
    app.agreed(&booking).await;
    let body = json!({
        "programme_version_id": programme["current_version_id"], "place": room(),
        "slots": [slot("2026-03-09", "16:00", "18:00", &[zoe])]
    });
    let problem = marie.post("/v1/sessions", body.clone()).await.refused("session.trainer_busy");
    let detail = problem["detail"].as_str().unwrap().replace('\u{a0}', " ");
    assert!(detail.contains("16 h – 18 h") && detail.contains("13 h 30 – 17 h"), "{detail}");
    let path = format!("/v1/slots/{}", id(&second["slots"][0]));
    let there = json!({ "day": "2026-03-09", "starts": "17:00", "ends": "19:00", "reason": "salle prise" });
    marie.post(&format!("{path}/move"), there).await.ok();
    let back = json!({ "day": "2026-03-09", "starts": "16:59", "ends": "19:00", "reason": "retour" });
    marie.post(&format!("{path}/move"), back).await.refused("session.trainer_busy");
}

#[tokio::test]
async fn what_another_activity_plans_is_only_unavailable() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let paul = app.trainer("Paul").await;
    let at_marie = app.teacher(&marie, "Zoé", Some(paul.user)).await;
    let at_paul = app.teacher(&paul, "Zoé", Some(paul.user)).await;
    let secret = marie.programme("Secrets de Marie").await;
    let first = marie.session(&secret, days(&["2026-03-09"], &[at_marie])).await;
    let programme = paul.programme("Nextcloud").await;
    let warned = paul.session(&programme, vec![slot("2026-03-09", "09:00", "10:00", &[at_paul])]).await;
    let text = warned["warnings"][0]["text"].as_str().unwrap();
    assert!(text.contains("indisponible") && !text.contains("Secrets") && !text.contains("SES-"), "{text}");
    app.agreed(&marie.booking(&first).await).await;
    let body = json!({
        "programme_version_id": programme["current_version_id"], "place": room(),
        "slots": [slot("2026-03-09", "14:00", "15:00", &[at_paul])]
    });
    let problem = paul.post("/v1/sessions", body).await.refused("session.trainer_busy");
    let text = problem["detail"].as_str().unwrap();
    assert!(text.contains("indisponible") && !text.contains("Secrets") && !text.contains("SES-"), "{text}");
}

#[tokio::test]
async fn a_trainer_reads_what_they_teach_elsewhere_and_nothing_else_of_it() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let paul = app.trainer("Paul").await;
    let teacher = app.teacher(&marie, "Paul", Some(paul.user)).await;
    let session = marie.zourit_session(&[teacher]).await;
    let booking = marie.booking(&session).await;
    let trainee = marie.person("Inès", "Rey").await;
    let body = json!({ "booking_id": booking["id"], "person_id": trainee["id"], "status": "employee" });
    marie.post("/v1/enrolments", body).await.status(201);
    let other = marie.session(&marie.programme("Autre").await, days(&["2026-05-04"], &[])).await;
    let found = paul.get("/v1/teaching/sessions").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let taught = paul.get(&format!("/v1/teaching/sessions/{}", id(&session))).await.ok();
    assert_eq!(taught["trainees"], json!(["Inès\u{a0}R."]));
    assert_eq!((taught["slots"].as_array().unwrap().len(), taught["place"]["city"].as_str()), (6, Some("Paris")));
    paul.get(&format!("/v1/teaching/sessions/{}", id(&other))).await.status(404);
    paul.get(&format!("/v1/sessions/{}", id(&session))).await.status(404);
    paul.get(&format!("/v1/slots/{}", id(&session["slots"][0]))).await.status(404);
}

#[tokio::test]
async fn half_days_are_added_changed_moved_and_cancelled() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let zoe = app.teacher(&marie, "Zoé", None).await;
    let session = marie.zourit_session(&[zoe]).await;
    let path = format!("/v1/sessions/{}", id(&session));
    let body = json!({ "slots": [slot("2026-04-01", "09:00", "12:30", &[zoe])] });
    let more = marie.post(&format!("{path}/slots"), body.clone()).await.ok();
    assert_eq!((more["slots"].as_array().unwrap().len(), more["last_day"].as_str()), (7, Some("2026-04-01")));
    marie.post(&format!("{path}/slots"), body).await.invalid("/slots/0/starts");
    let first = format!("/v1/slots/{}", id(&session["slots"][0]));
    let changed = marie.patch(&first, json!({ "break_minutes": 15, "starts": "09:30" })).await.ok();
    assert_eq!((changed["minutes"].as_i64(), changed["starts"].as_str()), (Some(165), Some("09:30")));
    let moving = json!({ "day": "2026-03-16", "starts": "13:30", "ends": "17:00", "reason": "Salle indisponible" });
    let moved = marie.post(&format!("{first}/move"), moving).await.ok();
    assert_eq!((moved["half"].as_str(), moved["day"].as_str()), (Some("afternoon"), Some("2026-03-16")));
    assert_eq!(moved["previous_starts_at"], "2026-03-09T08:30:00+00:00");
    let clash = json!({ "day": "2026-03-30", "starts": "10:00", "ends": "11:00", "reason": "?" });
    marie.post(&format!("{first}/move"), clash).await.invalid("/starts");
    let alone = marie.put(&format!("{first}/trainers"), json!({ "trainers": [] })).await.ok();
    assert_eq!(alone["trainers"], json!([]));
    marie.post(&format!("{path}/open"), Value::Null).await.ok();
    marie.patch(&first, json!({ "starts": "14:00" })).await.refused("slot.move_instead");
    marie.post(&format!("{first}/cancel"), json!({ "reason": "Grève" })).await.ok();
    let again = json!({ "day": "2026-03-17", "starts": "09:00", "ends": "12:00", "reason": "?" });
    marie.post(&format!("{first}/move"), again).await.refused("slot.not_planned");
    let after = marie.get(&path).await.ok();
    assert_eq!((after["planned_minutes"].as_i64(), after["first_day"].as_str()), (Some(1260), Some("2026-03-09")));
}

#[tokio::test]
async fn a_session_tells_which_moves_are_possible() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let session = marie.zourit_session(&[]).await;
    let path = format!("/v1/sessions/{}", id(&session));
    let problem = marie.post(&format!("{path}/close"), Value::Null).await.refused("session.no_move");
    assert_eq!(problem["possible"], json!(["open", "cancel"]));
    marie.post(&format!("{path}/open"), Value::Null).await.ok();
    marie.post(&format!("{path}/start"), Value::Null).await.ok();
    marie.post(&format!("{path}/complete"), Value::Null).await.refused("session.slots_left");
    let cancelled = marie.post(&format!("{path}/cancel"), json!({ "reason": "Client en difficulté" })).await.ok();
    assert_eq!(
        (cancelled["state"].as_str(), cancelled["slots"][5]["state"].as_str()),
        (Some("cancelled"), Some("cancelled"))
    );
    let problem = marie.post(&format!("{path}/open"), Value::Null).await.refused("session.no_move");
    assert!(problem["possible"].is_null());
    marie.post(&format!("{path}/cancel"), json!({})).await.invalid("/reason");
}

#[tokio::test]
async fn a_copy_keeps_the_gaps_and_the_hours() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let zoe = app.teacher(&marie, "Zoé", None).await;
    let session = marie.zourit_session(&[zoe]).await;
    let path = format!("/v1/sessions/{}/duplicate", id(&session));
    let copy = marie.post(&path, json!({ "first_day": "2026-10-05" })).await.status(201);
    let days: Vec<NaiveDate> =
        copy["slots"].as_array().unwrap().iter().map(|slot| slot["day"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(days.iter().map(|day| (*day - days[0]).num_days()).collect::<Vec<_>>(), [0, 0, 21, 21, 22, 22]);
    assert!(copy["slots"].as_array().unwrap().iter().all(|slot| slot["trainers"][0]["trainer_id"] == json!(zoe)));
    assert_eq!(
        (copy["slots"][4]["starts"].as_str(), copy["reference"].as_str()),
        (Some("09:00"), Some("SES-2026-0002"))
    );
    assert_eq!(copy["state"], "planned");
}

#[tokio::test]
async fn an_inter_session_goes_ahead_with_enough_heads_or_a_reason() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let programme = marie.programme("Zourit").await;
    let body = json!({
        "programme_version_id": programme["current_version_id"], "place": room(), "format": "inter", "min_heads": 1,
        "slots": days(&["2026-03-09"], &[])
    });
    let session = marie.post("/v1/sessions", body).await.status(201);
    let path = format!("/v1/sessions/{}/decide-go", id(&session));
    marie.post(&path, json!({})).await.refused("session.too_few");
    let gone = marie.post(&path, json!({ "reason": "Deux inscriptions attendues" })).await.ok();
    assert_eq!((gone["go_decided_on"].as_str(), gone["go_reason"].is_string()), (Some("2026-03-02"), true));
}

#[tokio::test]
async fn what_belongs_to_another_activity_is_missing_wherever_it_stands() {
    let app = established().await;
    let (marie, paul) = (app.trainer("Marie").await, app.trainer("Paul").await);
    let zoe = app.teacher(&marie, "Zoé", None).await;
    let session = marie.zourit_session(&[zoe]).await;
    let slot_path = format!("/v1/slots/{}", id(&session["slots"][0]));
    let moving = json!({ "day": "2026-03-17", "starts": "09:00", "ends": "12:00", "reason": "?" });
    paul.post(&format!("{slot_path}/move"), moving).await.status(404);
    paul.post(&format!("/v1/sessions/{}/open", id(&session)), Value::Null).await.status(404);
    let body = json!({ "programme_version_id": session["programme_version_id"], "slots": [] });
    paul.post("/v1/sessions", body).await.status(404);
    let mine = paul.programme("Nextcloud").await;
    let body = json!({
        "programme_version_id": mine["current_version_id"], "place": room(),
        "slots": days(&["2026-06-01"], &[zoe])
    });
    paul.post("/v1/sessions", body.clone()).await.status(404);
    // The cooperative sees both activities, and still may not mix them.
    let camille = app.staff(Role::CoopTraining).await;
    camille.post("/v1/sessions", body).await.status(404);
}

#[tokio::test]
async fn of_two_firm_starts_at_once_one_is_refused() {
    let app = established().await;
    let (marie, paul) = (app.trainer("Marie").await, app.trainer("Paul").await);
    let at_marie = app.teacher(&marie, "Zoé", Some(paul.user)).await;
    let at_paul = app.teacher(&paul, "Zoé", Some(paul.user)).await;
    let one = marie.session(&marie.programme("Un").await, days(&["2026-03-09"], &[at_marie])).await;
    let two = paul.session(&paul.programme("Deux").await, days(&["2026-03-09"], &[at_paul])).await;
    for (who, session) in [(&marie, &one), (&paul, &two)] {
        who.post(&format!("/v1/sessions/{}/open", id(session)), Value::Null).await.ok();
    }
    let (one, two) = (format!("/v1/sessions/{}/start", id(&one)), format!("/v1/sessions/{}/start", id(&two)));
    let (left, right) = tokio::join!(marie.post(&one, Value::Null), paul.post(&two, Value::Null));
    let mut statuses = [left.status, right.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_session_received_from_another_body_counts_its_hours_and_is_sold_by_nobody_here() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let zoe = app.teacher(&marie, "Zoé", None).await;
    let programme = marie.programme("Zourit").await;
    let mut body = json!({
        "programme_version_id": programme["current_version_id"], "place": room(), "kind": "received",
        "slots": [slot("2026-03-09", "09:00", "12:30", &[zoe])]
    });
    marie.post("/v1/sessions", body.clone()).await.invalid("/received_from");
    body["received_from"] = json!({ "name": "Formations Solidaires", "nda": "11 75 12345 75", "contract": "ST-12" });
    let session = marie.post("/v1/sessions", body).await.status(201);
    assert_eq!(session["received_from"]["name"], "Formations Solidaires");
    let client = marie.client("Les Lilas").await;
    let sale = json!({ "session_id": session["id"], "client_id": client["id"] });
    marie.post("/v1/bookings", sale).await.refused("booking.session_received");
    let todo = format!("/v1/sessions/{}/todo", id(&session));
    let codes = async || -> Vec<String> {
        let items = marie.get(&todo).await.ok()["items"].as_array().unwrap().clone();
        items.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(!codes().await.contains(&"session.no_booking".to_owned()));
    app.at("2026-03-09T12:35");
    let held = json!({ "proof": "paper", "trainers": [{ "trainer_id": zoe }], "close": true });
    let path = format!("/v1/slots/{}/attendance", id(&session["slots"][0]));
    marie.post(&path, held).await.ok();
    assert_eq!(marie.get(&format!("/v1/sessions/{}", id(&session))).await.ok()["state"], "completed");
    assert!(!codes().await.contains(&"attendance.open".to_owned()));
}
