//! What signs nothing: links that open nothing, wrong codes, empty signatures, refusals, papers that no longer stand.

use chrono::TimeDelta;
use clairiere::{platform::access::Ctx, signature};
use serde_json::{Value, json};

use super::{AGNES, Story, code_id, document, give, html, link, receive, send, sold, story};
use crate::support::bookings::id;

#[tokio::test]
async fn what_a_link_cannot_do_gets_one_page() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({ "expires_in_days": 5 })).await;
    let (first, invented) = (link(app, AGNES), "/signature/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let unknown = app.nobody().get(invented).await;
    assert_eq!(unknown.status, 404);
    // Another purpose is another link.
    let foreign = first.replace("/signature/", "/presence/");
    assert_eq!(app.nobody().get(&foreign).await.status, 404);
    marie.post(&format!("/v1/signature-requests/{}/resend", id(&requests[0])), Value::Null).await.ok();
    app.work().await;
    let replaced = app.nobody().get(&first).await;
    assert_eq!((replaced.status, html(&replaced)), (404, html(&unknown)), "a newer link took its place");
    let second = link(app, AGNES);
    assert_eq!(app.nobody().get(&second).await.status, 200);
    app.later(TimeDelta::days(6));
    let expired = app.nobody().get(&second).await;
    assert_eq!((expired.status, html(&expired)), (404, html(&unknown)));
    assert_eq!(send(app, &format!("{second}/code"), &[]).await.status, 404);
    app.work().await;
    assert_eq!(story.request(&requests[0]).await["state"], "expired");
    assert!(app.mails_to(AGNES).iter().all(|mail| !mail.subject.contains("code")));
    app.done().await;
}

#[tokio::test]
async fn wrong_codes_and_empty_signatures_sign_nothing() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    let link = link(app, AGNES);
    let (id_of_code, right) = receive(app, &link, AGNES).await;
    let fields = |picture: &'static str, name: &'static str, consent: &'static str| {
        let all = [("code_id", id_of_code.clone()), ("code", right.clone()), ("picture", picture.to_owned())];
        let mut all: Vec<(&str, String)> = all.to_vec();
        all.push(("typed_name", name.to_owned()));
        if !consent.is_empty() {
            all.push(("consent", consent.to_owned()));
        }
        all
    };
    let path = format!("{link}/sign");
    for (form, said) in [
        (fields("", "", "oui"), "Dessinez votre signature ou tapez votre nom"),
        (fields("", "Agnès Petit", ""), "Cochez la case"),
        (fields("R0lGODlhAQABAAAAACw=", "", "oui"), "n’est pas une image PNG lisible"),
    ] {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = send(app, &path, &form).await;
        assert_eq!(answer.status, 422);
        assert!(html(&answer).contains(said), "{said}");
    }
    let wrong = if right == "000000" { "111111" } else { "000000" };
    for left in ["il reste 4 essais", "il reste 3 essais", "il reste 2 essais", "il reste un essai", "Cinq codes faux"]
    {
        let answer = give(app, &link, &id_of_code, wrong, "Agnès Petit").await;
        assert_eq!(answer.status, 409);
        assert!(html(&answer).contains(left), "{left}: {}", html(&answer));
    }
    let spent = give(app, &link, &id_of_code, &right, "Agnès Petit").await;
    assert!(html(&spent).contains("Cinq codes faux"), "the right one comes too late");
    let (second, code) = receive(app, &link, AGNES).await;
    app.later(TimeDelta::minutes(11));
    let late = give(app, &link, &second, &code, "Agnès Petit").await;
    assert!(html(&late).contains("n’est plus valable"), "{}", html(&late));

    // The code of another request opens nothing here.
    let client = marie.client("Les Roses").await;
    let (_, agreement) = sold(app, marie, &client, &["2026-05-05"]).await;
    let asked =
        json!({ "signatories": [{ "party": "client", "name": "Rosine Dubois", "email": "rosine@example.org" }] });
    marie.post(&format!("/v1/documents/{}/signature-requests", document(&agreement)), asked).await.ok();
    app.work().await;
    let rosine = self::link(app, "rosine@example.org");
    let (theirs, theirs_code) = receive(app, &rosine, "rosine@example.org").await;
    let stolen = give(app, &link, &theirs, &theirs_code, "Agnès Petit").await;
    assert!(html(&stolen).contains("demandé pour d’autres documents"), "{}", html(&stolen));
    for _ in 0..3 {
        receive(app, &link, AGNES).await;
    }
    let many = send(app, &format!("{link}/code"), &[]).await;
    assert!(html(&many).contains("Trop de codes"), "{}", html(&many));
    assert_eq!(story.request(&requests[0]).await["state"], "requested");
    app.done().await;
}

