//! Mails: written once a person, sent once, tried again, planned from the dates.

use chrono::TimeDelta;
use clairiere::{mail::SendError, platform::outbox, work};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::training::{training, training_of};

#[tokio::test]
async fn each_trainee_is_convoked_once_and_the_client_is_told() {
    let story = training().await;
    story.addresses().await;
    story.convokes().await;
    let app = &story.app;
    app.work().await;
    app.done().await;
    let zoe = app.mails_to("zoe@example.org");
    assert_eq!(zoe.len(), 1);
    assert_eq!(zoe[0].subject, "Clairière – votre convocation à «\u{a0}Administrer Zourit\u{a0}»");
    assert_eq!(zoe[0].attachments[0].name, "Convocation CVC-2026-0001.pdf");
    assert!(zoe[0].attachments[0].data.starts_with(b"%PDF"));
    assert_eq!(zoe[0].from.name.as_deref(), Some("Clairière"));
    assert_eq!(zoe[0].reply_to.as_ref().unwrap().address.as_str(), "bonjour@example.org");
    // Ali has no address: Rose is asked to hand over his convocation, and receives the list of the three.
    let rose = app.mails_to("rose@example.org");
    let told = |word: &str| rose.iter().filter(|mail| mail.text.contains(word)).count();
    assert_eq!((rose.len(), told("Ali Benali"), told("Zoé Lefèvre")), (2, 2, 1));
    story.convokes().await;
    app.work().await;
    assert_eq!(app.mails_to("zoe@example.org").len(), 1);
    let list = story.marie.get(&format!("/v1/messages?session_id={}&state=sent", story.session)).await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 4);
    let path = format!("/v1/messages/{}", list["items"][0]["id"].as_str().unwrap());
    let whole = story.marie.get(&path).await.ok();
    assert!(whole["plain_text"].as_str().unwrap().contains("Bonjour"), "{whole}");
    assert!(whole["html"].as_str().unwrap().starts_with("<!"), "{whole}");
    let again = story.marie.post(&format!("{path}/resend"), json!(null)).await.status(201);
    assert_ne!(again["id"], whole["id"]);
    app.work().await;
    app.done().await;
    assert_eq!(app.mail.sent().len(), 5);
    let other = app.trainer("Paul").await;
    other.get(&path).await.status(404);
    other.post(&format!("{path}/resend"), json!(null)).await.status(404);
}

#[tokio::test]
async fn a_mail_that_cannot_leave_is_tried_again_then_given_up() {
    let story = training().await;
    story.addresses().await;
    story.convokes().await;
    let app = &story.app;
    app.mail.fail_with(Some(SendError::transient("421 come back later")));
    app.work().await;
    assert!(app.mail.sent().is_empty());
    assert_eq!(outbox::count(&app.app, "dead").await.unwrap(), 0);
    app.mail.fail_with(None);
    app.later(TimeDelta::minutes(10));
    app.work().await;
    app.done().await;
    assert_eq!(app.mails_to("zoe@example.org").len(), 1);
    app.mail.fail_with(Some(SendError::transient("421 come back later")));
    let sent = story.marie.get("/v1/messages?state=sent").await.ok();
    let path = format!("/v1/messages/{}/resend", sent["items"][0]["id"].as_str().unwrap());
    let again = story.marie.post(&path, json!(null)).await.status(201);
    for _ in 0..outbox::MAX_ATTEMPTS {
        app.work().await;
        app.later(TimeDelta::hours(7));
    }
    assert_eq!(outbox::count(&app.app, "dead").await.unwrap(), 1);
    let failed = story.marie.get(&format!("/v1/messages/{}", again["id"].as_str().unwrap())).await.ok();
    assert_eq!(failed["state"], "failed");
    assert!(failed["error"].as_str().unwrap().contains("421 come back later"), "{failed}");
}

