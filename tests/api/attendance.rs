//! Attendance: recorded when it happens, closed when it is over, counted once for every paper.

use clairiere::{
    attendance,
    document::Kind,
    platform::{heavy::here, permission::Role},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::training::{Training, training, training_of};

#[tokio::test]
async fn a_whole_half_day_is_one_call() {
    let it = training().await;
    it.app.at("2026-03-03T12:30");
    let exceptions = json!([
        { "enrolment_id": it.paul, "presence": "partial", "minutes": 120, "reason": "Train en retard" },
        { "enrolment_id": it.ali, "presence": "excused", "reason": "Rendez-vous médical" }
    ]);
    let half_day = it.marie.post(&it.attendance(0), it.half_day(exceptions, false)).await.ok();
    assert_eq!(half_day["slot"]["state"], "open");
    let minutes: Vec<i64> =
        half_day["marks"].as_array().unwrap().iter().filter_map(|mark| mark["minutes"].as_i64()).collect();
    // By name: Benali, Lefèvre, Moreau.
    assert_eq!(minutes, [0, 210, 120]);
    let closed = it.marie.post(&format!("/v1/slots/{}/close", it.slots[0]), json!({})).await.ok();
    assert_eq!((closed["slot"]["state"].as_str(), closed["slot"]["mark_count"].as_i64()), (Some("closed"), Some(3)));
    assert_eq!(closed["slot"]["head_hash"].as_str().map(str::len), Some(64));
    it.marie.post(&it.attendance(0), it.half_day(json!([]), false)).await.refused("attendance.slot_closed");
    it.marie.post(&format!("/v1/slots/{}/close", it.slots[0]), json!({})).await.refused("attendance.slot_closed");
    let matrix = it.marie.get(&format!("/v1/sessions/{}/attendance", it.session)).await.ok();
    assert_eq!(matrix["trainees"][1]["attended_minutes"], 210);
    assert_eq!(matrix["trainees"][1]["planned_minutes"], 420);
}

#[tokio::test]
async fn nothing_is_recorded_before_it_happens_nor_closed_before_it_ends() {
    let it = training().await;
    it.app.at("2026-03-03T08:59");
    it.marie.post(&it.attendance(0), it.half_day(json!([]), false)).await.refused("attendance.not_begun");
    it.app.at("2026-03-03T09:30");
    it.marie.post(&it.attendance(0), it.half_day(json!([]), false)).await.ok();
    let early = it.marie.post(&format!("/v1/slots/{}/close", it.slots[0]), json!({})).await;
    let problem = early.refused("attendance.not_over");
    assert!(problem["detail"].as_str().unwrap().contains("12\u{a0}h\u{a0}30"), "{problem}");
}

#[tokio::test]
async fn a_half_day_is_closed_with_gaps_never_silently() {
    let it = training().await;
    it.app.at("2026-03-03T12:30");
    let close = format!("/v1/slots/{}/close", it.slots[0]);
    let zoe = json!({ "proof": "signed", "only_named": true, "exceptions": [{ "enrolment_id": it.zoe, "presence": "present" }] });
    it.marie.post(&it.attendance(0), zoe).await.ok();
    it.marie.post(&close, json!({})).await.refused("attendance.trainer_unmarked");
    let own = json!({ "proof": "signed", "only_named": true, "trainers": [{ "trainer_id": it.trainer }] });
    it.marie.post(&it.attendance(0), own).await.ok();
    let problem = it.marie.post(&close, json!({})).await.refused("attendance.gaps");
    assert!(problem["detail"].as_str().unwrap().contains("Ali Benali et Paul Moreau"), "{problem}");
    let closed = it.marie.post(&close, json!({ "gaps": "Partis sans signer" })).await.ok();
    assert_eq!(
        (closed["slot"]["gaps"].as_str(), closed["slot"]["mark_count"].as_i64()),
        (Some("Partis sans signer"), Some(1))
    );
}

#[tokio::test]
async fn faults_are_told_line_by_line() {
    let it = training().await;
    it.app.at("2026-03-03T12:30");
    let wrong = json!([
        { "enrolment_id": it.zoe, "presence": "partial", "minutes": 210 },
        { "enrolment_id": it.paul, "presence": "absent", "minutes": 10 }
    ]);
    let answer = it.marie.post(&it.attendance(0), it.half_day(wrong, false)).await;
    let problem = answer.invalid("/exceptions/0/minutes");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
    let stranger = json!([{ "enrolment_id": it.session, "presence": "absent" }]);
    it.marie.post(&it.attendance(0), it.half_day(stranger, false)).await.status(404);
    let jean = it.app.trainer("Jean").await;
    jean.post(&it.attendance(0), it.half_day(json!([]), false)).await.status(404);
    jean.get(&it.attendance(0)).await.status(404);
}

#[tokio::test]
async fn the_first_presence_starts_and_the_last_closing_completes() {
    let it = training().await;
    let nobody = json!([{ "enrolment_id": it.ali, "presence": "absent" }]);
    it.hold(0, nobody.clone()).await;
    let state = async || it.marie.get(&format!("/v1/sessions/{}", it.session)).await.ok()["state"].clone();
    assert_eq!(state().await, "running");
    it.hold(1, nobody).await;
    assert_eq!(state().await, "completed");
}

#[tokio::test]
async fn a_certificate_says_the_hours_attended() {
    let it = training().await;
    let camille = it.camille().await;
    let of = |id| format!("/v1/enrolments/{id}/certificate");
    let late = json!([
        { "enrolment_id": it.paul, "presence": "partial", "minutes": 100 },
        { "enrolment_id": it.ali, "presence": "absent" }
    ]);
    it.hold(0, late).await;
    let problem = camille.post(&of(it.zoe), json!({})).await.refused("certificate.half_days_open");
    assert!(problem["detail"].as_str().unwrap().contains("mardi 3 mars 2026, après-midi"), "{problem}");
    it.hold(1, json!([{ "enrolment_id": it.ali, "presence": "absent" }])).await;
    camille.post(&of(it.ali), json!({})).await.refused("certificate.no_attendance");
    it.marie.post(&of(it.zoe), json!({})).await.status(403);
    let issued = camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    assert_eq!(issued["documents"].as_array().unwrap().len(), 2);
    assert_eq!(issued["skipped"][0]["name"], "Ali Benali");
    let papers = it.papers(Kind::Certificate, "current").await;
    let paul = papers.iter().find(|paper| paper.enrolment_id == Some(it.paul)).unwrap();
    let content: Value = serde_json::from_str(&paul.content).unwrap();
    assert_eq!(content["attended"], 310);
    assert_eq!(content["quality"], "salarié(e) de l’association Les Lilas");
}

#[tokio::test]
async fn reopening_takes_the_papers_back() {
    let it = training().await;
    let camille = it.camille().await;
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    it.marie.post(&format!("/v1/sessions/{}/attendance-sheets", it.session), json!({})).await.status(201);
    camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    it.marie.post(&format!("/v1/sessions/{}/attestations", it.session), json!({})).await.ok();
    let reopen = format!("/v1/slots/{}/reopen", it.slots[0]);
    it.marie.post(&reopen, json!({})).await.invalid("/reason");
    let open = it.marie.post(&reopen, json!({ "reason": "Paul était parti à onze heures" })).await.ok();
    assert_eq!(open["slot"]["state"], "open");
    for kind in [Kind::AttendanceSheet, Kind::Certificate, Kind::Attestation] {
        assert!(it.papers(kind, "current").await.is_empty(), "{kind:?}");
        assert!(!it.papers(kind, "outdated").await.is_empty(), "{kind:?}");
    }
    it.marie.post(&reopen, json!({ "reason": "encore une fois" })).await.refused("attendance.not_closed");
    it.hold(0, json!([{ "enrolment_id": it.paul, "presence": "partial", "minutes": 120 }])).await;
    camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    assert_eq!(it.papers(Kind::Certificate, "current").await.len(), 3);
}

#[tokio::test]
async fn two_closings_at_once_close_once() {
    let it = training().await;
    it.app.at("2026-03-03T12:30");
    it.marie.post(&it.attendance(0), it.half_day(json!([]), false)).await.ok();
    let close = format!("/v1/slots/{}/close", it.slots[0]);
    let (one, other) = tokio::join!(it.marie.post(&close, json!({})), it.marie.post(&close, json!({})));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn two_first_recordings_at_once_make_one_sheet() {
    let it = training().await;
    it.app.at("2026-03-03T12:30");
    let (path, body) = (it.attendance(0), it.half_day(json!([]), false));
    let (one, other) = tokio::join!(it.marie.post(&path, body.clone()), it.marie.post(&path, body));
    assert_eq!((one.status, other.status), (200, 200));
}

#[tokio::test]
async fn the_sheet_is_blank_to_be_signed_or_filled_as_recorded() {
    let it = training().await;
    let sheets = format!("/v1/sessions/{}/attendance-sheets", it.session);
    let blank = json!({ "blank": true, "booking_id": it.booking });
    let first = it.marie.post(&sheets, blank).await.status(201);
    it.hold(0, json!([{ "enrolment_id": it.ali, "presence": "excused", "reason": "Rendez-vous médical" }])).await;
    let filled = it.marie.post(&sheets, json!({ "booking_id": it.booking })).await.status(201);
    assert_eq!(filled["replaces_id"], first["id"]);
    let paper = it.papers(Kind::AttendanceSheet, "current").await.remove(0);
    assert!(!paper.content.contains("médical"), "the reason of an absence is printed nowhere");
    let content: attendance::sheet::Content = serde_json::from_str(&paper.content).unwrap();
    let stamp = clairiere::papers::Stamp {
        reference: paper.reference,
        title: paper.title,
        issued_on: paper.issued_on,
        issued_at: paper.issued_at,
        specimen: true,
        pictures: clairiere::pdf::Pictures::default(),
        verification: None,
    };
    let pdf = here(|| clairiere::pdf::render(&attendance::sheet::layout(&content, &stamp))).unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    it.app.user("Paule", Role::Auditor, &[]).await.post(&sheets, json!({})).await.status(403);
}

/// What a trainee did on a half-day: minutes out of 210.
fn exceptions(it: &Training, minutes: &[i32]) -> Value {
    let rows = [it.zoe, it.paul, it.ali].into_iter().zip(minutes);
    rows.map(|(id, minutes)| match minutes {
        0 => json!({ "enrolment_id": id, "presence": "absent" }),
        210 => json!({ "enrolment_id": id, "presence": "present" }),
        _ => json!({ "enrolment_id": id, "presence": "partial", "minutes": minutes }),
    })
    .collect()
}

#[test]
fn sheet_certificate_and_funding_file_agree() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let half = proptest::collection::vec(prop_oneof![Just(0), Just(210), 1..210_i32], 3);
    let config = ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(days in proptest::collection::vec(half, 3))| {
        runtime.block_on(agree(&days));
    });
}

