//! People sign: once, soon or late, known one way or another; what is kept of it can be checked years later.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use clairiere::{attendance, document::Kind, platform::access::Ctx};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Answer, Caller,
    training::{Training, training},
};

/// A drawing that is nobody else's: a stroke at this height.
pub fn drawing(height: u32) -> String {
    let pixels = image::ImageBuffer::from_fn(320, 120, |x, y| {
        let ink = y / 2 == height && x > 20 && x < 260;
        image::Rgba(if ink { [20_u8, 20, 90, 255] } else { [255, 255, 255, 0] })
    });
    let mut out = std::io::Cursor::new(vec![]);
    pixels.write_to(&mut out, image::ImageFormat::Png).unwrap();
    STANDARD.encode(out.into_inner())
}

/// A signature on the trainer's device, as its body.
pub fn signature(who: &str, id: Uuid, act: u128) -> Value {
    json!({
        who: id, "means": "trainer_device", "picture": drawing((act % 50) as u32), "consent": "Je certifie ma présence.",
        "client_uuid": Uuid::from_u128(0x5160_0000 + act), "offline": false, "device": "tablette de Marie"
    })
}

impl Training {
    async fn signs(&self, slot: usize, who: &str, id: Uuid, act: u128) -> Answer {
        self.marie.post(&format!("/v1/slots/{}/signatures", self.slots[slot]), signature(who, id, act)).await
    }

    async fn live(&self, slot: usize) -> Value {
        self.marie.get(&format!("/v1/slots/{}/live", self.slots[slot])).await.ok()
    }

    async fn closes(&self, slot: usize, body: Value) -> Answer {
        self.marie.post(&format!("/v1/slots/{}/close", self.slots[slot]), body).await
    }

    async fn chain(&self, slot: usize) -> Value {
        self.marie.get(&format!("/v1/slots/{}/chain", self.slots[slot])).await.ok()
    }

    async fn mark_of(&self, slot: usize, enrolment: Uuid) -> Value {
        let path = format!("/v1/marks?slot_id={}&enrolment_id={enrolment}", self.slots[slot]);
        self.marie.get(&path).await.ok()["items"][0].clone()
    }

    async fn attended(&self, enrolment: Uuid) -> i64 {
        let matrix = self.marie.get(&format!("/v1/sessions/{}/attendance", self.session)).await.ok();
        let rows = matrix["trainees"].as_array().unwrap();
        let row = rows.iter().find(|row| row["enrolment_id"] == json!(enrolment)).unwrap();
        row["attended_minutes"].as_i64().unwrap()
    }
}

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
    let enrolment = it.marie.post("/v1/enrolments", enrolment).await;
    let attach = format!("/v1/walk-ins/{id}/attach");
    it.marie.post(&attach, json!({ "enrolment_id": it.session })).await.status(404);
    // Attached to one of those who are enrolled, as the booking has no more room in this story.
    assert!(enrolment.status < 500);
    let attached = it.marie.post(&attach, json!({ "enrolment_id": it.ali })).await.ok();
    assert_eq!(attached["state"], "attached");
    it.marie.post(&attach, json!({ "enrolment_id": it.ali })).await.refused("attendance.walk_in_state");
    let mark = it.mark_of(0, it.ali).await;
    assert_eq!((mark["proof"].as_str(), mark["minutes"].as_i64()), (Some("signed"), Some(210)));
    let evidence = it.marie.get(&format!("/v1/marks/{}/evidence", mark["id"].as_str().unwrap())).await.ok();
    assert_eq!(evidence["evidence"][0]["name"], "Nour Haddad");
    let other = it.marie.post(&guests, json!({ "first_name": "Iris", "last_name": "Roux" })).await.ok();
    let dismiss = format!("/v1/walk-ins/{}/dismiss", other["id"].as_str().unwrap());
    it.marie.post(&dismiss, json!({ "reason": "S’était trompée de salle" })).await.ok();
    assert_eq!(it.chain(0).await["faults"], json!([]));
}

