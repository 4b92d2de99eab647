//! Papers that prove more: what is handed over, connection records, attestations d'assiduité, avenants.

use serde_json::{Value, json};

use crate::support::{
    bookings::{id, signature},
    sessions::days,
    start,
    training::training_of,
};

#[tokio::test]
async fn a_handout_needs_a_text_that_is_words() {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let programme = marie.programme("Zourit").await;
    let session = marie.session(&programme, days(&["2026-03-09"], &[])).await;
    let path = format!("/v1/sessions/{}/welcome-booklet", id(&session));
    marie.post(&path, Value::Null).await.refused("handout.no_text");
    let file = cooperative.admin.upload("livret.pdf", "text", b"%PDF-1.7\nlivret", None).await.ok();
    let text = json!({ "kind": "welcome_booklet", "title": "Livret", "stored_file_id": file["id"], "valid_from": "2024-01-01" });
    cooperative.admin.post("/v1/organisation/texts", text).await.status(201);
    marie.post(&path, Value::Null).await.refused("handout.text_is_file");
    let paul = app.trainer("Paul").await;
    paul.post(&path, Value::Null).await.status(404);
}

#[tokio::test]
async fn a_handout_is_issued_again_only_when_it_says_something_else() {
    let app = start().await;
    app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let programme = marie.programme("Zourit").await;
    let session = marie.session(&programme, days(&["2026-03-09"], &[])).await;
    let path = format!("/v1/sessions/{}/internal-rules", id(&session));
    let first = marie.post(&path, Value::Null).await.status(201);
    assert_eq!(marie.post(&path, Value::Null).await.status(200)["id"], first["id"]);
    let more = json!({ "slots": days(&["2026-03-10"], &[]) });
    marie.post(&format!("/v1/sessions/{}/slots", id(&session)), more).await.ok();
    let second = marie.post(&path, Value::Null).await.status(201);
    assert_eq!(second["replaces_id"], first["id"]);
}

