//! Funding: whom a funder covers, how much may be asked, which pieces are there.

use clairiere::platform::permission::Role;
use serde_json::{Value, json};

use crate::support::training::training;

fn at(file: &Value, verb: &str) -> String {
    format!("/v1/funding-files/{}{verb}", file["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_file_goes_from_draft_to_paid() {
    let it = training().await;
    let file = it.marie.post("/v1/funding-files", it.funding(120_000)).await.status(201);
    assert_eq!((file["state"].as_str(), file["client_share_cents"].as_i64()), (Some("draft"), Some(30_000)));
    assert_eq!(it.marie.post(&at(&file, "/prepare"), Value::Null).await.ok()["state"], "to_file");
    let filed = it.marie.post(&at(&file, "/file"), json!({ "on": "2026-03-02", "number": "DAF-42" })).await.ok();
    assert_eq!((filed["state"].as_str(), filed["number"].as_str()), (Some("filed"), Some("DAF-42")));
    let early = it.marie.post(&at(&file, "/pay"), json!({ "on": "2026-03-02" })).await.refused("funding.no_move");
    assert_eq!(early["possible"], json!(["decide", "withdraw"]));
    let part = json!({ "decision": "partially_approved", "granted_cents": 90_000, "on": "2026-03-02" });
    let decided = it.marie.post(&at(&file, "/decide"), part).await.ok();
    assert_eq!(
        (decided["granted_cents"].as_i64(), decided["client_share_cents"].as_i64()),
        (Some(90_000), Some(60_000))
    );
    let invoice = json!({ "invoice_number": "F-2026-7" });
    it.marie.post(&at(&file, "/invoice"), invoice.clone()).await.refused("funding.not_performed");
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    it.marie.post(&at(&file, "/invoice"), invoice).await.ok();
    let reopen = format!("/v1/slots/{}/reopen", it.slots[0]);
    it.marie.post(&reopen, json!({ "reason": "Une erreur" })).await.refused("attendance.invoiced");
    it.camille().await.post(&reopen, json!({ "reason": "Une erreur de saisie" })).await.ok();
    let paid = it.marie.post(&at(&file, "/pay"), json!({ "on": "2026-03-03" })).await.ok();
    assert_eq!((paid["state"].as_str(), paid["trainees"][0]["attended_minutes"].as_i64()), (Some("paid"), Some(210)));
}

#[tokio::test]
async fn a_volunteer_does_not_enter_an_opco_file() {
    let it = training().await;
    let mut body = it.funding(120_000);
    body["enrolments"] = json!([it.zoe, it.ali]);
    let problem = it.marie.post("/v1/funding-files", body).await.refused("funding.volunteer");
    assert!(problem["detail"].as_str().unwrap().contains("Ali Benali"), "{problem}");
}

#[tokio::test]
async fn files_never_ask_for_more_than_the_price() {
    let it = training().await;
    it.marie.post("/v1/funding-files", it.funding(150_001)).await.refused("funding.over_price");
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    it.marie.post("/v1/funding-files", it.funding(50_001)).await.refused("funding.over_price");
    it.marie.post("/v1/funding-files", it.funding(50_000)).await.status(201);
    it.marie.patch(&at(&file, ""), json!({ "requested_cents": 100_001 })).await.refused("funding.over_price");
    it.marie.post(&at(&file, "/withdraw"), json!({ "reason": "Autre financeur" })).await.ok();
    it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    it.marie.patch(&at(&file, ""), json!({ "requested_cents": 1 })).await.refused("funding.frozen");
}

#[tokio::test]
async fn two_files_at_once_stay_within_the_price() {
    let it = training().await;
    let (one, other) = tokio::join!(
        it.marie.post("/v1/funding-files", it.funding(100_000)),
        it.marie.post("/v1/funding-files", it.funding(100_000))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_late_file_needs_the_cooperative() {
    let it = training().await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    it.app.at("2026-03-04T09:00");
    it.marie.post(&at(&file, "/file"), json!({ "on": "2026-03-05" })).await.invalid("/on");
    it.marie.post(&at(&file, "/file"), json!({ "on": "2026-03-03" })).await.refused("funding.filed_late");
    let reason = json!({ "on": "2026-03-03", "override_reason": "Accord du financeur par téléphone" });
    it.marie.post(&at(&file, "/file"), reason.clone()).await.status(403);
    let filed = it.camille().await.post(&at(&file, "/file"), reason).await.ok();
    assert_eq!(filed["late_override"], "Accord du financeur par téléphone");
}

#[tokio::test]
async fn a_decision_fits_what_was_asked() {
    let it = training().await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    it.marie.post(&at(&file, "/file"), json!({ "on": "2026-03-02" })).await.ok();
    let decide = async |body: Value| it.marie.post(&at(&file, "/decide"), body).await;
    decide(json!({ "decision": "approved", "granted_cents": 100_001, "on": "2026-03-02" }))
        .await
        .invalid("/granted_cents");
    decide(json!({ "decision": "partially_approved", "on": "2026-03-02" })).await.invalid("/granted_cents");
    decide(json!({ "decision": "refused", "on": "2026-03-02" })).await.invalid("/reason");
    decide(json!({ "decision": "approved", "on": "2026-03-01" })).await.invalid("/on");
    assert_eq!(decide(json!({ "decision": "approved", "on": "2026-03-02" })).await.ok()["granted_cents"], 100_000);
}

#[tokio::test]
async fn pieces_are_those_that_the_system_holds() {
    let it = training().await;
    let camille = it.camille().await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    let state = |pieces: &Value, kind: &str| -> Vec<String> {
        let all = pieces["pieces"].as_array().unwrap().iter().filter(|piece| piece["kind"] == kind);
        all.map(|piece| piece["state"].as_str().unwrap().to_owned()).collect()
    };
    let before = it.marie.get(&at(&file, "/pieces")).await.ok();
    assert_eq!(state(&before, "certificate"), ["missing", "missing"]);
    it.marie.post(&at(&file, "/send-pieces"), json!({ "stage": "payment" })).await.refused("funding.no_piece");
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    camille.post(&format!("/v1/sessions/{}/certificates", it.session), json!({})).await.ok();
    it.marie.post(&format!("/v1/sessions/{}/attendance-sheets", it.session), json!({})).await.status(201);
    let held = it.marie.get(&at(&file, "/pieces")).await.ok();
    assert_eq!(state(&held, "certificate"), ["held", "held"]);
    assert_eq!(
        (state(&held, "attendance_sheet"), state(&held, "approval_letter")),
        (vec!["held".into()], vec!["missing".into()])
    );
    it.marie.post(&at(&file, "/send-pieces"), json!({ "stage": "payment" })).await.ok();
    let sent = it.marie.get(&at(&file, "/pieces")).await.ok();
    let provided = sent["pieces"].as_array().unwrap().iter().filter(|piece| piece["provided_on"] == "2026-03-03");
    assert_eq!(provided.count(), 3);
    it.marie.post(&format!("/v1/slots/{}/reopen", it.slots[0]), json!({ "reason": "Une erreur" })).await.ok();
    let outdated = it.marie.get(&at(&file, "/pieces")).await.ok();
    assert_eq!(state(&outdated, "certificate"), ["missing", "missing"]);
    it.marie.post(&at(&file, "/pieces"), json!({ "kind": "other" })).await.invalid("/stored_file_id");
}

#[tokio::test]
async fn a_file_of_another_activity_is_missing() {
    let it = training().await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    let jean = it.app.trainer("Jean").await;
    for path in [at(&file, ""), at(&file, "/pieces")] {
        jean.get(&path).await.status(404);
    }
    jean.post("/v1/funding-files", it.funding(1)).await.status(404);
    jean.post(&at(&file, "/withdraw"), json!({ "reason": "Pour voir" })).await.status(404);
    assert_eq!(jean.get("/v1/funding-files").await.ok()["items"], json!([]));
    it.app.staff(Role::Auditor).await.get(&at(&file, "")).await.ok();
    it.app.staff(Role::Auditor).await.post(&at(&file, "/prepare"), Value::Null).await.status(403);
}
