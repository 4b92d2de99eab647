//! Whatever comes after the closing, or against what was recorded, waits for somebody to decide, and is shown.

use clairiere::{attendance, document::Kind, platform::access::Ctx};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::training::training;

#[tokio::test]
async fn a_late_signature_waits_and_amends_the_closed_half_day_visibly() {
    let it = training().await;
    let camille = it.camille().await;
    it.hold(
        0,
        json!([{ "enrolment_id": it.paul, "presence": "absent" }, { "enrolment_id": it.ali, "presence": "absent" }]),
    )
    .await;
    it.hold(1, json!([])).await;
    it.marie.post(&format!("/v1/sessions/{}/attendance-sheets", it.session), json!({})).await.status(201);
    camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    it.app.at("2026-03-05T10:00");
    let signed = it.signs(0, "enrolment_id", it.paul, 1).await.ok();
    assert_eq!(signed["waits"], "late");
    it.signs(0, "enrolment_id", it.paul, 2).await.refused("attendance.already_signed");
    assert_eq!(it.attended(it.paul).await, 210);
    let late = it.live(0).await["late_marks"][0].clone();
    let accept = format!("/v1/late-marks/{}/accept", late["id"].as_str().unwrap());
    it.marie.post(&accept, json!({})).await.invalid("/reason");
    let accepted = it.marie.post(&accept, json!({ "reason": "Sans réseau dans la salle" })).await.ok();
    assert_eq!(accepted["state"], "accepted");
    it.marie.post(&accept, json!({ "reason": "encore" })).await.refused("attendance.late_mark_state");
    assert_eq!(it.attended(it.paul).await, 420);
    let slot = it.marie.get(&it.attendance(0)).await.ok()["slot"].clone();
    assert_eq!(slot["state"], "closed");
    assert!(slot["amended_reason"].as_str().unwrap().contains("Sans réseau dans la salle"), "{slot}");
    assert!(it.papers(Kind::AttendanceSheet, "current").await.is_empty());
    let outdated = it.papers(Kind::Certificate, "outdated").await;
    assert_eq!(outdated.iter().map(|paper| paper.enrolment_id).collect::<Vec<_>>(), [Some(it.paul)]);
    // Ali's comes too late; refused, another would be received no more.
    it.app.at("2026-03-06T12:31");
    it.signs(0, "enrolment_id", it.ali, 3).await.refused("attendance.too_late");
    assert_eq!(it.chain(0).await["faults"], json!([]));
}

#[tokio::test]
async fn a_signature_against_what_was_recorded_is_shown_never_merged() {
    let it = training().await;
    it.app.at("2026-03-03T10:00");
    let absent = json!({ "proof": "signed", "only_named": true, "exceptions": [{ "enrolment_id": it.zoe, "presence": "absent" }] });
    it.marie.post(&it.attendance(0), absent).await.ok();
    let signed = it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    assert_eq!(signed["waits"], "conflict");
    assert_eq!(it.mark_of(0, it.zoe).await["presence"], "absent");
    let late = it.live(0).await["late_marks"][0].clone();
    let refuse = format!("/v1/late-marks/{}/refuse", late["id"].as_str().unwrap());
    it.marie.post(&refuse, json!({ "reason": "Zoé n’était pas là" })).await.ok();
    assert_eq!(it.mark_of(0, it.zoe).await["presence"], "absent");
    // She signs again, and this time it is accepted: the half-day is open still.
    it.signs(0, "enrolment_id", it.zoe, 2).await.ok();
    let late = it.live(0).await["late_marks"][0].clone();
    let accept = format!("/v1/late-marks/{}/accept", late["id"].as_str().unwrap());
    it.marie.post(&accept, json!({ "reason": "Elle était au fond de la salle" })).await.ok();
    let mark = it.mark_of(0, it.zoe).await;
    assert_eq!((mark["presence"].as_str(), mark["proof"].as_str()), (Some("present"), Some("signed")));
    let evidence = it.marie.get(&format!("/v1/marks/{}/evidence", mark["id"].as_str().unwrap())).await.ok();
    assert_eq!(evidence["late_marks"].as_array().unwrap().len(), 2);
    assert_eq!(evidence["faults"], json!([]));
}

