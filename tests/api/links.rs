//! Personal links: a token opens one thing for one purpose, and stands nowhere but in the mail that carried it.

use chrono::TimeDelta;
use clairiere::{
    link::{self, NewLink, Purpose},
    platform::access::{Ctx, RequestFacts, by_link},
};
use entity as e;
use poem::{Request, http::Method};
use serde_json::json;
use uuid::Uuid;

use crate::support::{TestApp, start};

async fn minted(app: &TestApp, activity: Uuid, object: Uuid, cause: &str) -> (Uuid, String) {
    let mut ctx = Ctx::operator(&app.app);
    let mut tx = ctx.begin().await.unwrap();
    let new = NewLink {
        purpose: Purpose::SignSession,
        object,
        session: None,
        trainer: None,
        holder: "Zoé Lefèvre".into(),
        cause: cause.into(),
        expires_at: app.app.now() + TimeDelta::hours(2),
    };
    let made = link::mint(&mut tx, activity, new).await.unwrap();
    tx.commit().await.unwrap();
    (made.row.id, made.token)
}

async fn opens(app: &TestApp, purpose: &str, token: &str) -> bool {
    by_link(&app.app, purpose, token, RequestFacts::default()).await.is_ok()
}

#[tokio::test]
async fn a_link_opens_one_thing_until_it_ends() {
    let app = start().await;
    let activity = app.activity("Clairière").await;
    let (_, token) = minted(&app, activity, Uuid::from_u128(1), "test:1").await;
    assert!(opens(&app, "sign_session", &token).await);
    assert!(!opens(&app, "run_day", &token).await, "another purpose");
    for invented in ["", "x", &token[1..], &format!("{token}x")] {
        assert!(!opens(&app, "sign_session", invented).await);
    }
    let (ctx, _) = by_link(&app.app, "sign_session", &token, RequestFacts::default()).await.unwrap();
    assert_eq!(ctx.actor_name(), "Zoé Lefèvre (lien personnel)");
    assert!(ctx.user().is_none());
    app.later(TimeDelta::hours(2));
    assert!(!opens(&app, "sign_session", &token).await, "its end");
}

#[tokio::test]
async fn another_token_replaces_the_one_before_and_a_link_can_be_taken_back() {
    let app = start().await;
    let activity = app.activity("Clairière").await;
    let marie = app.user("Marie", clairiere::platform::permission::Role::Trainer, &[activity]).await;
    let (first, old) = minted(&app, activity, Uuid::from_u128(1), "test:1").await;
    let (second, new) = minted(&app, activity, Uuid::from_u128(1), "test:1").await;
    assert_eq!(first, second);
    assert!(!opens(&app, "sign_session", &old).await && opens(&app, "sign_session", &new).await);
    let list = marie.get("/v1/links?purpose=sign_session").await.ok();
    assert_eq!(list["items"][0]["holder"], "Zoé Lefèvre");
    assert!(!list.to_string().contains(&new), "a token is never shown again");
    marie.post(&format!("/v1/links/{first}/revoke"), json!({})).await.ok();
    let again = marie.post(&format!("/v1/links/{first}/revoke"), json!({})).await.ok();
    assert!(again["revoked_at"].is_string());
    assert!(!opens(&app, "sign_session", &new).await);
    app.trainer("Paul").await.get(&format!("/v1/links/{first}")).await.status(404);
}

#[tokio::test]
async fn a_mail_carries_a_token_that_no_row_holds() {
    let app = start().await;
    let activity = app.activity("Clairière").await;
    let object = Uuid::from_u128(7);
    let address = link::wanted(
        "https://formation.example.org",
        Purpose::SignSession,
        object,
        app.app.now() + TimeDelta::hours(8),
    );
    let words = json!({ "text": format!("Signez : {address}."), "html": format!("<a href=\"{address}\">ici</a>") });
    let subject = ("reminder", "Clairière : signature");
    let message = app.queues(activity, subject, ("Zoé Lefèvre", "zoe@example.org"), &words).await;
    app.work().await;
    app.done().await;
    let mail = &app.mails_to("zoe@example.org")[0];
    let token = mail.text.split("/presence/").nth(1).unwrap().trim_end().trim_end_matches('.');
    assert!(mail.html.contains(&format!("/presence/{token}\"")), "{}", mail.html);
    assert!(opens(&app, "sign_session", token).await);
    let (_, row) = by_link(&app.app, "sign_session", token, RequestFacts::default()).await.unwrap();
    assert_eq!((row.object_id, row.holder.as_str()), (object, "Zoé Lefèvre"));
    let kept = Ctx::operator(&app.app).scope().get::<e::message::Entity>(message).await.unwrap();
    assert!(!kept.facts.contains(token));
}

/// A mail with a personal link that waits to leave.
async fn a_mail_with_a_link(app: &TestApp, activity: Uuid, object: Uuid) -> Uuid {
    let ends = app.app.now() + TimeDelta::hours(8);
    let address = link::wanted("https://formation.example.org", Purpose::SignSession, object, ends);
    let words = json!({ "text": format!("Signez : {address}."), "html": format!("<a href=\"{address}\">ici</a>") });
    let about = ("signing_link", "Clairière : signature");
    app.queues(activity, about, ("Zoé Lefèvre", "zoe@example.org"), &words).await
}

