//! The worker's jobs: held by who lives, taken back from who does not, tried again, hurried, revived.

use std::collections::HashSet;

use chrono::TimeDelta;
use clairiere::{
    mail::SendError,
    platform::{
        access::Ctx,
        outbox::{self, Which},
        permission::Role,
    },
};
use entity as e;
use sea_orm::ColumnTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Caller, TestApp, bookings::id, start, training::training};

/// A mail that waits to leave, and its activity.
async fn a_mail(app: &TestApp) -> (Uuid, Uuid) {
    let activity = app.activity("Clairière").await;
    let words = json!({ "text": "Bonjour Zoé", "html": "<p>Bonjour Zoé</p>" });
    let about = ("thanks", "Clairière – merci");
    (activity, app.queues(activity, about, ("Zoé Lefèvre", "zoe@example.org"), &words).await)
}

/// The only job of a state.
async fn job(camille: &Caller, state: &str) -> Value {
    let list = camille.get(&format!("/v1/jobs?state={state}")).await.ok();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{state}: {list}");
    items[0].clone()
}

async fn message(app: &TestApp, id: Uuid) -> e::message::Model {
    Ctx::operator(&app.app).scope().get::<e::message::Entity>(id).await.unwrap()
}

#[tokio::test]
async fn a_worker_that_lives_keeps_a_mail_of_nine_minutes_and_a_dead_one_loses_it_within_half_a_minute() {
    let app = start().await;
    a_mail(&app).await;
    let taken = outbox::claim(&app.app, "the patient one", Which::All, 10).await.unwrap();
    let held: Vec<Uuid> = taken.iter().map(|job| job.id).collect();
    for _ in 0..108 {
        app.later(TimeDelta::seconds(5));
        outbox::keep(&app.app, "the patient one", &held).await.unwrap();
        app.work().await;
    }
    assert!(app.mail.sent().is_empty(), "nobody else sent it meanwhile");
    // It dies. Another looks every few seconds.
    for _ in 0..4 {
        app.later(TimeDelta::seconds(6));
        app.work().await;
    }
    assert_eq!(app.mail.sent().len(), 1);
    assert!(!outbox::finish(&app.app, "the patient one", &taken[0], outbox::Outcome::Done).await.unwrap());
    app.done().await;
}

#[tokio::test]
async fn what_was_not_finished_is_let_go_and_does_not_count_as_tried() {
    let app = start().await;
    let camille = app.staff(Role::CoopAdmin).await;
    a_mail(&app).await;
    let taken = outbox::claim(&app.app, "the one who stops", Which::All, 10).await.unwrap();
    assert_eq!(taken[0].attempts, 1);
    assert_eq!(outbox::let_go(&app.app, "another").await.unwrap(), 0, "not by another");
    assert_eq!(outbox::let_go(&app.app, "the one who stops").await.unwrap(), 1);
    let ready = job(&camille, "ready").await;
    assert_eq!(ready["attempts"], 0);
    // At once: nobody waits for a lease to end.
    app.work().await;
    app.done().await;
    assert_eq!(app.mail.sent().len(), 1);
}

#[tokio::test]
async fn a_job_whose_worker_dies_each_time_is_given_up_at_last() {
    let app = start().await;
    let (_, mail) = a_mail(&app).await;
    for _ in 0..outbox::MAX_ATTEMPTS {
        assert_eq!(outbox::claim(&app.app, "the one who dies", Which::All, 10).await.unwrap().len(), 1);
        outbox::take_back(&app.app, &HashSet::new()).await.unwrap();
        app.later(outbox::LEASE);
        if outbox::list(&app.app, "running", 10).await.unwrap()[0].attempts < outbox::MAX_ATTEMPTS {
            assert!(outbox::take_back(&app.app, &HashSet::new()).await.unwrap().is_empty());
        }
    }
    app.work().await;
    assert_eq!(outbox::count(&app.app, "dead").await.unwrap(), 1);
    assert_eq!(message(&app, mail).await.state, "failed");
    assert!(app.mail.sent().is_empty());
}

#[tokio::test]
async fn a_clock_that_ran_two_days_ahead_delays_nothing_once_it_is_put_right() {
    let app = start().await;
    let camille = app.staff(Role::CoopAdmin).await;
    a_mail(&app).await;
    let right = app.clock_now();
    app.clock.put_right(right + TimeDelta::days(2));
    app.mail.fail_with(Some(SendError::transient("421 come back later")));
    app.work().await;
    let held = outbox::claim(&app.app, "nobody", Which::All, 10).await.unwrap();
    assert!(held.is_empty(), "it waits for its next attempt");
    app.clock.put_right(right);
    app.mail.fail_with(None);
    app.work().await;
    app.done().await;
    assert_eq!(app.mail.sent().len(), 1, "{}", job(&camille, "ready").await);
    // What waits as it should is left alone.
    let later = a_second_mail(&app).await;
    app.mail.fail_with(Some(SendError::transient("421 come back later")));
    app.work().await;
    assert_eq!(outbox::heal(&app.app).await.unwrap(), 0);
    assert_eq!(message(&app, later).await.state, "ready");
}