#[tokio::test]
async fn a_statement_counts_once_the_cooperative_confirms_it() {
    let it = training().await;
    let camille = it.camille().await;
    it.app.at("2026-03-03T12:30");
    let state = |statement: Value, reason: Value| {
        json!({ "proof": "paper", "trainers": [{ "trainer_id": it.trainer }],
                "exceptions": [{ "enrolment_id": it.paul, "presence": "present", "proof": "trainer_statement",
                                 "statement": statement, "reason": reason }] })
    };
    it.marie.post(&it.attendance(0), state(Value::Null, Value::Null)).await.invalid("/exceptions/0/statement");
    it.marie.post(&it.attendance(0), json!({ "proof": "trainer_statement" })).await.invalid("/default/statement");
    it.marie.post(&it.attendance(0), state(json!("refused"), json!("Ne veut rien signer"))).await.ok();
    it.closes(0, json!({})).await.ok();
    it.hold(1, json!([])).await;
    it.app.work().await;
    assert_eq!((it.attended(it.paul).await, it.attended(it.zoe).await), (210, 420));
    let mark = it.mark_of(0, it.paul).await;
    assert_eq!((mark["minutes"].as_i64(), mark["counted_minutes"].as_i64()), (Some(210), Some(0)));
    camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    let confirm = format!("/v1/marks/{}/confirm", mark["id"].as_str().unwrap());
    it.marie.post(&confirm, Value::Null).await.status(403);
    camille.post(&confirm, Value::Null).await.ok();
    camille.post(&confirm, Value::Null).await.refused("attendance.statement_state");
    assert_eq!(it.attended(it.paul).await, 420);
    let outdated = it.papers(Kind::Certificate, "outdated").await;
    assert_eq!(outdated.iter().map(|paper| paper.enrolment_id).collect::<Vec<_>>(), [Some(it.paul)]);
    let zoe = it.mark_of(0, it.zoe).await;
    let of_zoe = format!("/v1/marks/{}/confirm", zoe["id"].as_str().unwrap());
    camille.post(&of_zoe, Value::Null).await.refused("attendance.no_statement");
}

#[tokio::test]
async fn a_trainee_states_later_that_they_were_there() {
    let it = training().await;
    let camille = it.camille().await;
    it.app.at("2026-03-03T12:30");
    let two = json!({ "proof": "paper", "only_named": true, "close": true, "gaps": "Ali n’a pas signé",
        "exceptions": [{ "enrolment_id": it.zoe, "presence": "present" }, { "enrolment_id": it.paul, "presence": "present" }],
        "trainers": [{ "trainer_id": it.trainer }] });
    it.marie.post(&it.attendance(0), two).await.ok();
    // Three weeks later, long after late signatures are received.
    it.app.at("2026-03-24T10:00");
    let activity = it.app.app.clone();
    let mut ctx = Ctx::operator(&activity);
    let mut tx = ctx.begin().await.unwrap();
    let stated = attendance::state_late(
        &mut tx,
        attendance::Signing {
            slot: it.slots[0],
            who: attendance::Who::Trainee(it.ali),
            means: attendance::Means::PersonalLink,
            picture: None,
            typed_name: Some("Ali Benali".into()),
            consent: "Je déclare avoir suivi cette demi-journée.".into(),
            client_uuid: Uuid::from_u128(9),
            device_at: None,
            ip: Some("192.0.2.7".into()),
            user_agent: Some("Firefox".into()),
            device: None,
            offline: false,
            paper_reference: None,
        },
    )
    .await
    .unwrap();
    assert_eq!(stated.outcome, attendance::Outcome::Waits(attendance::LateKind::Statement));
    tx.commit().await.unwrap();
    let late = it.marie.get(&format!("/v1/slots/{}/late-marks", it.slots[0])).await.ok()[0].clone();
    let accept = format!("/v1/late-marks/{}/accept", late["id"].as_str().unwrap());
    it.marie.post(&accept, json!({ "reason": "Je m’en souviens" })).await.status(403);
    camille.post(&accept, json!({ "reason": "Confirmé par la formatrice" })).await.ok();
    assert_eq!(it.attended(it.ali).await, 210);
}

#[tokio::test]
async fn a_half_day_that_is_still_open_is_signed_not_stated() {
    let it = training().await;
    let phone = it.app.phone();
    let page = format!("{}/envoi", it.own_page(it.zoe).await);
    let act = |number: u128, statement: bool| json!({ "slot": it.slots[0], "client_uuid": Uuid::from_u128(number), "typed_name": "Zoé", "statement": statement });
    for time in ["2026-03-03T09:10", "2026-03-03T12:45"] {
        it.app.at(time);
        let refused = phone.script(&page, act(1, true)).await.refused("attendance.still_open");
        assert!(refused["said"].as_str().unwrap().contains("signez-la plutôt"), "{refused}");
        it.marie.post(&format!("/v1/slots/{}/open", it.slots[0]), Value::Null).await.ok();
    }
    assert_eq!(it.live(0).await["late_marks"], json!([]));
    let signed = phone.script(&page, act(2, false)).await.ok();
    assert_eq!(signed["waits"], false);
    // Proved already: nothing is to be stated either.
    phone.script(&page, act(3, true)).await.refused("attendance.already_signed");
}
