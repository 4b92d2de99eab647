//! A half-day is signed: once, by a drawing or a name, on a device or on paper; whoever else is there; what it shows.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use clairiere::{
    attendance::{WATCHED_AT_ONCE, Watches},
    platform::{access::Ctx, permission::Role},
};
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{drawing, signature};
use crate::support::{Caller, training::training};

#[tokio::test]
async fn three_sign_and_the_half_day_closes() {
    let it = training().await;
    it.app.at("2026-03-03T08:59");
    it.signs(0, "enrolment_id", it.zoe, 1).await.refused("attendance.not_begun");
    it.app.at("2026-03-03T09:04");
    let opened = it.marie.post(&format!("/v1/slots/{}/open", it.slots[0]), Value::Null).await.ok();
    assert_eq!((opened["state"].as_str(), opened["expected"].as_i64()), (Some("open"), Some(3)));
    let signed = it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    assert_eq!((signed["repeated"].as_bool(), signed["waits"].as_str()), (Some(false), None));
    let again = it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    assert_eq!(
        (again["evidence_id"].clone(), again["repeated"].as_bool()),
        (signed["evidence_id"].clone(), Some(true))
    );
    it.signs(0, "enrolment_id", it.zoe, 2).await.refused("attendance.already_signed");
    it.signs(0, "enrolment_id", it.paul, 1).await.refused("attendance.act_reused");
    it.signs(0, "enrolment_id", it.paul, 3).await.ok();
    let now = it.live(0).await;
    assert_eq!(now["missing"], json!(["Ali Benali"]));
    assert_eq!(now["signed"], 2);
    assert_eq!(now["trainees"][0]["short_name"], "Ali B.");
    it.signs(0, "enrolment_id", it.ali, 4).await.ok();
    it.signs(0, "trainer_id", it.trainer, 5).await.ok();
    it.signs(0, "trainer_id", it.trainer, 6).await.refused("attendance.already_signed");
    it.app.at("2026-03-03T12:30");
    let closed = it.closes(0, json!({})).await.ok();
    assert_eq!((closed["slot"]["state"].as_str(), closed["slot"]["mark_count"].as_i64()), (Some("closed"), Some(3)));
    assert_eq!(it.attended(it.zoe).await, 210);
    let chain = it.chain(0).await;
    assert_eq!(chain["faults"], json!([]));
    assert_eq!(chain["links"].as_array().unwrap().len(), 4);
    assert!(chain["links"][0]["entry_hash"].as_str().is_some_and(|hash| hash.len() == 64), "{chain}");
}

