//! Each kind of paper is signed by whom it needs: on line, on paper, in turn, and once.

use clairiere::{
    operate,
    platform::{access::Ctx, audit::sha256},
    signature,
};
use serde_json::{Value, json};

use super::{AGNES, ROSA, Story, code, countersigns, document, give, html, link, receive, run, signs, story};
use crate::support::{bookings::id, start};

#[tokio::test]
async fn a_convention_is_signed_by_client_and_cooperative_and_both_receive_it() {
    let story = story().await;
    let Story { app, cooperative, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    assert_eq!((requests[0]["party"].as_str(), requests[1]["party"].as_str()), (Some("client"), Some("cooperative")));
    assert_eq!(requests[0]["name"], "Mme Agnès Petit");
    let link = link(app, AGNES);

    // Scanners of mails open links: nothing is consumed, the page shows the very file.
    let before = story.request(&requests[0]).await;
    let page = html(&app.nobody().get(&link).await);
    assert_eq!(story.request(&requests[0]).await, before);
    let hash = requests[0]["presented_sha256"].as_str().unwrap();
    assert!(page.contains(hash) && page.contains("Convention CNV-2026-0001") && page.len() < 30_000, "{page}");
    let read = app.nobody().get(&format!("{link}/document")).await;
    assert_eq!(sha256(&read.bytes), hash);
    assert!(read.header("content-disposition").unwrap().starts_with("inline"));

    let signed = signs(app, &link, AGNES, "Agnès Petit").await;
    assert_eq!(signed.status, 303, "{}", html(&signed));
    let done = html(&app.nobody().get(&link).await);
    assert!(done.contains("Merci") && done.contains("Signature attendue"), "{done}");
    assert_eq!(story.agreement_now().await["state"], "sent", "the cooperative has not signed yet");

    // The code stands in the mail that left, not in the one that is kept.
    let messages = marie.get("/v1/messages?limit=200").await.ok();
    let mails = messages["items"].as_array().unwrap();
    let mail = mails.iter().find(|mail| mail["text"] == "signature_code").unwrap();
    let kept = marie.get(&format!("/v1/messages/{}", id(mail))).await.ok();
    assert!(!kept["plain_text"].as_str().unwrap().contains(&code(app, AGNES)), "{kept}");

    let counter = countersigns(app, &cooperative.training, ROSA, &[&requests[1]]).await.ok();
    assert_eq!(counter["papers"][0]["state"], "signed");
    let agreement = story.agreement_now().await;
    assert_eq!(
        (agreement["state"].as_str(), agreement["client_signed_on"].as_str()),
        (Some("signed"), Some("2026-03-02"))
    );
    assert_eq!(agreement["client_signatory"], "Mme Agnès Petit");
    assert!(agreement["scan_file_id"].is_null() && agreement["checked_by"].is_null());
    app.work().await;
    let file = marie.get(&format!("/v1/documents/{}/file?role=signed", document(&story.agreement))).await;
    assert_eq!(file.status, 200);
    assert_ne!(sha256(&file.bytes), hash);
    for address in [AGNES, ROSA] {
        let mails = app.mails_to(address);
        let last = mails.last().unwrap();
        assert!(last.subject.contains("exemplaire signé"), "{address}: {}", last.subject);
        assert_eq!(sha256(&last.attachments[0].data), sha256(&file.bytes));
    }
    let download = app.nobody().get(&format!("{link}/signed")).await;
    assert_eq!(sha256(&download.bytes), sha256(&file.bytes));

    let evidence = marie.get(&format!("/v1/signature-requests/{}/evidence", id(&requests[0]))).await.ok();
    for (member, expected) in [
        ("level", json!("simple")),
        ("means", json!("typed")),
        ("typed_name", json!("Agnès Petit")),
        ("presented_sha256", json!(hash)),
        ("code_sent_to", json!(AGNES)),
        ("user_agent", json!("Mozilla/5.0 (tests)")),
        ("local_time", json!("2026-03-02T09:00:00")),
        ("intact", json!(true)),
    ] {
        assert_eq!(evidence[member], expected, "{member}: {evidence}");
    }

    // Once signed, nothing is replaced, taken back or signed again.
    let path = format!("/v1/documents/{}", document(&story.agreement));
    marie.post(&format!("{path}/revoke"), json!({ "reason": "erreur" })).await.refused("document.agreement_signed");
    marie.post(&format!("{path}/signature-requests"), json!({})).await.status(409);
    let again = json!({ "request_ids": [requests[1]["id"]] });
    cooperative.training.post("/v1/signature-batches", again).await.refused("signature.already_signed");
    let cancel = format!("/v1/signature-requests/{}/cancel", id(&requests[0]));
    marie.post(&cancel, json!({ "reason": "erreur" })).await.refused("signature.already_signed");
    let verified = operate::verify_all(&app.app, false).await.unwrap();
    assert_eq!((verified.faults, verified.orphans), (vec![], 0));
    app.done().await;
}

#[tokio::test]
async fn sent_twice_at_once_is_signed_once() {
    let story = story().await;
    let app = &story.app;
    let requests = story.asks(json!({})).await;
    let link = link(app, AGNES);
    let (id_of_code, code) = receive(app, &link, AGNES).await;
    let one = || give(app, &link, &id_of_code, &code, "Agnès Petit");
    let answers = tokio::join!(one(), one(), one(), one());
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        assert_eq!(answer.status, 303, "{}", html(&answer));
    }
    // The back button, and the form again.
    assert_eq!(one().await.status, 303);
    let audit = story.cooperative.training.get("/v1/audit?event=signature.signed&limit=200").await.ok();
    assert_eq!(audit["items"].as_array().unwrap().len(), 1);
    assert_eq!(story.request(&requests[0]).await["state"], "signed");
    app.work().await;
    app.done().await;
}