#[tokio::test]
async fn what_is_unusual_is_shown_and_blocks_nothing() {
    let it = training().await;
    it.app.at("2026-03-03T09:10");
    let path = format!("/v1/slots/{}/signatures", it.slots[0]);
    let mut ctx = Ctx::operator(&it.app.app);
    for (who, act) in [(it.zoe, 1_u128), (it.paul, 2)] {
        let mut tx = ctx.begin().await.unwrap();
        let signing = attendance::Signing {
            slot: it.slots[0],
            who: attendance::Who::Trainee(who),
            means: attendance::Means::RotatingCodeDeclared,
            picture: None,
            typed_name: Some("signé".into()),
            consent: "Je certifie ma présence.".into(),
            client_uuid: Uuid::from_u128(act),
            device_at: Some(it.app.clock_now() - TimeDelta::days(2)),
            ip: None,
            user_agent: None,
            device: Some("le même téléphone".into()),
            offline: false,
            paper_reference: None,
        };
        attendance::sign(&mut tx, signing).await.unwrap();
        tx.commit().await.unwrap();
    }
    it.marie.post(&path, signature("enrolment_id", it.ali, 3)).await.ok();
    let live = it.live(0).await;
    let kinds: Vec<&str> =
        live["signals"].as_array().unwrap().iter().filter_map(|signal| signal["kind"].as_str()).collect();
    assert_eq!(kinds, ["same_device", "clock_gap", "clock_gap"]);
    assert_eq!(live["signals"][0]["names"].as_array().unwrap().len(), 2);
    let evidence = it.mark_of(0, it.zoe).await["id"].clone();
    let record = it.marie.get(&format!("/v1/marks/{}/evidence", evidence.as_str().unwrap())).await.ok();
    assert_eq!(record["evidence"][0]["means"], "rotating_code_declared");
    assert_eq!(record["evidence"][0]["gap_seconds"], 172_800);
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
async fn what_retention_erased_says_so_and_still_verifies() {
    let it = training().await;
    it.app.at("2026-03-03T09:10");
    it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    let mark = it.mark_of(0, it.zoe).await;
    let record = format!("/v1/marks/{}/evidence", mark["id"].as_str().unwrap());
    let before = it.marie.get(&record).await.ok()["evidence"][0].clone();
    assert_eq!(before["network"]["device"], "tablette de Marie");
    assert_eq!(attendance::forget_networks(&mut Ctx::operator(&it.app.app)).await.unwrap(), 0);
    it.app.at("2027-03-04T10:00");
    assert_eq!(attendance::forget_networks(&mut Ctx::operator(&it.app.app)).await.unwrap(), 1);
    let after = it.marie.get(&record).await.ok()["evidence"][0].clone();
    assert_eq!(after["network"]["state"], "effacées le 4 mars 2027");
    assert_eq!(after["network"]["device"], Value::Null);
    assert_eq!((after["digest"].clone(), after["verifies"].as_bool()), (before["digest"].clone(), Some(true)));
    assert_eq!(it.chain(0).await["faults"], json!([]));
    let report = clairiere::operate::verify_all(&it.app.app, false).await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    // Erased by somebody else: no erasure says so.
    it.signs_again_and_is_robbed().await;
}

impl Training {
    async fn signs_again_and_is_robbed(&self) {
        use sea_orm::{ConnectionTrait, Statement};
        let db = &self.app.app.db;
        let sql = "UPDATE mark_evidence SET network_erased_at = NULL";
        db.writer().execute_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
        let faults = self.chain(0).await["faults"].to_string();
        assert!(faults.contains("no erasure says so") && faults.contains("was altered"), "{faults}");
    }
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

#[tokio::test]
async fn an_unsigned_half_day_reminds_before_it_ends_and_the_next_morning() {
    let it = training().await;
    it.addresses().await;
    let people = it.marie.get("/v1/people?q=marie").await.ok();
    let marie = format!("/v1/people/{}", people["items"][0]["id"].as_str().unwrap());
    it.marie.patch(&marie, json!({ "email": "marie@example.org" })).await.ok();
    it.app.at("2026-03-03T09:10");
    it.signs(0, "enrolment_id", it.zoe, 1).await.ok();
    it.app.work().await;
    it.app.mail.clear();
    let about = |address: &str, what: &str| {
        it.app.mails_to(address).into_iter().filter(|mail| mail.subject.contains(what)).collect::<Vec<_>>()
    };
    it.app.at("2026-03-03T12:14");
    it.app.work().await;
    assert!(about("paul@example.org", "votre signature pour").is_empty());
    it.app.at("2026-03-03T12:15");
    it.app.work().await;
    it.app.done().await;
    let paul = about("paul@example.org", "votre signature pour");
    assert_eq!(paul.len(), 1);
    assert!(paul[0].text.contains("avant la fin de la demi-journée"), "{}", paul[0].text);
    assert!(about("zoe@example.org", "votre signature pour").is_empty());
    assert!(about("marie@example.org", "à clore").is_empty());
    // Nobody closes: the trainer is told the next morning, and Paul once more; the afternoon was not even opened.
    it.app.at("2026-03-04T09:00");
    it.app.work().await;
    it.app.done().await;
    let told = about("marie@example.org", "à clore");
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|mail| mail.text.contains("Paul Moreau") && !mail.text.contains("Zoé")), "{told:?}");
    assert_eq!(about("paul@example.org", "votre signature pour").len(), 2);
    assert!(about("zoe@example.org", "votre signature pour").is_empty());
}

