//! Many papers with one code: the cooperative's delegate.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{DENIS, Story, code, code_id, countersigns, document, give, html, link, send, sold, story};
use crate::support::bookings::id;

impl Story {
    /// The delegate is asked to sign the convention of the story, and another one.
    async fn two_to_countersign(&self, client: &Value) -> [Value; 2] {
        let one = self.asks(self.of_the_delegate()).await.remove(0);
        let two = self.another(client, "2026-05-05").await;
        self.app.work().await;
        [one, two]
    }

    fn of_the_delegate(&self) -> Value {
        json!({ "signatories": [{ "party": "cooperative", "signatory_id": self.cooperative.delegate }] })
    }

    /// The delegate is asked to sign the convention of a day.
    async fn another(&self, client: &Value, day: &str) -> Value {
        let (_, agreement) = sold(&self.app, &self.marie, client, &[day]).await;
        let path = format!("/v1/documents/{}/signature-requests", document(&agreement));
        self.marie.post(&path, self.of_the_delegate()).await.ok()["items"][0].clone()
    }
}

#[tokio::test]
async fn a_delegate_signs_many_papers_with_one_code_within_their_delegation() {
    let story = story().await;
    let Story { app, cooperative, marie, booking, .. } = &story;
    let client = marie.client("Les Roses").await;
    let [one, two] = story.two_to_countersign(&client).await;
    // By the page of one of them: all are listed with their hashes.
    let page = html(&app.nobody().get(&link(app, DENIS)).await);
    for request in [&one, &two] {
        assert!(page.contains(request["presented_sha256"].as_str().unwrap()), "{page}");
    }
    marie.post("/v1/signature-batches", json!({ "request_ids": [id(&two)] })).await.status(403);
    let signed = countersigns(app, &cooperative.training, DENIS, &[&one, &two]).await.ok();
    let papers = signed["papers"].as_array().unwrap();
    assert!(papers.len() == 2 && papers.iter().all(|paper| paper["state"] == "signed"), "{signed}");

    // The delegation is asked for at the moment of signing: it has ended meanwhile.
    let three = story.another(&client, "2026-06-09").await;
    let delegate = format!("/v1/organisation/signatories/{}", cooperative.delegate);
    cooperative.admin.patch(&delegate, json!({ "valid_to": "2026-03-10" })).await.ok();
    app.later(TimeDelta::days(9));
    app.work().await;
    countersigns(app, &cooperative.training, DENIS, &[&three]).await.refused("signature.no_delegation");
    assert_eq!(story.request(&three).await["state"], "requested");
    assert!(booking["id"].is_string());
}

#[tokio::test]
async fn codes_of_batches_and_invitations_count_by_the_hour_and_in_all() {
    let story = story().await;
    let Story { app, cooperative, marie, .. } = &story;
    let client = marie.client("Les Roses").await;
    let [one, _] = story.two_to_countersign(&client).await;
    let start = async || cooperative.training.post("/v1/signature-batches", json!({ "request_ids": [id(&one)] })).await;
    for hour in 0..4 {
        for _ in 0..5 {
            assert_eq!(start().await.status, 201, "hour {hour}");
        }
        start().await.refused("signature.too_many_codes");
        app.later(TimeDelta::hours(1));
    }
    start().await.refused("signature.too_many_codes");
    app.later(TimeDelta::days(5));
    start().await.refused("signature.too_many_codes");
    let resend = format!("/v1/signature-requests/{}/resend", id(&one));
    for _ in 0..5 {
        marie.post(&resend, Value::Null).await.ok();
    }
    marie.post(&resend, Value::Null).await.refused("signature.too_many_invitations");
}

#[tokio::test]
async fn whoever_ticks_no_paper_is_told_and_receives_no_code() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let client = marie.client("Les Roses").await;
    let [one, two] = story.two_to_countersign(&client).await;
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
    assert!(story.request(&one).await["opened_at"].is_null());
    // Both are ticked, and one that is not theirs is left out.
    let both = [("request", id(&one)), ("request", id(&two)), unknown[0]];
    assert_eq!(send(app, &path, &both).await.status, 303);
    app.work().await;
    let signed = give(app, &link, &code_id(app, &link).await, &code(app, DENIS), "Denis Roy").await;
    assert_eq!(signed.status, 303, "{}", html(&signed));
    assert_eq!(story.request(&two).await["state"], "signed");
    app.done().await;
}