#[tokio::test]
async fn a_job_that_its_worker_dropped_is_taken_over_and_a_mail_leaves_once() {
    let story = training().await;
    story.addresses().await;
    story.convokes().await;
    let app = &story.app;
    // A worker takes the jobs and dies.
    let taken = outbox::claim(&app.app, "the one who dies", outbox::Which::All, 100).await.unwrap();
    assert!(!taken.is_empty());
    app.work().await;
    assert!(app.mail.sent().is_empty());
    app.later(outbox::LEASE + TimeDelta::seconds(1));
    app.work().await;
    app.done().await;
    let sent = app.mail.sent().len();
    assert_eq!(sent, 4);
    // The dead one comes back: its word does not count any more.
    assert!(!outbox::finish(&app.app, "the one who dies", &taken[0], outbox::Outcome::Done).await.unwrap());
    // A worker that sent and died before it could say so: the message remembers.
    for row in outbox::list(&app.app, "done", 100).await.unwrap() {
        if row.kind == "send" {
            let id = serde_json::from_str::<serde_json::Value>(&row.payload).unwrap()["id"].clone();
            let id = id.as_str().unwrap().parse().unwrap();
            let mut ctx = clairiere::platform::access::Ctx::system(&app.app, "send", row.activity_id);
            clairiere::message::send(&mut ctx, id).await.unwrap();
        }
    }
    assert_eq!(app.mail.sent().len(), sent);
}

#[tokio::test]
async fn reminders_move_with_the_session_and_vanish_with_it() {
    let story = training_of(4).await;
    story.addresses().await;
    let app = &story.app;
    app.work().await;
    let row = |due: &str, text: &str, state: &str| (due.to_owned(), text.to_owned(), state.to_owned());
    let late =
        [row("2026-03-01T08:00:00Z", "reminder", "missed"), row("2026-03-02T09:00:00Z", "convocation", "planned")];
    assert_eq!(story.planned().await, [&late[..], &[row("2026-03-22T08:00:00Z", "reminder", "planned")]].concat());
    story.moves(2, "2026-03-31", "09:00", "12:30").await;
    story.moves(3, "2026-03-31", "14:00", "17:30").await;
    app.work().await;
    let moved = [
        &late[..],
        &[row("2026-03-22T08:00:00Z", "reminder", "cancelled"), row("2026-03-29T07:00:00Z", "reminder", "planned")],
    ]
    .concat();
    assert_eq!(story.planned().await, moved);
    app.mail.clear();
    app.at("2026-03-29T09:00");
    app.work().await;
    app.done().await;
    let zoe = app.mails_to("zoe@example.org");
    assert_eq!(zoe.len(), 1);
    assert!(zoe[0].text.contains("31 mars 2026") && !zoe[0].text.contains("3 mars 2026,"), "{}", zoe[0].text);
    assert!(app.mails_to("rose@example.org").iter().any(|mail| mail.text.contains("Ali Benali")));
    assert_eq!(work::run_due(&app.app).await.unwrap(), 0);
    assert_eq!(app.mails_to("zoe@example.org").len(), 1);
}

#[tokio::test]
async fn a_cancelled_session_loses_its_reminders_and_everybody_convoked_is_told() {
    let story = training_of(4).await;
    story.addresses().await;
    story.convokes().await;
    let app = &story.app;
    app.work().await;
    app.mail.clear();
    let path = format!("/v1/sessions/{}/cancel", story.session);
    story.marie.post(&path, json!({ "reason": "Trop peu de stagiaires" })).await.ok();
    app.work().await;
    app.done().await;
    assert!(story.planned().await.iter().all(|(_, _, state)| state != "planned"));
    for address in ["zoe@example.org", "paul@example.org", "rose@example.org"] {
        let mails = app.mails_to(address);
        assert!(mails.iter().any(|mail| mail.text.contains("annulée") && mail.text.contains("Trop peu")), "{address}");
    }
    assert_eq!(app.mails_to("zoe@example.org").len(), 1);
}

/// Sold the day before, or planned long ago: a service that was down convokes as long as the training has not begun.
#[tokio::test]
async fn a_convocation_is_of_use_until_the_first_half_day_begins() {
    for (wakes, convoked) in [("2026-03-03T08:59", true), ("2026-03-03T09:00", false)] {
        let story = training().await;
        story.addresses().await;
        let app = &story.app;
        app.work().await;
        assert!(app.mail.sent().is_empty(), "whoever enrols one trainee may be about to enrol another");
        app.at(wakes);
        app.work().await;
        let zoe = app.mails_to("zoe@example.org");
        assert_eq!(zoe.iter().any(|mail| mail.subject.contains("convocation")), convoked, "{wakes}");
        let states: Vec<_> = story.planned().await.into_iter().filter(|one| one.1 == "convocation").collect();
        assert_eq!(states[0].2, if convoked { "sent" } else { "missed" });
        let todo = story.marie.get(&format!("/v1/sessions/{}/todo", story.session)).await.ok();
        assert_eq!(todo.to_string().contains("session.not_convoked"), !convoked, "{todo}");
    }
}