/// The answer of the mail server is lost at each of the two mails: link and code are those of the first copies, and sign.
#[tokio::test]
async fn mails_that_leave_twice_carry_the_link_and_the_code_that_sign() {
    let story = story().await;
    let app = &story.app;
    app.mail.lose_answers(true);
    let requests = story.asks(json!({})).await;
    let first = link(app, AGNES);
    app.later(chrono::TimeDelta::minutes(1));
    app.work().await;
    assert_eq!(link(app, AGNES), first);
    app.mail.lose_answers(false);
    app.later(chrono::TimeDelta::minutes(2));
    app.work().await;
    app.mail.lose_answers(true);
    let (id_of_code, first_code) = receive(app, &first, AGNES).await;
    app.mail.lose_answers(false);
    app.later(chrono::TimeDelta::minutes(1));
    app.work().await;
    let codes = app.mails_to(AGNES).iter().filter(|mail| mail.subject.contains("code")).count();
    assert_eq!((codes, code(app, AGNES)), (2, first_code.clone()));
    assert_eq!(give(app, &first, &id_of_code, &first_code, "Agnès Petit").await.status, 303);
    assert_eq!(story.request(&requests[0]).await["state"], "signed");
    app.work().await;
    app.done().await;
}

#[tokio::test]
async fn on_paper_by_one_side_and_on_line_by_the_other() {
    for paper_first in [true, false] {
        let story = story().await;
        let Story { app, cooperative, marie, booking, .. } = &story;
        let requests = story.asks(json!({})).await;
        let scan = marie.upload("signée.pdf", "scan", b"%PDF-1.7\nscan", None).await.ok();
        let on_paper = async || {
            let path = format!("/v1/signature-requests/{}/sign-on-paper", id(&requests[0]));
            let tomorrow = json!({ "scan_file_id": scan["id"], "signed_on": "2026-03-03" });
            marie.post(&path, tomorrow).await.invalid("/signed_on");
            let body = json!({ "scan_file_id": scan["id"], "signed_on": "2026-03-02" });
            marie.post(&path, body.clone()).await.ok();
            marie.post(&path, body).await.refused("signature.already_signed");
        };
        if paper_first {
            on_paper().await;
        }
        assert_eq!(story.agreement_now().await["state"], "sent");
        countersigns(app, &cooperative.training, ROSA, &[&requests[1]]).await.ok();
        if !paper_first {
            assert_eq!(story.agreement_now().await["state"], "sent");
            on_paper().await;
        }
        let agreement = story.agreement_now().await;
        assert_eq!((agreement["state"].as_str(), &agreement["scan_file_id"]), (Some("signed"), &scan["id"]));
        assert_eq!(agreement["checked_by"], "Marie Martin");
        app.work().await;
        let path = format!("/v1/documents/{}/file?role=signed", document(&story.agreement));
        assert_eq!(marie.get(&path).await.status, 200);
        marie.post(&format!("/v1/bookings/{}/agree", id(booking)), Value::Null).await.ok();
        app.work().await;
        app.done().await;
    }
}

#[tokio::test]
async fn each_signs_in_turn_when_an_order_is_given() {
    let story = story().await;
    let Story { app, cooperative, .. } = &story;
    let asked = json!({ "signatories": [
        { "party": "cooperative", "position": 1 }, { "party": "client", "position": 2 }] });
    let requests = story.asks(asked).await;
    assert!(app.mails_to(AGNES).iter().all(|mail| !mail.subject.contains("à signer en ligne")));
    countersigns(app, &cooperative.training, ROSA, &[&requests[0]]).await.ok();
    app.work().await;
    let signed = signs(app, &link(app, AGNES), AGNES, "Agnès Petit").await;
    assert_eq!(signed.status, 303);
    assert_eq!(story.agreement_now().await["state"], "signed");
}