#[tokio::test]
async fn forty_signatures_at_the_same_second_are_all_kept() {
    let it = training().await;
    it.app.at("2026-03-03T09:00");
    let mut waiting = vec![];
    for (round, who) in (0..40_u128).zip([it.zoe, it.paul, it.ali].into_iter().cycle()) {
        let (marie, path) = (it.marie.clone(), format!("/v1/slots/{}/signatures", it.slots[0]));
        // Everybody taps several times: one act each, one mark each.
        let act = 100 + round % 3;
        waiting.push(tokio::spawn(async move { marie.post(&path, signature("enrolment_id", who, act)).await.status }));
    }
    for one in waiting {
        assert_eq!(one.await.unwrap(), 200);
    }
    assert_eq!(it.live(0).await["signed"], 3);
    assert_eq!(it.chain(0).await["links"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_signature_is_a_drawing_or_a_name() {
    let it = training().await;
    it.app.at("2026-03-03T09:10");
    let path = format!("/v1/slots/{}/signatures", it.slots[0]);
    let with = |change: Value| {
        let mut body = signature("enrolment_id", it.zoe, 1);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    it.marie.post(&path, with(json!({ "picture": "" }))).await.invalid("/picture");
    it.marie.post(&path, with(json!({ "picture": STANDARD.encode("<svg/>") }))).await.invalid("/picture");
    it.marie.post(&path, with(json!({ "picture": drawing(500) }))).await.invalid("/picture");
    it.marie.post(&path, with(json!({ "picture": null }))).await.refused("attendance.not_signed");
    it.marie.post(&path, with(json!({ "means": "personal_link" }))).await.invalid("/means");
    it.marie.post(&path, with(json!({ "trainer_id": it.trainer }))).await.invalid("/enrolment_id");
    it.marie.post(&path, with(json!({ "picture": null, "typed_name": "Zoé Lefèvre" }))).await.ok();
}

#[tokio::test]
async fn who_comes_late_and_leaves_early_counts_in_minutes() {
    let it = training().await;
    it.app.at("2026-03-03T09:40");
    let times = format!("/v1/slots/{}/times", it.slots[0]);
    let note =
        |who: Uuid, arrived: Value, left: Value| json!({ "enrolment_id": who, "arrived_at": arrived, "left_at": left });
    it.marie.post(&times, note(it.paul, json!("2026-03-03T08:30:00Z"), Value::Null)).await.ok();
    it.signs(0, "enrolment_id", it.paul, 1).await.ok();
    it.signs(0, "enrolment_id", it.zoe, 2).await.ok();
    it.signs(0, "trainer_id", it.trainer, 3).await.ok();
    assert_eq!(it.mark_of(0, it.paul).await["minutes"], 180);
    it.marie.post(&times, note(it.paul, json!("2026-03-03T13:00:00Z"), Value::Null)).await.refused("attendance.times");
    it.marie.post(&times, note(it.session, Value::Null, Value::Null)).await.status(404);
    it.app.at("2026-03-03T12:30");
    let departures = json!([{ "enrolment_id": it.zoe, "left_at": "2026-03-03T10:30:00Z" },
                            { "enrolment_id": it.paul, "left_at": "2026-03-03T11:00:00Z" }]);
    it.closes(0, json!({ "departures": departures })).await.refused("attendance.gaps");
    it.closes(0, json!({ "departures": departures, "gaps": "Ali n’est pas venu" })).await.ok();
    assert_eq!((it.attended(it.zoe).await, it.attended(it.paul).await), (150, 150));
    it.marie.post(&times, note(it.zoe, Value::Null, Value::Null)).await.refused("attendance.slot_closed");
}

/// A slip on the closing page must not take a signed presence away for good.
#[tokio::test]
async fn times_that_leave_no_minute_can_be_noted_again() {
    let it = training().await;
    let mut ctx = Ctx::operator(&it.app.app);
    let mut tx = ctx.begin().await.unwrap();
    let slot = tx.lock::<entity::session_slot::Entity>(it.slots[0]).await.unwrap();
    let event = clairiere::session::events::Event::SlotChanged { session: it.session, slot: slot.id };
    let pause = |edit: &mut entity::session_slot::ActiveModel| edit.break_minutes = Set(15);
    tx.act(slot.activity_id, event.into()).update(slot, pause).await.unwrap();
    tx.commit().await.unwrap();
    it.app.at("2026-03-03T11:00");
    it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    let times = format!("/v1/slots/{}/times", it.slots[0]);
    let note =
        |who: Uuid, arrived: Value, left: Value| json!({ "enrolment_id": who, "arrived_at": arrived, "left_at": left });
    let of_zoe = async || {
        let mark = it.mark_of(0, it.zoe).await;
        (mark["presence"].as_str().unwrap().to_owned(), mark["minutes"].as_i64().unwrap())
    };
    // Around the break, which takes all of it.
    let (from, to) = (json!("2026-03-03T09:40:00Z"), json!("2026-03-03T09:50:00Z"));
    it.marie.post(&times, note(it.zoe, from.clone(), to.clone())).await.ok();
    assert_eq!(of_zoe().await, ("absent".into(), 0));
    it.marie.post(&times, note(it.zoe, Value::Null, Value::Null)).await.ok();
    assert_eq!(of_zoe().await, ("present".into(), 195));
    // An absence that somebody noted is no slip.
    let away = json!({ "proof": "signed", "only_named": true, "exceptions": [{ "enrolment_id": it.zoe, "presence": "absent" }] });
    it.marie.post(&it.attendance(0), away).await.ok();
    it.marie.post(&times, note(it.zoe, from, Value::Null)).await.ok();
    assert_eq!(of_zoe().await, ("absent".into(), 0));
}

#[tokio::test]
async fn somebody_added_on_the_spot_counts_once_attached() {
    let it = training().await;
    it.app.at("2026-03-03T09:10");
    let guests = format!("/v1/slots/{}/walk-ins", it.slots[0]);
    let guest = it.marie.post(&guests, json!({ "first_name": "Nour", "last_name": "Haddad" })).await.ok();
    let id: Uuid = guest["id"].as_str().unwrap().parse().unwrap();
    it.signs(0, "walk_in_id", id, 1).await.ok();
    it.signs(0, "walk_in_id", id, 2).await.refused("attendance.already_signed");
    let live = it.live(0).await;
    assert_eq!((live["walk_ins"][0]["signed"].as_bool(), live["expected"].as_i64()), (Some(true), Some(3)));
    let person = it.marie.post("/v1/people", json!({ "first_name": "Nour", "birth_name": "Haddad" })).await.ok();
    let enrolment = json!({ "booking_id": it.booking, "person_id": person["id"], "status": "employee" });
    let enrolment = it.marie.post("/v1/enrolments", enrolment).await.status(201);
    let attach = format!("/v1/walk-ins/{id}/attach");
    it.marie.post(&attach, json!({ "enrolment_id": it.session })).await.status(404);
    // Invited only, she is expected nowhere yet.
    let to_own = json!({ "enrolment_id": enrolment["id"] });
    it.marie.post(&attach, to_own.clone()).await.refused("attendance.not_expected");
    let enrol = format!("/v1/enrolments/{}/enrol", enrolment["id"].as_str().unwrap());
    let pack = json!({ "override_reason": "Venue à la place d’une collègue, informée sur place" });
    it.camille().await.post(&enrol, pack).await.ok();
    let attached = it.marie.post(&attach, to_own.clone()).await.ok();
    assert_eq!(attached["state"], "attached");
    it.marie.post(&attach, to_own).await.refused("attendance.walk_in_state");
    let mark = it.mark_of(0, enrolment["id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!((mark["proof"].as_str(), mark["minutes"].as_i64()), (Some("signed"), Some(210)));
    let evidence = it.marie.get(&format!("/v1/marks/{}/evidence", mark["id"].as_str().unwrap())).await.ok();
    assert_eq!(evidence["evidence"][0]["name"], "Nour Haddad");
    let other = it.marie.post(&guests, json!({ "first_name": "Iris", "last_name": "Roux" })).await.ok();
    let dismiss = format!("/v1/walk-ins/{}/dismiss", other["id"].as_str().unwrap());
    it.marie.post(&dismiss, json!({ "reason": "S’était trompée de salle" })).await.ok();
    assert_eq!(it.chain(0).await["faults"], json!([]));
}

#[tokio::test]
async fn a_wall_screen_sees_a_half_day_end() {
    let it = training().await;
    it.hold(0, json!([])).await;
    let events = it.marie.get(&format!("/v1/slots/{}/live/events", it.slots[0])).await;
    assert_eq!(events.status, 200);
    assert_eq!(events.header("content-type"), Some("text/event-stream"));
    let text = String::from_utf8(events.bytes).unwrap();
    assert_eq!(text.matches("data:").count(), 1, "{text}");
    assert!(text.contains("\"state\":\"closed\""), "{text}");
    it.app.trainer("Jean").await.get(&format!("/v1/slots/{}/live/events", it.slots[0])).await.status(404);
}

#[tokio::test]
async fn who_watches_hears_nothing_once_the_key_is_taken_back_and_all_share_one_look() {
    let it = training().await;
    let app = &it.app;
    let admin = app.staff(Role::CoopAdmin).await;
    it.app.at("2026-03-03T09:05");
    it.marie.post(&format!("/v1/slots/{}/open", it.slots[0]), json!({})).await.ok();
    let watch = format!("/v1/slots/{}/live/events", it.slots[0]);
    let keys = format!("/v1/users/{}/keys", it.marie.user);
    let made = admin.post(&keys, json!({ "label": "écran" })).await.status(201);
    let screen = Caller { key: made["secret"].as_str().unwrap().to_owned(), ..it.marie.clone() };
    let mut open = vec![];
    for _ in 0..WATCHED_AT_ONCE {
        open.push(screen.open(&watch).await);
    }
    assert!(open.iter().all(|answer| answer.status().as_u16() == 200));
    let refused = screen.get(&watch).await.status(429);
    assert_eq!(refused["code"], "streams.too_many");
    assert_eq!(it.marie.open(&watch).await.status().as_u16(), 200, "another key has its own");
    let watches = app.app.kept::<Watches>();
    assert_eq!(watches.slots(), 1, "however many watch, the half-day is looked at once");
    let (before, begun) = (watches.looks(), tokio::time::Instant::now());
    admin.post(&format!("/v1/keys/{}/revoke", made["id"].as_str().unwrap()), json!({})).await.ok();
    for answer in open {
        tokio::time::timeout(Duration::from_secs(5), answer.into_body().into_bytes()).await.expect("it ended").unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(watches.looks() - before <= 6, "{} looks in five seconds", watches.looks() - before);
    screen.get(&watch).await.status(401);
}

#[tokio::test]
async fn a_badly_written_name_is_settled() {
    let it = training().await;
    let ask = format!("/v1/enrolments/{}/name-corrections", it.zoe);
    let asked = it.marie.post(&ask, json!({ "said": "Zoë Lefebvre, avec un b" })).await.status(201);
    assert_eq!(asked["name"], "Zoé Lefèvre");
    let open = it.marie.get("/v1/name-corrections?state=open").await.ok();
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    let settle = format!("/v1/name-corrections/{}/settle", asked["id"].as_str().unwrap());
    it.marie.post(&settle, json!({ "note": "Corrigé sur sa fiche" })).await.ok();
    it.marie.post(&settle, json!({ "note": "encore" })).await.refused("attendance.correction_state");
    assert_eq!(it.marie.get("/v1/name-corrections?state=open").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn what_a_personal_link_writes_has_an_end() {
    let it = training().await;
    it.app.at("2026-03-03T09:10");
    let ask = format!("/v1/enrolments/{}/name-corrections", it.zoe);
    let said = |said: usize| json!({ "said": format!("Zoé {said}") });
    for number in 0..5 {
        it.marie.post(&ask, said(number)).await.status(201);
    }
    // The same is not asked twice.
    let (one, two) = (it.marie.post(&ask, said(0)).await.status(201), it.marie.post(&ask, said(0)).await.status(201));
    assert_eq!(one["id"], two["id"]);
    it.marie.post(&ask, said(5)).await.refused("attendance.corrections_wait");
    let guests = format!("/v1/slots/{}/walk-ins", it.slots[0]);
    let guest = json!({ "first_name": "Nour", "last_name": "Haddad" });
    for _ in 0..100 {
        it.marie.post(&guests, guest.clone()).await.ok();
    }
    it.marie.post(&guests, guest).await.refused("attendance.too_many_walk_ins");
}

#[tokio::test]
async fn a_sheet_signed_on_paper_says_its_number() {
    let it = training().await;
    it.app.at("2026-03-03T12:30");
    let scan = it.marie.upload("feuille.pdf", "scan", b"%PDF-1.7\nscan", None).await.ok();
    let mut body = it.half_day(json!([]), true);
    body["paper_reference"] = json!("EMG-2026-0003");
    body["scan_file_id"] = scan["id"].clone();
    let closed = it.marie.post(&it.attendance(0), body).await.ok();
    assert_eq!(closed["slot"]["scan_file_id"], scan["id"]);
    assert_eq!(closed["marks"][0]["paper_reference"], "EMG-2026-0003");
    assert_eq!(it.chain(0).await["faults"], json!([]));
}

/// A story with somebody else's key learns nothing.
#[tokio::test]
async fn another_activity_signs_nothing_here() {
    let it = training().await;
    let jean: Caller = it.app.trainer("Jean").await;
    it.app.at("2026-03-03T09:10");
    let path = format!("/v1/slots/{}/signatures", it.slots[0]);
    jean.post(&path, signature("enrolment_id", it.zoe, 1)).await.status(404);
    jean.get(&format!("/v1/slots/{}/live", it.slots[0])).await.status(404);
    jean.get(&format!("/v1/slots/{}/chain", it.slots[0])).await.status(404);
}