#[tokio::test]
async fn a_mail_that_could_not_leave_in_time_does_not_leave_and_is_told() {
    let story = training().await;
    story.addresses().await;
    let app = &story.app;
    app.mail.fail_with(Some(SendError::transient("421 come back later")));
    story.convokes().await;
    app.work().await;
    app.at("2026-03-03T09:30");
    app.mail.fail_with(None);
    app.work().await;
    assert!(!app.mails_to("zoe@example.org").iter().any(|mail| mail.subject.contains("convocation")));
    let missed = story.marie.get("/v1/messages?state=missed").await.ok();
    let zoe = missed["items"].as_array().unwrap().iter().find(|one| one["to_name"] == "Zoé Lefèvre").unwrap().clone();
    let until: chrono::DateTime<chrono::Utc> = zoe["useful_until"].as_str().unwrap().parse().unwrap();
    assert_eq!((zoe["text"].as_str(), until.timestamp()), (Some("convocation"), 1_772_524_800));
    let path = format!("/v1/sessions/{}/todo", story.session);
    let told = story.marie.get(&path).await.ok().to_string();
    assert!(told.contains("message.too_late") && told.contains("Zoé Lefèvre"), "{told}");
    // Somebody sends it all the same, and is right: the line is gone.
    let resend = format!("/v1/messages/{}/resend", zoe["id"].as_str().unwrap());
    story.marie.post(&resend, json!(null)).await.status(201);
    app.work().await;
    assert!(app.mails_to("zoe@example.org").iter().any(|mail| mail.subject.contains("convocation")));
    assert!(!story.marie.get(&path).await.ok().to_string().contains("Prévenir Zoé"));
}

#[tokio::test]
async fn a_dead_mail_that_is_of_no_use_any_more_is_not_revived() {
    let story = training().await;
    story.addresses().await;
    let app = &story.app;
    app.mail.fail_with(Some(SendError::permanent("550 no such user")));
    story.convokes().await;
    app.work().await;
    app.mail.fail_with(None);
    let camille = app.staff(clairiere::platform::permission::Role::CoopAdmin).await;
    let dead = camille.get("/v1/jobs?state=dead").await.ok();
    let path = format!("/v1/jobs/{}/revive", dead["items"][0]["id"].as_str().unwrap());
    app.at("2026-03-03T12:00");
    camille.post(&path, json!(null)).await.refused("message.too_late");
    let still = camille.get("/v1/jobs?state=dead").await.ok();
    assert_eq!(still["items"].as_array().unwrap().len(), dead["items"].as_array().unwrap().len());
}

/// Two trainees of one name: what is sent again to one takes nothing from the other.
#[tokio::test]
async fn a_mail_is_sent_again_five_times_an_hour_to_each_of_two_namesakes() {
    let story = training().await;
    story.addresses().await;
    let db = &story.app.app.db;
    let same = "UPDATE person SET first_name = 'Zoé', birth_name = 'Lefèvre' WHERE email = 'paul@example.org'";
    db.writer().execute_raw(Statement::from_string(db.backend(), same)).await.unwrap();
    story.convokes().await;
    story.app.work().await;
    let list = story.marie.get(&format!("/v1/messages?session_id={}&state=sent", story.session)).await.ok();
    let of = |enrolment: uuid::Uuid| {
        let own = |row: &&serde_json::Value| row["enrolment_id"] == json!(enrolment);
        let row = list["items"].as_array().unwrap().iter().find(own).unwrap();
        format!("/v1/messages/{}/resend", row["id"].as_str().unwrap())
    };
    for _ in 0..5 {
        story.marie.post(&of(story.zoe), json!(null)).await.status(201);
    }
    story.marie.post(&of(story.zoe), json!(null)).await.refused("message.too_often");
    story.marie.post(&of(story.paul), json!(null)).await.status(201);
}
