//! Evaluation: results of each objective, satisfaction with its number of answers, attestations.

use clairiere::document::Kind;
use serde_json::{Value, json};

use crate::support::training::training;

#[tokio::test]
async fn results_are_one_matrix() {
    let it = training().await;
    let path = format!("/v1/sessions/{}/evaluations", it.session);
    let body = json!({ "results": [
        { "enrolment_id": it.zoe, "objectives": [
            { "objective": 1, "before": "not_acquired", "after": "acquired" },
            { "objective": 2, "before": "in_progress" }
        ] },
        { "enrolment_id": it.paul, "objectives": [{ "objective": 1, "after": "in_progress" }] }
    ] });
    let results = it.marie.put(&path, body).await.ok();
    assert_eq!(
        (results["objectives"][0]["evaluated"].as_i64(), results["objectives"][0]["acquired"].as_i64()),
        (Some(2), Some(1))
    );
    let later =
        json!({ "results": [{ "enrolment_id": it.zoe, "objectives": [{ "objective": 2, "after": "acquired" }] }] });
    it.marie.put(&path, later).await.ok();
    let zoe = it.marie.get(&path).await.ok()["results"][1].clone();
    assert_eq!(zoe["objectives"][1], json!({ "objective": 2, "before": "in_progress", "after": "acquired" }));
    let wrong =
        json!({ "results": [{ "enrolment_id": it.zoe, "objectives": [{ "objective": 3, "after": "acquired" }] }] });
    it.marie.put(&path, wrong).await.invalid("/results/0/objectives/0/objective");
    it.app.trainer("Jean").await.get(&path).await.status(404);
}

#[tokio::test]
async fn a_rate_tells_how_many_answered() {
    let it = training().await;
    let give = async |id, body: Value| it.marie.put(&format!("/v1/enrolments/{id}/satisfaction"), body).await;
    give(it.zoe, json!({ "note": 9, "comment": "Très clair" })).await.ok();
    give(it.paul, json!({ "note": 6 })).await.ok();
    give(it.paul, json!({ "note": 7 })).await.ok();
    give(it.ali, json!({ "note": 11 })).await.invalid("/note");
    let sum = it.marie.get(&format!("/v1/sessions/{}/satisfaction", it.session)).await.ok();
    assert_eq!(
        (sum["answers"].as_i64(), sum["invited"].as_i64(), sum["rate"].as_i64()),
        (Some(2), Some(3), Some(8_000))
    );
    assert_eq!((sum["publishable"].as_bool(), sum["comments"][0].as_str()), (Some(false), Some("Très clair")));
}

#[tokio::test]
async fn an_attestation_says_each_result() {
    let it = training().await;
    let path = format!("/v1/sessions/{}/attestations", it.session);
    it.hold(0, json!([{ "enrolment_id": it.ali, "presence": "absent" }])).await;
    it.marie.post(&path, json!({})).await.status(422);
    it.hold(1, json!([{ "enrolment_id": it.ali, "presence": "absent" }])).await;
    let results =
        json!({ "results": [{ "enrolment_id": it.zoe, "objectives": [{ "objective": 1, "after": "acquired" }] }] });
    it.marie.put(&format!("/v1/sessions/{}/evaluations", it.session), results).await.ok();
    let issued = it.marie.post(&path, json!({})).await.ok();
    assert_eq!((issued["documents"].as_array().unwrap().len(), issued["skipped"].as_array().unwrap().len()), (2, 1));
    let papers = it.papers(Kind::Attestation, "current").await;
    let zoe = papers.iter().find(|paper| paper.enrolment_id == Some(it.zoe)).unwrap();
    let content: Value = serde_json::from_str(&zoe.content).unwrap();
    assert_eq!((content["attended"].as_i64(), content["results"][0]["after"].as_str()), (Some(420), Some("acquired")));
    assert!(content["results"][1]["after"].is_null());
}