fn token_in(mail: &clairiere::mail::Outgoing) -> String {
    mail.text.split("/presence/").nth(1).unwrap().trim_end().trim_end_matches('.').to_owned()
}

/// The server took the mail and its answer was lost: both copies are one mail, with one link, which opens.
#[tokio::test]
async fn a_mail_that_leaves_twice_carries_the_same_link() {
    let app = start().await;
    let activity = app.activity("Clairière").await;
    let message = a_mail_with_a_link(&app, activity, Uuid::from_u128(7)).await;
    app.mail.lose_answers(true);
    app.work().await;
    let row = async || Ctx::operator(&app.app).scope().get::<e::message::Entity>(message).await.unwrap();
    let waiting = row().await;
    assert!(waiting.state == "ready" && waiting.seed.is_some(), "{waiting:?}");
    let first = token_in(&app.mails_to("zoe@example.org")[0]);
    assert!(opens(&app, "sign_session", &first).await, "whoever got the first copy is not left with a dead link");
    app.mail.lose_answers(false);
    app.later(TimeDelta::minutes(1));
    app.work().await;
    app.done().await;
    let copies = app.mails_to("zoe@example.org");
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0], copies[1], "the same mail, to the last byte");
    assert!(opens(&app, "sign_session", &first).await);
    let links = Ctx::operator(&app.app).scope().find::<e::link::Entity>().count().await.unwrap();
    assert_eq!(links, 1);
    // Nothing is left from which the link could be made again, and the audit never held it.
    assert_eq!(row().await.seed, None);
    let camille = app.staff(clairiere::platform::permission::Role::CoopAdmin).await;
    let audit = camille.get("/v1/audit?limit=200").await.ok().to_string();
    assert!(audit.contains("message.begun"));
    for secret in [waiting.seed.unwrap(), first] {
        assert!(!audit.contains(&secret) && !waiting.facts.contains(&secret));
    }
}

#[tokio::test]
async fn a_link_that_was_taken_back_is_not_revived_by_the_mail_that_carries_it() {
    let app = start().await;
    let activity = app.activity("Clairière").await;
    let marie = app.user("Marie", clairiere::platform::permission::Role::Trainer, &[activity]).await;
    let message = a_mail_with_a_link(&app, activity, Uuid::from_u128(7)).await;
    app.mail.lose_answers(true);
    app.work().await;
    let token = token_in(&app.mails_to("zoe@example.org")[0]);
    let list = marie.get("/v1/links?purpose=sign_session").await.ok();
    let path = format!("/v1/links/{}", list["items"][0]["id"].as_str().unwrap());
    marie.post(&format!("{path}/revoke"), json!({})).await.ok();
    app.mail.lose_answers(false);
    app.later(TimeDelta::minutes(1));
    app.work().await;
    assert!(!opens(&app, "sign_session", &token).await);
    assert!(marie.get(&path).await.ok()["revoked_at"].is_string());
    assert_eq!(app.mails_to("zoe@example.org").len(), 1, "it does not leave again with a dead link");
    let told = marie.get(&format!("/v1/messages/{message}")).await.ok();
    assert!(told["state"] == "failed" && told["error"].as_str().unwrap().contains("annulé"), "{told}");
    // Sent again by somebody, it is another mail with another link.
    marie.post(&format!("/v1/messages/{message}/resend"), json!(null)).await.status(201);
    app.work().await;
    let other = token_in(&app.mails_to("zoe@example.org")[1]);
    assert!(other != token && opens(&app, "sign_session", &other).await);
}

#[tokio::test]
async fn a_mail_that_was_given_up_and_revived_carries_the_link_of_its_first_copy() {
    let app = start().await;
    let activity = app.activity("Clairière").await;
    a_mail_with_a_link(&app, activity, Uuid::from_u128(7)).await;
    app.mail.lose_answers(true);
    for _ in 0..clairiere::platform::outbox::MAX_ATTEMPTS {
        app.work().await;
        app.later(TimeDelta::hours(6));
    }
    let camille = app.staff(clairiere::platform::permission::Role::CoopAdmin).await;
    let dead = camille.get("/v1/jobs?state=dead").await.ok();
    app.mail.lose_answers(false);
    camille.post(&format!("/v1/jobs/{}/revive", dead["items"][0]["id"].as_str().unwrap()), json!(null)).await.ok();
    app.work().await;
    app.done().await;
    let copies = app.mails_to("zoe@example.org");
    assert!(copies.len() > 2 && copies.iter().all(|copy| copy == &copies[0]), "{}", copies.len());
}

#[tokio::test]
async fn pages_tell_what_goes_wrong_on_a_page() {
    let app = start().await;
    let nobody = app.nobody();
    let style = nobody.get(&clairiere::pages::STYLE.address()).await;
    assert_eq!(style.status, 200);
    assert!(style.header("cache-control").unwrap().contains("immutable"));
    let unknown = nobody.get("/assets/unknown.css").await;
    assert_eq!(unknown.status, 404);
    let request = Request::builder().method(Method::POST).uri_str("/assets/page.css").finish();
    assert_eq!(nobody.send(request, "POST".into()).await.status, 405);
}