#[tokio::test]
async fn a_half_day_that_is_closed_reminds_nobody() {
    let it = training().await;
    it.addresses().await;
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    it.app.work().await;
    it.app.mail.clear();
    it.app.at("2026-03-04T09:30");
    it.app.work().await;
    it.app.done().await;
    assert!(it.app.mail.sent().is_empty());
    let sheets = it.papers(Kind::AttendanceSheet, "current").await;
    assert_eq!(sheets.len(), 1, "the sheet is issued once every half-day is closed");
    assert_eq!(sheets[0].issued_by, "système (issue_sheet)");
}

#[tokio::test]
async fn an_absence_is_told_the_same_day_without_its_reason_and_to_the_funder_who_asks() {
    let it = training().await;
    it.addresses().await;
    let clients = it.marie.get("/v1/clients").await.ok();
    let contacts = format!("/v1/clients/{}/contacts", clients["items"][0]["id"].as_str().unwrap());
    let anne = json!({ "person": { "first_name": "Anne", "birth_name": "Morel", "email": "anne@example.org" }, "roles": ["accounting"] });
    it.marie.post(&contacts, anne).await.ok();
    let mut file = it.funding(100_000);
    file["absence_notice"] = json!(true);
    it.marie.post("/v1/funding-files", file).await.status(201);
    it.app.work().await;
    it.app.mail.clear();
    it.hold(0, json!([{ "enrolment_id": it.paul, "presence": "excused", "reason": "Rendez-vous médical" }])).await;
    it.app.work().await;
    it.app.done().await;
    for address in ["rose@example.org", "anne@example.org"] {
        let mut mails = it.app.mails_to(address);
        mails.retain(|mail| mail.subject.contains("absences"));
        assert_eq!(mails.len(), 1, "{address}");
        assert!(mails[0].text.contains("Paul Moreau") && !mails[0].text.contains("médical"), "{}", mails[0].text);
        assert_eq!(mails[0].date.date_naive(), "2026-03-03".parse().unwrap());
        assert_eq!(mails[0].text.contains("Uniformation"), address.starts_with("anne"));
    }
}

#[tokio::test]
async fn who_only_said_who_they_are_gets_a_receipt() {
    let it = training().await;
    it.addresses().await;
    it.app.work().await;
    it.app.mail.clear();
    it.app.at("2026-03-03T09:10");
    let mut ctx = Ctx::operator(&it.app.app);
    for (who, means) in [(it.zoe, attendance::Means::RotatingCodeDeclared), (it.paul, attendance::Means::PersonalLink)]
    {
        let mut tx = ctx.begin().await.unwrap();
        let signing = attendance::Signing {
            slot: it.slots[0],
            who: attendance::Who::Trainee(who),
            means,
            picture: None,
            typed_name: Some("signé".into()),
            consent: "Je certifie ma présence.".into(),
            client_uuid: who,
            device_at: None,
            ip: None,
            user_agent: None,
            device: None,
            offline: false,
            paper_reference: None,
        };
        attendance::sign(&mut tx, signing).await.unwrap();
        tx.commit().await.unwrap();
    }
    it.app.work().await;
    it.app.done().await;
    let asked = |address: &str| it.app.mails_to(address).iter().any(|mail| mail.text.contains("Ce n’est pas vous"));
    assert!(asked("zoe@example.org") && !asked("paul@example.org"));
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