#[tokio::test]
async fn whoever_does_not_sign_is_reminded_then_the_request_expires() {
    let story = story().await;
    let app = &story.app;
    let requests = story.asks(json!({})).await;
    let reminded = || app.mails_to(AGNES).iter().filter(|mail| mail.subject.contains("attend votre signature")).count();
    for (days, count) in [(3, 1), (7, 2), (14, 3), (29, 3)] {
        app.at("2026-03-02T10:00");
        app.later(TimeDelta::days(days));
        app.work().await;
        assert_eq!(reminded(), count, "after {days} days");
    }
    app.later(TimeDelta::days(2));
    app.work().await;
    for request in &requests {
        assert_eq!(story.request(request).await["state"], "expired");
    }
    // Another request may be made, and its mail opens the page.
    let again = story.asks(json!({})).await;
    assert_eq!(again.len(), 4);
    assert_eq!(app.nobody().get(&link(app, AGNES)).await.status, 200);
}

#[tokio::test]
async fn a_refusal_is_told_and_ends_the_round() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    let todo = marie.get(&format!("/v1/sessions/{}/todo", story.booking["session_id"].as_str().unwrap())).await.ok();
    assert!(todo.to_string().contains("agreement.signature_awaited"), "{todo}");
    let link = link(app, AGNES);
    let short = send(app, &format!("{link}/refuse"), &[("reason", "x")]).await;
    assert_eq!(short.status, 422);
    let refused = send(app, &format!("{link}/refuse"), &[("reason", "Le prix n’est pas celui du devis.")]).await;
    assert_eq!(refused.status, 303);
    app.work().await;
    assert!(html(&app.nobody().get(&link).await).contains("Vous avez refusé de signer"));
    let states = [&requests[0], &requests[1]].map(|request| story.request(request));
    let [first, second] = states;
    assert_eq!(first.await["state"], "refused");
    assert_eq!(second.await["state"], "cancelled");
    let told = app.mails_to("bonjour@example.org");
    assert!(
        told.last().unwrap().text.contains("Le prix n’est pas celui du devis"),
        "{:?}",
        told.last().map(|m| &m.text)
    );
    let late = send(app, &format!("{link}/code"), &[]).await;
    assert_eq!(late.status, 409);
    app.done().await;
}

#[tokio::test]
async fn a_paper_that_no_longer_stands_is_not_signed() {
    let story = story().await;
    let Story { app, marie, .. } = &story;
    let requests = story.asks(json!({})).await;
    let link = link(app, AGNES);
    let (id_of_code, code) = receive(app, &link, AGNES).await;
    let path = format!("/v1/agreements/{}/void", id(&story.agreement));
    marie.post(&path, json!({ "reason": "Erreur sur le prix" })).await.ok();
    // Before the worker has had time to cancel the requests.
    assert_eq!(give(app, &link, &id_of_code, &code, "Agnès Petit").await.status, 404);
    app.work().await;
    assert_eq!(story.request(&requests[0]).await["state"], "cancelled");
    assert_eq!(app.nobody().get(&link).await.status, 404);
    app.done().await;
}

/// A mail to somebody else that waits for the code is not sent: the code goes to the address it was asked for.
#[tokio::test]
async fn a_code_leaves_for_the_address_it_was_asked_for_alone() {
    let story = story().await;
    let app = &story.app;
    story.asks(json!({})).await;
    let link = link(app, AGNES);
    assert_eq!(send(app, &format!("{link}/code"), &[]).await.status, 303);
    let code = code_id(app, &link).await.parse().unwrap();
    let ctx = Ctx::operator(&app.app);
    let activity = ctx.scope().get::<entity::one_time_code::Entity>(code).await.unwrap().activity_id.unwrap();
    let words = json!({ "text": signature::wanted_code(code), "html": signature::wanted_code(code) });
    app.queues(activity, ("signature_code", "Votre code"), ("Mallory", "mallory@example.org"), &words).await;
    app.work().await;
    assert!(app.mails_to("mallory@example.org").is_empty());
    let codes = app.mails_to(AGNES).iter().filter(|mail| mail.subject.contains("code")).count();
    assert_eq!(codes, 1, "whoever asked has theirs");
}
