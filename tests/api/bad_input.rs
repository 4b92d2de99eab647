//! Bad input: never a panic, never a 500, nothing half-written, and a sentence that says what would be right.

use clairiere::platform::permission::Role;
use poem::{Body, Request, http::Method};
use serde_json::{Value, json};

use crate::support::{
    Answer,
    commerce::{association, established},
    sessions::{days, id, room},
    start,
    training::training,
};

/// The sentence of the fault at a place.
#[track_caller]
fn said(answer: Answer, pointer: &str) -> String {
    let problem = answer.invalid(pointer);
    let fault = problem["errors"].as_array().unwrap().iter().find(|fault| fault["pointer"] == pointer).unwrap();
    fault["detail"].as_str().unwrap().replace('\u{a0}', " ")
}

#[tokio::test]
async fn numbers_of_a_client_are_refused_with_what_is_wrong() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for (member, value, sentence) in [
        ("siret", "7328293200007", "Ce SIRET compte 13 chiffres au lieu de 14"),
        ("siret", "73282932000075", "Ce SIRET est mal recopié"),
        ("siret", "7328293200007A", "sans lettres"),
        ("rna", "751234567", "W suivi de 9 chiffres"),
        ("vat_number", "FR00732829320", "sa clé ne correspond pas au SIREN"),
        ("naf", "85.59", "4 chiffres et une lettre"),
        ("idcc", "12345", "1 à 4 chiffres"),
        ("postcode", "7502", "5 chiffres"),
        ("email", "agnes.example.org", "contient un @"),
        ("phone", "01 23", "10 chiffres"),
    ] {
        let mut body = association("Les Lilas");
        body[member] = json!(value);
        let detail = said(marie.post("/v1/clients", body).await, &format!("/{member}"));
        assert!(detail.contains(sentence), "{member}: {detail}");
    }
    let mut post_office = association("La Poste des Lilas");
    post_office["siret"] = json!("356 000 000 49837");
    marie.post("/v1/clients", post_office).await.status(201);
    let people = marie.get("/v1/people").await.ok();
    assert_eq!(people["items"].as_array().unwrap().len(), 1, "nothing half-written of those that were refused");
}

#[tokio::test]
async fn dates_out_of_order_are_refused_with_both() {
    let app = established().await;
    let marie = app.trainer("Marie").await;
    let admin = app.staff(Role::CoopAdmin).await;
    let camille = app.staff(Role::CoopTraining).await;
    let both = |detail: String, one: &str, other: &str| {
        assert!(detail.contains(one) && detail.contains(other), "{one}, {other}: {detail}");
    };
    let period = json!({ "number": "11 75 12345 75", "prefect_region": "Île-de-France", "valid_from": "2020-06-01",
        "valid_to": "2020-05-31" });
    let answer = admin.post("/v1/organisation/declarations", period).await;
    both(said(answer, "/valid_to"), "31 mai 2020", "1er juin 2020");
    let activity = app.activity("Futaie").await;
    let member = json!({ "user_id": marie.user, "valid_from": "2026-06-01", "valid_to": "2026-05-31" });
    let answer = admin.post(&format!("/v1/activities/{activity}/members"), member).await;
    both(said(answer, "/valid_to"), "31 mai 2026", "1er juin 2026");
    let answer = admin.post(&format!("/v1/activities/{activity}/leave"), json!({ "on": "2023-12-31" })).await;
    both(said(answer, "/on"), "31 décembre 2023", "1er janvier 2024");
    let trainer = app.teacher(&marie, "Zoé", None).await;
    let accredited = json!({ "from": "2026-06-01", "to": "2026-05-31" });
    let answer = camille.post(&format!("/v1/trainers/{trainer}/accredit"), accredited).await;
    both(said(answer, "/to"), "31 mai 2026", "1er juin 2026");
    let programme = marie.programme("Zourit").await;
    let mut session = json!({ "programme_version_id": programme["current_version_id"], "place": room(),
        "slots": days(&["2026-03-09"], &[]) });
    session["slots"][0]["ends"] = json!("08:30");
    both(said(marie.post("/v1/sessions", session).await, "/slots/0/ends"), "08:30", "09:00");
    let client = marie.client("Les Lilas").await;
    let line = json!({ "nature": "training", "label": "Formation", "unit": "jour", "unit_price_cents": 120_000 });
    let quote = json!({ "client_id": client["id"], "valid_until": "2026-03-01", "lines": [line] });
    both(said(marie.post("/v1/quotes", quote).await, "/valid_until"), "1er mars 2026", "2 mars 2026");
}

