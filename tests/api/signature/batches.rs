//! Many papers with one code: the cooperative's delegate.

use chrono::TimeDelta;
use serde_json::json;

use super::{DENIS, Story, code, code_id, countersigns, document, give, html, link, send, sold, story};
use crate::support::bookings::id;

#[tokio::test]
async fn a_delegate_signs_many_papers_with_one_code_within_their_delegation() {
    let story = story().await;
    let Story { app, cooperative, marie, booking, .. } = &story;
    let client = marie.client("Les Roses").await;
    let (_, second) = sold(app, marie, &client, &["2026-05-05"]).await;
    let asked = json!({ "signatories": [{ "party": "cooperative", "signatory_id": cooperative.delegate }] });
    let one = story.asks(asked.clone()).await;
    let path = format!("/v1/documents/{}/signature-requests", document(&second));
    let two = marie.post(&path, asked).await.ok()["items"][0].clone();
    app.work().await;
    // By the page of one of them: all are listed with their hashes.
    let page = html(&app.nobody().get(&link(app, DENIS)).await);
    for request in [&one[0], &two] {
        assert!(page.contains(request["presented_sha256"].as_str().unwrap()), "{page}");
    }
    marie.post("/v1/signature-batches", json!({ "request_ids": [id(&two)] })).await.status(403);
    let signed = countersigns(app, &cooperative.training, DENIS, &[&one[0], &two]).await.ok();
    let papers = signed["papers"].as_array().unwrap();
    assert!(papers.len() == 2 && papers.iter().all(|paper| paper["state"] == "signed"), "{signed}");

    // The delegation is asked for at the moment of signing: it has ended meanwhile.
    let (_, third) = sold(app, marie, &client, &["2026-06-09"]).await;
    let asked = json!({ "signatories": [{ "party": "cooperative", "signatory_id": cooperative.delegate }] });
    let path = format!("/v1/documents/{}/signature-requests", document(&third));
    let three = marie.post(&path, asked).await.ok()["items"][0].clone();
    let delegate = format!("/v1/organisation/signatories/{}", cooperative.delegate);
    cooperative.admin.patch(&delegate, json!({ "valid_to": "2026-03-10" })).await.ok();
    app.later(TimeDelta::days(9));
    app.work().await;
    countersigns(app, &cooperative.training, DENIS, &[&three]).await.refused("signature.no_delegation");
    assert_eq!(story.request(&three).await["state"], "requested");
    assert!(booking["id"].is_string());
}

#[tokio::test]
async fn whoever_ticks_no_paper_is_told_and_receives_no_code() {
    let story = story().await;
    let Story { app, cooperative, marie, .. } = &story;
    let client = marie.client("Les Roses").await;
    let (_, second) = sold(app, marie, &client, &["2026-05-05"]).await;
    let asked = json!({ "signatories": [{ "party": "cooperative", "signatory_id": cooperative.delegate }] });
    let one = story.asks(asked.clone()).await;
    let path = format!("/v1/documents/{}/signature-requests", document(&second));
    let two = marie.post(&path, asked).await.ok()["items"][0].clone();
    app.work().await;
    let link = link(app, DENIS);
    let path = format!("{link}/code");
    let unknown = [("request", "0199c0de-0000-7000-8000-0000000000aa")];
    for fields in [&[][..], &unknown] {
        let refused = send(app, &path, fields).await;
        assert_eq!(refused.status, 422);
        let page = html(&refused);
        assert!(page.contains("Cochez au moins un document") && !page.contains("name=\"code_id\""), "{page}");
    }
    app.work().await;
    assert!(app.mails_to(DENIS).iter().all(|mail| !mail.subject.contains("code")));
    assert!(story.request(&one[0]).await["opened_at"].is_null());
    // Both are ticked, and one that is not theirs is left out.
    let both = [("request", id(&one[0])), ("request", id(&two)), unknown[0]];
    assert_eq!(send(app, &path, &both).await.status, 303);
    app.work().await;
    let signed = give(app, &link, &code_id(app, &link).await, &code(app, DENIS), "Denis Roy").await;
    assert_eq!(signed.status, 303, "{}", html(&signed));
    assert_eq!(story.request(&two).await["state"], "signed");
    app.done().await;
}