async fn a_second_mail(app: &TestApp) -> Uuid {
    let activity = app.activity("Futaie").await;
    let words = json!({ "text": "Bonjour Paul", "html": "<p>Bonjour Paul</p>" });
    app.queues(activity, ("thanks", "Futaie – merci"), ("Paul Moreau", "paul@example.org"), &words).await
}

#[tokio::test]
async fn a_mail_that_was_given_up_leaves_when_its_job_is_revived() {
    let app = start().await;
    let camille = app.staff(Role::CoopAdmin).await;
    let (_, mail) = a_mail(&app).await;
    app.mail.fail_with(Some(SendError::permanent("550 no such user")));
    app.work().await;
    let dead = job(&camille, "dead").await;
    assert_eq!(message(&app, mail).await.state, "failed");
    app.mail.fail_with(None);
    let path = format!("/v1/jobs/{}/revive", id(&dead));
    let revived = camille.post(&path, Value::Null).await.ok();
    assert_eq!((&revived["state"], &revived["attempts"]), (&json!("ready"), &json!(0)));
    assert_eq!(message(&app, mail).await.state, "ready");
    app.work().await;
    app.done().await;
    assert_eq!(app.mails_to("zoe@example.org").len(), 1);
    let sent = message(&app, mail).await;
    assert_eq!((sent.state.as_str(), sent.error), ("sent", None));
    camille.post(&path, Value::Null).await.refused("job.state");
    for event in ["job.revived", "message.revived"] {
        let told = camille.get(&format!("/v1/audit?event={event}")).await.ok();
        assert_eq!(told["items"].as_array().unwrap().len(), 1, "{event}");
    }
}

#[tokio::test]
async fn a_job_that_waits_is_hurried() {
    let app = start().await;
    let camille = app.staff(Role::CoopAdmin).await;
    a_mail(&app).await;
    app.mail.fail_with(Some(SendError::transient("421 come back later")));
    app.work().await;
    app.mail.fail_with(None);
    app.work().await;
    assert!(app.mail.sent().is_empty(), "it waits");
    let waits = job(&camille, "ready").await;
    let path = format!("/v1/jobs/{}/hurry", id(&waits));
    camille.post(&path, Value::Null).await.ok();
    // Twice is once.
    let again = camille.post(&path, Value::Null).await.ok();
    assert_eq!(again["attempts"], 1, "{again}");
    app.work().await;
    app.done().await;
    assert_eq!(app.mail.sent().len(), 1);
    camille.post(&path, Value::Null).await.refused("job.state");
    let told = camille.get("/v1/audit?event=job.hurried").await.ok();
    assert_eq!(told["items"].as_array().unwrap().len(), 1);
    app.trainer("Paul").await.post(&path, Value::Null).await.status(403);
}

/// The folder of files was not mounted, or lost one: it is put back, and the mail leaves with its paper.
#[tokio::test]
async fn a_paper_that_is_missing_for_a_while_holds_its_mail_and_loses_nothing() {
    let it = training().await;
    it.addresses().await;
    it.convokes().await;
    let app = &it.app;
    let papers = it.papers(clairiere::document::Kind::Convocation, "current").await;
    let mut kept = vec![];
    for paper in &papers {
        assert_eq!(it.marie.get(&format!("/v1/documents/{}/file", paper.id)).await.status, 200);
        let ctx = Ctx::operator(&app.app);
        let file = ctx
            .scope()
            .find::<e::document_file::Entity>()
            .filter(e::document_file::Column::DocumentId.eq(paper.id))
            .one()
            .await
            .unwrap()
            .unwrap();
        let owner = Some(file.activity_id);
        kept.push(app.app.blobs.get(owner, &file.sha256).await.unwrap());
        app.app.blobs.remove(owner, &file.sha256, std::time::Duration::ZERO).await.unwrap();
    }
    app.work().await;
    assert_eq!(outbox::count(&app.app, "dead").await.unwrap(), 0);
    assert!(app.mails_to("zoe@example.org").is_empty());
    for bytes in kept {
        app.app.blobs.put(Some(papers[0].activity_id), bytes).await.unwrap();
    }
    app.later(TimeDelta::minutes(1));
    app.work().await;
    app.done().await;
    assert_eq!(app.mails_to("zoe@example.org").len(), 1);
    assert!(app.mails_to("zoe@example.org")[0].attachments[0].data.starts_with(b"%PDF"));
}