async fn agree(days: &[Vec<i32>]) {
    let it = training_of(days.len()).await;
    let camille = it.camille().await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    for (slot, minutes) in days.iter().enumerate() {
        it.hold(slot, exceptions(&it, minutes)).await;
    }
    let expected = |trainee: usize| days.iter().map(|minutes| minutes[trainee]).sum::<i32>();
    camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    it.marie.post(&format!("/v1/sessions/{}/attendance-sheets", it.session), json!({})).await.status(201);
    let certificates = it.papers(Kind::Certificate, "current").await;
    let sheet = it.papers(Kind::AttendanceSheet, "current").await.remove(0);
    let sheet: attendance::sheet::Content = serde_json::from_str(&sheet.content).unwrap();
    let file = it.marie.get(&format!("/v1/funding-files/{}", file["id"].as_str().unwrap())).await.ok();
    for (trainee, (id, name)) in
        [(it.zoe, "Zoé Lefèvre"), (it.paul, "Paul Moreau"), (it.ali, "Ali Benali")].into_iter().enumerate()
    {
        let row = sheet.trainees.iter().find(|row| row.name == name).unwrap();
        let cells: i32 = row
            .cells
            .iter()
            .map(|cell| match cell {
                attendance::sheet::Cell::Marked { minutes, .. } => minutes.0,
                _ => 0,
            })
            .sum();
        assert_eq!((cells, row.attended.map(|all| all.0)), (expected(trainee), Some(expected(trainee))));
        let paper = certificates.iter().find(|paper| paper.enrolment_id == Some(id));
        let certified = paper.map(|paper| serde_json::from_str::<Value>(&paper.content).unwrap()["attended"].clone());
        assert_eq!(certified, (expected(trainee) > 0).then(|| json!(expected(trainee))));
        let covered = file["trainees"].as_array().unwrap().iter().find(|one| one["enrolment_id"] == json!(id));
        if name != "Ali Benali" {
            assert_eq!(covered.unwrap()["attended_minutes"], expected(trainee));
        }
    }
}