#[tokio::test]
async fn a_distance_record_takes_only_connections_of_its_trainees_and_half_days() {
    let it = training_of(2).await;
    let path = format!("/v1/sessions/{}/distance-records", it.session);
    let connection = |joined: &str, left: &str| {
        json!({ "enrolment_id": it.zoe, "slot_id": it.slots[0], "source": "BigBlueButton",
                "joined_at": format!("2026-03-03T{joined}:00Z"), "left_at": format!("2026-03-03T{left}:00Z") })
    };
    let record = json!({ "connections": [connection("08:00", "09:00")] });
    it.marie.post(&path, record.clone()).await.refused("distance.no_slot");
    let slot = format!("/v1/slots/{}", it.slots[0]);
    it.marie.patch(&slot, json!({ "modality": "distance", "link": "https://visio.example.org" })).await.ok();
    let mut elsewhere = connection("08:00", "09:00");
    elsewhere["slot_id"] = json!(it.slots[1]);
    let wrong = json!({ "connections": [connection("09:00", "08:00"), elsewhere] });
    let problem = it.marie.post(&path, wrong.clone()).await.invalid("/connections/0/left_at");
    assert_eq!(problem["errors"][1]["pointer"], "/connections/1/slot_id");
    let paper = it.marie.post(&path, record.clone()).await.status(201);
    let content = it.marie.get(&format!("/v1/documents/{}/content", id(&paper))).await.ok()["content"].clone();
    let names: Vec<&str> =
        content["trainees"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ali Benali", "Zoé Lefèvre", "Paul Moreau"]);
    assert_eq!((&content["trainees"][1]["connected"], &content["trainees"][0]["connected"]), (&json!(60), &json!(0)));
    let stranger = it.app.trainer("Paul").await;
    stranger.post(&path, record).await.status(404);
}

#[tokio::test]
async fn assiduity_is_counted_on_closed_half_days_of_the_period() {
    let it = training_of(4).await;
    let path = format!("/v1/enrolments/{}/assiduity", it.ali);
    it.marie.post(&path, json!({})).await.refused("assiduity.half_days_open");
    it.hold(0, json!([{ "enrolment_id": it.ali, "presence": "partial", "minutes": 100 }])).await;
    it.hold(1, json!([{ "enrolment_id": it.ali, "presence": "absent" }])).await;
    let early = json!({ "from": "2026-03-01", "to": "2026-03-15" });
    let first = it.marie.post(&path, early.clone()).await.status(201);
    let content = it.marie.get(&format!("/v1/documents/{}/content", id(&first))).await.ok()["content"].clone();
    assert_eq!((&content["months"][0]["planned"], &content["months"][0]["attended"]), (&json!(420), &json!(100)));
    it.marie.post(&path, json!({ "from": "2026-03-01" })).await.refused("assiduity.half_days_open");
    it.marie.post(&path, json!({ "from": "2027-01-01" })).await.refused("assiduity.no_half_day");
    it.marie.post(&path, json!({ "from": "2026-03-15", "to": "2026-03-01" })).await.invalid("/to");
    it.hold(2, json!([])).await;
    it.hold(3, json!([])).await;
    let whole = it.marie.post(&path, json!({})).await.status(201);
    assert_eq!(whole["replaces_id"], Value::Null, "another period is another paper");
    let reason = json!({ "reason": "Erreur de saisie sur Ali" });
    it.marie.post(&format!("/v1/slots/{}/reopen", it.slots[0]), reason).await.ok();
    for paper in [&first, &whole] {
        let read = it.marie.get(&format!("/v1/documents/{}", id(paper))).await.ok();
        assert_eq!(read["state"], "outdated");
    }
}

#[tokio::test]
async fn an_amendment_is_sent_signed_and_kept_with_its_paper() {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let client = marie.client("Les Lilas").await;
    let programme = marie.programme("Zourit").await;
    let trainer = app.trainer_of(&client, "Marie", true).await;
    let session = marie.taught_session(&programme, trainer).await;
    let booking = marie.booking_for(&session, &client).await;
    let agreement = marie.signed_agreement(&app, &cooperative, &booking).await;
    let change = |after: &str| {
        json!({ "reason": "Le client le demande.",
                "changes": [{ "item": "price", "before": "3 600,00 €", "after": after }] })
    };
    let amendments = format!("/v1/agreements/{}/amendments", id(&agreement));
    let mut papers = vec![];
    for after in ["3 000,00 €", "2 800,00 €"] {
        let made = marie.post(&amendments, change(after)).await.status(201);
        let path = format!("/v1/amendments/{}", id(&made));
        let sent = marie.post(&format!("{path}/send"), Value::Null).await.ok();
        let again = marie.post(&format!("{path}/send"), Value::Null).await.ok();
        assert_eq!(sent["document_id"], again["document_id"], "sent again unchanged, the same paper");
        let whole = signature(&app, &booking, &cooperative.representative).await;
        let signed = json!({ "scan_file_id": whole["scan_file_id"], "signed_on": "2026-03-02",
                             "signatory_id": cooperative.representative });
        marie.post(&format!("{path}/sign-on-paper"), signed).await.ok();
        marie.post(&format!("{path}/send"), Value::Null).await.refused("agreement.amendment_no_move");
        papers.push(again["document_id"].as_str().unwrap().to_owned());
    }
    for paper in &papers {
        let path = format!("/v1/documents/{paper}");
        assert_eq!(marie.get(&path).await.ok()["state"], "current", "one amendment never replaces another");
        let reason = json!({ "reason": "Par erreur" });
        marie.post(&format!("{path}/revoke"), reason).await.refused("document.agreement_signed");
    }
    let content = marie.get(&format!("/v1/documents/{}/content", papers[1])).await.ok()["content"].clone();
    assert_eq!((&content["number"], &content["changes"][0]["after"]), (&json!(2), &json!("2 800,00 €")));
}