#[tokio::test]
async fn an_individual_signs_at_a_distance_and_has_fourteen_days() {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let person = marie.person("Zoé", "Lefèvre").await;
    let zoe = json!({ "kind": "individual", "name": "Zoé Lefèvre", "person_id": person["id"],
        "address": "1 rue", "postcode": "75020", "city": "Paris" });
    let zoe = marie.post("/v1/clients", zoe).await.status(201);
    let programme = marie.programme("Zourit").await;
    let trainer = app.trainer_of(&zoe, "Marie", true).await;
    let mut answers = vec![];
    for distance in [false, true] {
        let session = marie.session_on(&programme, trainer, "inter", &["2026-04-02"]).await;
        let booking = marie.booking_for(&session, &zoe).await;
        let path = format!("/v1/bookings/{}/agreement", id(&booking));
        let drafted = marie.post(&path, json!({ "concluded_at_distance": distance, "send": true })).await.status(201);
        let path = format!("/v1/documents/{}/signature-requests", document(&drafted));
        answers.push((drafted, marie.post(&path, json!({})).await));
    }
    let (agreement, asked) = answers.pop().unwrap();
    answers.pop().unwrap().1.refused("agreement.not_at_distance");
    let requests = asked.ok()["items"].as_array().unwrap().clone();
    app.work().await;
    assert_eq!(signs(&app, &link(&app, "zoe@example.org"), "zoe@example.org", "Zoé Lefèvre").await.status, 303);
    countersigns(&app, &cooperative.training, ROSA, &[&requests[1]]).await.ok();
    let signed = marie.get(&format!("/v1/agreements/{}", id(&agreement))).await.ok();
    assert_eq!((signed["state"].as_str(), signed["withdrawal_ends_on"].as_str()), (Some("signed"), Some("2026-03-16")));
}

#[tokio::test]
async fn a_quote_is_accepted_by_its_signature() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let client = marie.get(&format!("/v1/clients/{}", story.booking["client_id"].as_str().unwrap())).await.ok();
    let programme = marie.programme("Nextcloud").await;
    let quote = marie.quote(&client, &programme).await;
    let path = format!("/v1/quotes/{}", id(&quote));
    marie.post(&format!("{path}/send"), Value::Null).await.ok();
    let papers = marie.get(&format!("/v1/documents?quote_id={}", id(&quote))).await.ok();
    let paper = &papers["items"][0];
    marie.post(&format!("/v1/documents/{}/signature-requests", id(paper)), json!({})).await.ok();
    app.work().await;
    assert_eq!(signs(app, &link(app, AGNES), AGNES, "Agnès Petit").await.status, 303);
    let accepted = marie.get(&path).await.ok();
    assert_eq!((accepted["state"].as_str(), accepted["accepted_on"].as_str()), (Some("accepted"), Some("2026-03-02")));
    let programme = marie.get("/v1/documents?kind=programme").await.ok();
    let path = format!("/v1/documents/{}/signature-requests", id(&programme["items"][0]));
    marie.post(&path, json!({})).await.refused("signature.kind");
}

#[tokio::test]
async fn every_column_of_a_signature_is_watched() {
    let story = story().await;
    let app = &story.app;
    story.asks(json!({})).await;
    assert_eq!(signs(app, &link(app, AGNES), AGNES, "Agnès Petit").await.status, 303);
    app.work().await;
    let faults = async || operate::verify_all(&app.app, false).await.unwrap().faults;
    assert_eq!(faults().await, Vec::<String>::new());
    let changes = [
        "party = 'x'",
        "name = 'x'",
        "quality = 'x'",
        "signatory_id = NULL, means = 'x'",
        "channel = 'x'",
        "recorded_by = 'x'",
        "consent = 'x'",
        "presented_sha256 = 'x'",
        "picture_sha256 = 'x'",
        "typed_name = 'x'",
        "signed_on = '2026-01-01'",
        "signed_at = '2026-01-01 00:00:00+00:00'",
        "local_time = 'x'",
        "code_id = NULL",
        "code_sent_to = 'x'",
        "code_sent_at = NULL",
        "code_verified_at = NULL",
        "network = 'x'",
        "network_salt = 'x'",
        "network_digest = 'x'",
        "network = NULL, network_salt = NULL",
        "level = 'advanced'",
        "digest = 'x'",
    ];
    for change in changes {
        run(app, "CREATE TABLE kept AS SELECT * FROM signature").await;
        run(app, &format!("UPDATE signature SET {change}")).await;
        let seen = faults().await;
        assert!(seen.iter().any(|fault| fault.starts_with("signature ")), "{change} was not seen: {seen:?}");
        run(app, "DELETE FROM signature").await;
        let seen = faults().await;
        assert!(seen.iter().any(|fault| fault.contains("was removed")), "a removal was not seen");
        run(app, "INSERT INTO signature SELECT * FROM kept").await;
        run(app, "DROP TABLE kept").await;
    }
    // What the rule erases is not altered; what somebody erases in its name is.
    let erased = "network = NULL, network_salt = NULL, network_erased_at = '2029-03-02 08:00:00+00:00'";
    run(app, "CREATE TABLE kept AS SELECT * FROM signature").await;
    run(app, &format!("UPDATE signature SET {erased}")).await;
    assert!(!faults().await.is_empty(), "an erasure that no act did was not seen");
    run(app, "DELETE FROM signature").await;
    run(app, "INSERT INTO signature SELECT * FROM kept").await;
    app.at("2029-03-02T08:00");
    assert_eq!(signature::forget_networks(&mut Ctx::operator(&app.app)).await.unwrap(), 1);
    assert_eq!(faults().await, Vec::<String>::new());
}