#[tokio::test]
async fn dates_of_a_funding_file_are_refused_with_both() {
    let it = training().await;
    let mut body = it.funding(100_000);
    (body["file_before"], body["pieces_deadline"]) = (json!("2026-05-31"), json!("2026-05-30"));
    let detail = said(it.marie.post("/v1/funding-files", body).await, "/pieces_deadline");
    assert!(detail.contains("30 mai 2026") && detail.contains("31 mai 2026"), "{detail}");
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    let path = format!("/v1/funding-files/{}", id(&file));
    it.marie.post(&format!("{path}/file"), json!({ "on": "2026-03-02" })).await.ok();
    let early = json!({ "decision": "approved", "on": "2026-03-01" });
    let detail = said(it.marie.post(&format!("{path}/decide"), early).await, "/on");
    assert!(detail.contains("1er mars 2026") && detail.contains("2 mars 2026"), "{detail}");
}

#[tokio::test]
async fn spaces_are_no_name() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for blank in [" ", "\u{a0}\u{202f}", "\n\t"] {
        let body = json!({ "first_name": blank, "birth_name": "Lefèvre" });
        let problem = marie.post("/v1/people", body).await.invalid("/first_name");
        assert_eq!(problem["errors"][0]["code"], "blank");
    }
    let zoe = marie.person("Zoé", "Lefèvre").await;
    marie.patch(&format!("/v1/people/{}", id(&zoe)), json!({ "birth_name": " " })).await.invalid("/birth_name");
}

#[tokio::test]
async fn a_body_or_a_file_over_the_limit_is_refused_even_when_it_does_not_say_its_length() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let big = marie.upload("scan.pdf", "scan", &[b"%PDF-1.7".as_slice(), &vec![0; 20 << 20]].concat(), None).await;
    let problem = big.status(413);
    assert_eq!(problem["code"], "body.too_large");
    assert!(problem["detail"].as_str().unwrap().contains("20\u{a0}Mio"), "{problem}");
    let pieces = futures_util::stream::iter((0..64).map(|_| Ok::<_, std::io::Error>(vec![b' '; 32 * 1024])));
    let request = Request::builder()
        .method(Method::POST)
        .uri_str("/v1/people")
        .header("Authorization", format!("Bearer {}", marie.key))
        .content_type("application/json")
        .body(Body::from_bytes_stream(pieces));
    marie.send(request, "POST /v1/people, in pieces".into()).await.status(413);
    assert_eq!(marie.get("/v1/files").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_volunteer_stays_out_of_an_opco_file_however_they_come_in() {
    let it = training().await;
    let file = it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201);
    let path = format!("/v1/funding-files/{}", id(&file));
    it.marie.patch(&path, json!({ "enrolments": [it.zoe, it.ali] })).await.refused("funding.volunteer");
    // Somebody who is covered and turns out to be a volunteer: the file says so before it leaves.
    it.marie
        .patch(&format!("/v1/enrolments/{}", it.zoe), json!({ "status": "volunteer" }))
        .await
        .refused("enrolment.funded");
    let replaced = json!({ "status": "volunteer", "person": { "first_name": "Inès", "birth_name": "Rey" } });
    it.marie.post(&format!("/v1/enrolments/{}/replace", it.zoe), replaced).await.status(201);
    let shown = it.marie.get(&path).await.ok();
    let covered: Vec<&Value> = shown["trainees"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert!(!covered.contains(&&json!("Inès Rey")), "{covered:?}");
}
