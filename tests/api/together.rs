//! Two at once: whatever holds over several rows still holds when two requests meet. SQLite lets them pass one after the
//! other; on PostgreSQL they truly overlap.

use clairiere::{
    platform::{access::Ctx, outbox, permission::Role},
    work,
};
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::{Value, json};

use crate::support::{
    Answer, Caller, Cooperative, TestApp,
    bookings::{id, signature},
    sessions::slot,
    start,
    training::training,
};

/// What two requests were answered, smallest first.
fn both(one: &Answer, other: &Answer) -> [u16; 2] {
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    statuses
}

/// The same request, twice at once.
async fn twice(caller: &Caller, path: &str, body: Value) -> [u16; 2] {
    let (one, other) = tokio::join!(caller.post(path, body.clone()), caller.post(path, body));
    both(&one, &other)
}

struct Story {
    app: TestApp,
    cooperative: Cooperative,
    marie: Caller,
    client: Value,
    programme: Value,
    trainer: uuid::Uuid,
}

async fn story() -> Story {
    let app = start().await;
    let cooperative = app.cooperative().await;
    let marie = app.trainer("Marie").await;
    let client = marie.client("Les Lilas").await;
    let programme = marie.programme("Zourit").await;
    let trainer = app.trainer_of(&client, "Marie", true).await;
    Story { app, cooperative, marie, client, programme, trainer }
}

impl Story {
    async fn inter(&self, days: &[&str]) -> Value {
        self.marie.session_on(&self.programme, self.trainer, "inter", days).await
    }

    async fn booking(&self, days: &[&str]) -> Value {
        self.marie.booking_for(&self.inter(days).await, &self.client).await
    }
}

fn booking(row: &Value, verb: &str) -> String {
    format!("/v1/bookings/{}{verb}", id(row))
}

#[tokio::test]
async fn a_name_of_ones_own_makes_one_row() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for path in ["/v1/people/by-external-id/crm-1", "/v1/people/by-external-id/crm-2"] {
        let person = json!({ "first_name": "Zoé", "birth_name": "Lefèvre" });
        let (one, other) = tokio::join!(marie.put(path, person.clone()), marie.put(path, person));
        assert_eq!(both(&one, &other), [200, 201], "{} {}", one.json(), other.json());
        assert_eq!(one.json()["id"], other.json()["id"]);
    }
    assert_eq!(marie.get("/v1/people").await.ok()["items"].as_array().unwrap().len(), 2);
    let taken = json!({ "external_id": "crm-3", "first_name": "Ana", "birth_name": "Rey" });
    assert_eq!(twice(&marie, "/v1/people", taken).await, [201, 409]);
}

#[tokio::test]
async fn a_booking_or_a_quote_of_ones_own_name_is_made_once() {
    let it = story().await;
    let session = it.inter(&["2026-04-02"]).await;
    let body = json!({ "session_id": session["id"], "client_id": it.client["id"], "heads": 3 });
    let path = "/v1/bookings/by-external-id/crm-9";
    let (one, other) = tokio::join!(it.marie.put(path, body.clone()), it.marie.put(path, body));
    assert_eq!(both(&one, &other), [200, 201], "{} {}", one.json(), other.json());
    let line = json!({ "nature": "training", "label": "Formation", "unit": "jour", "unit_price_cents": 120_000 });
    let body = json!({ "client_id": it.client["id"], "lines": [line] });
    let path = "/v1/quotes/by-external-id/crm-9";
    let (one, other) = tokio::join!(it.marie.put(path, body.clone()), it.marie.put(path, body));
    assert_eq!(both(&one, &other), [200, 201], "{} {}", one.json(), other.json());
}

#[tokio::test]
async fn numbers_follow_each_other_without_a_gap() {
    let it = story().await;
    let session = it.inter(&["2026-04-02"]).await;
    let body = json!({ "session_id": session["id"], "client_id": it.client["id"], "heads": 1 });
    let refused = json!({ "session_id": session["id"], "client_id": it.client["id"], "quote_id": it.client["id"] });
    let make = || it.marie.post("/v1/bookings", body.clone());
    let (one, two, lost, three) = tokio::join!(make(), make(), it.marie.post("/v1/bookings", refused.clone()), make());
    assert_eq!(lost.status, 404);
    let mut references: Vec<String> =
        [one, two, three].into_iter().map(|made| made.ok()["reference"].as_str().unwrap().to_owned()).collect();
    references.sort();
    assert_eq!(references, ["BKG-2026-0001", "BKG-2026-0002", "BKG-2026-0003"]);
}

#[tokio::test]
async fn half_days_of_a_session_never_overlap() {
    let it = story().await;
    let session = it.inter(&["2026-04-02"]).await;
    let path = format!("/v1/sessions/{}/slots", id(&session));
    let body = json!({ "slots": [slot("2026-04-07", "09:00", "12:00", &[])] });
    assert_eq!(twice(&it.marie, &path, body).await, [200, 422]);
    let first = format!("/v1/slots/{}/move", id(&session["slots"][0]));
    let there = json!({ "day": "2026-04-09", "starts": "09:00", "ends": "12:00", "reason": "salle prise" });
    let add = json!({ "slots": [slot("2026-04-09", "11:00", "13:00", &[])] });
    let (moved, added) = tokio::join!(it.marie.post(&first, there), it.marie.post(&path, add));
    assert_eq!(both(&moved, &added), [200, 422]);
}

#[tokio::test]
async fn a_trainer_is_agreed_once_on_a_date() {
    let it = story().await;
    let (one, two) = (it.booking(&["2026-04-02"]).await, it.booking(&["2026-04-02"]).await);
    for row in [&one, &two] {
        it.marie.signed_agreement(&it.app, &it.cooperative, row).await;
    }
    let (paths, none) = ((booking(&one, "/agree"), booking(&two, "/agree")), Value::Null);
    let (left, right) = tokio::join!(it.marie.post(&paths.0, none.clone()), it.marie.post(&paths.1, none));
    assert_eq!(both(&left, &right), [200, 409]);
    let refused = if left.status == 409 { left } else { right };
    assert_eq!(refused.json()["code"], "session.trainer_busy");
}

#[tokio::test]
async fn a_date_that_becomes_agreed_takes_no_new_half_day() {
    let it = story().await;
    let row = it.booking(&["2026-04-02"]).await;
    it.marie.signed_agreement(&it.app, &it.cooperative, &row).await;
    let other = it.inter(&["2026-05-04"]).await;
    let move_there = format!("/v1/slots/{}/move", id(&other["slots"][0]));
    let there = json!({ "day": "2026-04-02", "starts": "10:00", "ends": "12:00", "reason": "salle prise" });
    let agree = booking(&row, "/agree");
    let (agreed, moved) = tokio::join!(it.marie.post(&agree, Value::Null), it.marie.post(&move_there, there.clone()));
    assert_eq!(agreed.status, 200, "{}", agreed.json());
    // Either the half-day came first, with a warning only, or the agreement did, and it is refused.
    match moved.status {
        200 => assert!(agreed.json()["state"] == "agreed"),
        _ => drop(moved.refused("session.trainer_busy")),
    }
    let late = it.inter(&["2026-06-01"]).await;
    it.marie.post(&format!("/v1/slots/{}/move", id(&late["slots"][0])), there).await.refused("session.trainer_busy");
}

#[tokio::test]
async fn a_booking_is_proposed_agreed_approved_and_called_off_once() {
    let it = story().await;
    let row = it.booking(&["2026-04-02"]).await;
    assert_eq!(twice(&it.marie, &booking(&row, "/request-approval"), Value::Null).await, [200, 409]);
    let camille = &it.cooperative.training;
    assert_eq!(twice(camille, &booking(&row, "/accept-approval"), Value::Null).await, [200, 409]);
    let approvals = it.marie.get(&format!("/v1/approvals?booking_id={}", id(&row))).await.ok();
    assert_eq!(approvals["items"].as_array().unwrap().len(), 1);
    it.marie.signed_agreement(&it.app, &it.cooperative, &row).await;
    assert_eq!(twice(&it.marie, &booking(&row, "/agree"), Value::Null).await, [200, 409]);
    let reason = json!({ "reason": "Le client renonce." });
    assert_eq!(twice(&it.marie, &booking(&row, "/cancel"), reason).await, [200, 409]);
    let events = |name: &str| format!("/v1/audit?subject_id={}&event={name}", id(&row));
    for name in ["booking.agreed", "booking.cancelled"] {
        let told = camille.get(&events(name)).await.ok();
        assert_eq!(told["items"].as_array().unwrap().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_approval_is_accepted_or_returned_never_both() {
    let it = story().await;
    let row = it.booking(&["2026-04-02"]).await;
    it.marie.post(&booking(&row, "/request-approval"), Value::Null).await.ok();
    let camille = &it.cooperative.training;
    let (accept, back) = (booking(&row, "/accept-approval"), booking(&row, "/return-approval"));
    let reason = json!({ "reason": "Le prix ne suit pas la grille." });
    let (accepted, returned) = tokio::join!(camille.post(&accept, Value::Null), camille.post(&back, reason));
    assert_eq!(both(&accepted, &returned), [200, 409]);
}

#[tokio::test]
async fn an_agreement_is_drafted_sent_signed_and_amended_once() {
    let it = story().await;
    let row = it.booking(&["2026-04-02"]).await;
    assert_eq!(twice(&it.marie, &booking(&row, "/agreement"), json!({})).await, [201, 409]);
    let agreements = it.marie.get(&format!("/v1/agreements?booking_id={}", id(&row))).await.ok();
    let agreement = format!("/v1/agreements/{}", id(&agreements["items"][0]));
    assert_eq!(twice(&it.marie, &format!("{agreement}/send"), Value::Null).await, [200, 409]);
    let papers = it.marie.get(&format!("/v1/documents?kind=agreement&booking_id={}", id(&row))).await.ok();
    assert_eq!(papers["items"].as_array().unwrap().len(), 1, "one paper, one number");
    let signed = signature(&it.app, &row, &it.cooperative.representative).await;
    assert_eq!(twice(&it.marie, &format!("{agreement}/sign-on-paper"), signed).await, [200, 409]);
    it.marie.patch(&booking(&row, ""), json!({ "price_cents": 400_000 })).await.ok();
    let why = json!({ "reason": "Nouveau prix" });
    assert_eq!(twice(&it.marie, &format!("{agreement}/amendments"), why).await, [201, 409]);
}

#[tokio::test]
async fn a_quote_is_sent_once_and_answered_once() {
    let it = story().await;
    let quote = it.marie.quote(&it.client, &it.programme).await;
    let path = format!("/v1/quotes/{}", id(&quote));
    assert_eq!(twice(&it.marie, &format!("{path}/send"), Value::Null).await, [200, 409]);
    let papers = it.marie.get(&format!("/v1/documents?kind=quote&quote_id={}", id(&quote))).await.ok();
    assert_eq!(papers["items"].as_array().unwrap().len(), 1);
    let (accept, decline) = (format!("{path}/accept"), format!("{path}/decline"));
    let yes = json!({ "on": "2026-03-02", "by": "Agnès Petit" });
    let (accepted, declined) =
        tokio::join!(it.marie.post(&accept, yes), it.marie.post(&decline, json!({ "reason": "Trop cher" })));
    assert_eq!(both(&accepted, &declined), [200, 409]);
}

#[tokio::test]
async fn a_programme_has_one_version_of_a_number() {
    let it = story().await;
    let draft = it.marie.post("/v1/programmes", crate::support::commerce::programme("Nextcloud")).await.status(201);
    let path = format!("/v1/programmes/{}", id(&draft));
    assert_eq!(twice(&it.marie, &format!("{path}/publish"), Value::Null).await, [201, 409]);
    let versions = it.marie.get(&format!("{path}/versions")).await.ok();
    assert_eq!(versions["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn facts_and_members_of_a_period_stand_once() {
    let app = start().await;
    let admin = app.staff(Role::CoopAdmin).await;
    let body = json!({ "number": "11 75 12345 75", "prefect_region": "Île-de-France", "valid_from": "2024-01-01" });
    assert_eq!(twice(&admin, "/v1/organisation/declarations", body).await, [201, 409]);
    let marie = app.trainer("Marie").await;
    let activity = app.activity("Futaie").await;
    let member = json!({ "user_id": marie.user, "valid_from": "2026-01-01" });
    assert_eq!(twice(&admin, &format!("/v1/activities/{activity}/members"), member).await, [201, 409]);
}

#[tokio::test]
async fn funding_and_price_agree_whichever_changes() {
    let it = training().await;
    let price = format!("/v1/bookings/{}", it.booking);
    let (lowered, asked) = tokio::join!(
        it.marie.patch(&price, json!({ "price_cents": 100_000 })),
        it.marie.post("/v1/funding-files", it.funding(120_000))
    );
    assert_eq!(i32::from(lowered.status < 300) + i32::from(asked.status < 300), 1, "{lowered:?} {asked:?}");
    let file = match asked.status {
        201 => asked.ok(),
        _ => it.marie.post("/v1/funding-files", it.funding(100_000)).await.status(201),
    };
    let held = file["requested_cents"].as_i64().unwrap();
    let refused = it.marie.patch(&price, json!({ "price_cents": held - 1 })).await;
    refused.refused("booking.price_under_funding");
    it.marie.patch(&price, json!({ "price_cents": held })).await.ok();
    let path = format!("/v1/funding-files/{}", id(&file));
    it.marie.post(&format!("{path}/file"), json!({ "on": "2026-03-02" })).await.ok();
    let granted = json!({ "decision": "approved", "on": "2026-03-02" });
    let refused = json!({ "decision": "refused", "on": "2026-03-02", "reason": "Plafond atteint" });
    let decide = format!("{path}/decide");
    let (yes, no) = tokio::join!(it.marie.post(&decide, granted), it.marie.post(&decide, refused));
    assert_eq!(both(&yes, &no), [200, 409]);
}

#[tokio::test]
async fn a_status_and_the_file_that_depends_on_it_agree() {
    let it = training().await;
    let enrolment = format!("/v1/enrolments/{}", it.zoe);
    let (changed, asked) = tokio::join!(
        it.marie.patch(&enrolment, json!({ "status": "volunteer" })),
        it.marie.post("/v1/funding-files", it.funding(100_000))
    );
    assert_eq!(i32::from(changed.status < 300) + i32::from(asked.status < 300), 1, "{changed:?} {asked:?}");
}

#[tokio::test]
async fn trainees_are_convoked_and_certified_once() {
    let it = training().await;
    let path = format!("/v1/sessions/{}", it.session);
    let statuses = twice(&it.marie, &format!("{path}/convocations"), Value::Null).await;
    assert_eq!(statuses, [200, 200]);
    let standing = it.papers(clairiere::document::Kind::Convocation, "current").await;
    assert_eq!(standing.len(), 3, "one convocation a trainee");
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    let camille = it.camille().await;
    assert_eq!(twice(&camille, &format!("{path}/certificates"), json!({})).await, [200, 200]);
    assert_eq!(it.papers(clairiere::document::Kind::Certificate, "current").await.len(), 3);
    assert!(it.papers(clairiere::document::Kind::Certificate, "replaced").await.is_empty(), "once, not twice");
    assert_eq!(twice(&it.marie, &format!("{path}/papers"), json!({})).await, [200, 200]);
    let sheets = it.papers(clairiere::document::Kind::AttendanceSheet, "current").await;
    assert_eq!(sheets.len(), 1);
    assert_eq!(twice(&it.marie, &format!("{path}/close"), Value::Null).await, [200, 409]);
}

#[tokio::test]
async fn a_paper_that_two_issue_at_once_is_issued_once() {
    let it = training().await;
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    let camille = it.camille().await;
    // One locks the trainee, the other the session: they meet where the paper is issued.
    let (one, all) =
        (format!("/v1/enrolments/{}/certificate", it.zoe), format!("/v1/sessions/{}/certificates", it.session));
    let (alone, among) = tokio::join!(camille.post(&one, json!({})), camille.post(&all, json!({})));
    assert!(alone.status < 300 && among.status < 300, "{alone:?} {among:?}");
    assert_eq!(twice(&camille, &format!("/v1/enrolments/{}/assiduity", it.zoe), json!({})).await, [200, 201]);
    let sheets = format!("/v1/sessions/{}/attendance-sheets", it.session);
    assert_eq!(twice(&camille, &sheets, json!({})).await, [200, 201]);
    for (kind, count) in [("certificate", 3), ("assiduity", 1), ("attendance-sheet", 1)] {
        let of = format!("/v1/documents?session_id={}&kind={kind}", it.session);
        let rows = camille.get(&of).await.ok();
        assert_eq!(rows["items"].as_array().unwrap().len(), count, "{kind}: {rows}");
    }
}

#[tokio::test]
async fn a_place_is_given_once() {
    let it = training().await;
    let replace = |name: &str| {
        let body = json!({ "person": { "first_name": name, "birth_name": "Rey" } });
        let (marie, path) = (it.marie.clone(), format!("/v1/enrolments/{}/replace", it.zoe));
        async move { marie.post(&path, body).await }
    };
    let (one, other) = tokio::join!(replace("Inès"), replace("Noé"));
    assert_eq!(both(&one, &other), [201, 409]);
}

#[tokio::test]
async fn what_is_invoiced_and_what_is_reopened_wait_for_each_other() {
    let it = training().await;
    let file = it.marie.post("/v1/funding-files", it.funding(120_000)).await.status(201);
    let path = format!("/v1/funding-files/{}", id(&file));
    it.marie.post(&format!("{path}/file"), json!({ "on": "2026-03-02" })).await.ok();
    it.marie.post(&format!("{path}/decide"), json!({ "decision": "approved", "on": "2026-03-02" })).await.ok();
    it.hold(0, json!([])).await;
    it.hold(1, json!([])).await;
    let (invoice, reopen) = (format!("{path}/invoice"), format!("/v1/slots/{}/reopen", it.slots[0]));
    let (invoiced, reopened) = tokio::join!(
        it.marie.post(&invoice, json!({ "invoice_number": "F-2026-7" })),
        it.marie.post(&reopen, json!({ "reason": "Une erreur" }))
    );
    assert_eq!(both(&invoiced, &reopened), [200, 409]);
}

/// Acts that start from two ends of the same references, over and over: none waits in a ring for another.
#[tokio::test]
async fn acts_on_one_training_never_wait_in_a_ring() {
    let it = training().await;
    let session = format!("/v1/sessions/{}", it.session);
    let row = format!("/v1/bookings/{}", it.booking);
    for round in 0..12 {
        let trainee = json!({ "enrolments": [{ "status": "volunteer",
            "person": { "first_name": format!("Stagiaire{round}"), "birth_name": "Rey" } }] });
        let (invite, convoke) = (format!("{row}/enrolments"), format!("{session}/convocations"));
        let answers = tokio::join!(
            it.marie.post(&invite, trainee),
            it.marie.post(&convoke, Value::Null),
            it.marie.patch(&row, json!({ "order_reference": format!("BC-{round}") })),
            it.marie.post("/v1/funding-files", it.funding(1_000)),
        );
        for answer in [answers.0, answers.1, answers.2, answers.3] {
            assert!(answer.status < 500, "round {round}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn two_workers_share_the_jobs_and_write_each_mail_once() {
    let it = training().await;
    it.addresses().await;
    it.convokes().await;
    loop {
        let (one, two) = tokio::join!(work::run_due(&it.app.app), work::run_due(&it.app.app));
        if one.unwrap() + two.unwrap() == 0 {
            break;
        }
    }
    it.app.done().await;
    assert_eq!(it.app.mails_to("zoe@example.org").len(), 1);
    assert_eq!(it.app.mail.sent().len(), 4);
}

/// A job that waits for another act too is not taken before that act is committed: it would not see it.
#[tokio::test]
async fn a_job_that_waits_for_two_acts_is_taken_after_both() {
    let it = training().await;
    let app = &it.app.app;
    if app.db.backend() != DbBackend::Postgres {
        // One writer: the worker waits for the act by itself.
        return;
    }
    it.app.work().await;
    let ines = json!({ "booking_id": it.booking, "status": "employee",
        "person": { "first_name": "Inès", "birth_name": "Rey" } });
    let ines = it.marie.post("/v1/enrolments", ines).await.status(201);
    let path = format!("/v1/enrolments/{}", id(&ines));
    let override_reason = json!({ "override_reason": "Informée de vive voix" });
    it.camille().await.post(&format!("{path}/enrol"), override_reason).await.ok();
    let waiting = |jobs: &[entity::outbox::Model]| jobs.iter().filter(|job| job.kind == "replan").count();
    assert_eq!(waiting(&outbox::list(app, "ready", 10).await.unwrap()), 1);
    // The second act is held at its very end, by somebody who holds the activity's chain.
    let holder = app.db.writer().begin().await.unwrap();
    let hold = "SELECT * FROM chain_head FOR UPDATE";
    holder.query_all_raw(Statement::from_string(DbBackend::Postgres, hold)).await.unwrap();
    let (marie, abandon) = (it.marie.clone(), json!({ "reason": "Nouvel emploi", "on": "2026-03-02" }));
    let second = tokio::spawn(async move { marie.post(&format!("{path}/abandon"), abandon).await });
    let blocked =
        "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    loop {
        let row = holder.query_one_raw(Statement::from_string(DbBackend::Postgres, blocked)).await.unwrap().unwrap();
        if row.try_get::<i64>("", "n").unwrap() > 0 {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(waiting(&outbox::claim(app, "the hasty one", outbox::Which::All, 10).await.unwrap()), 0);
    holder.rollback().await.unwrap();
    second.await.unwrap().ok();
    assert_eq!(waiting(&outbox::claim(app, "the next one", outbox::Which::All, 10).await.unwrap()), 1);
}

#[tokio::test]
async fn two_bookings_of_a_session_share_its_seats() {
    let it = story().await;
    let session = it.inter(&["2026-04-02"]).await;
    it.marie.patch(&format!("/v1/sessions/{}", id(&session)), json!({ "max_heads": 1 })).await.ok();
    let (one, two) =
        (it.marie.booking_for(&session, &it.client).await, it.marie.booking_for(&session, &it.client).await);
    let trainee = |name: &str| json!({ "enrolments": [{ "status": "employee", "person": { "first_name": name, "birth_name": "Rey" } }] });
    let paths = (booking(&one, "/enrolments"), booking(&two, "/enrolments"));
    let (left, right) = tokio::join!(it.marie.post(&paths.0, trainee("Inès")), it.marie.post(&paths.1, trainee("Noé")));
    assert_eq!(both(&left, &right), [200, 409]);
    let ctx = Ctx::operator(&it.app.app);
    assert_eq!(ctx.scope().find::<entity::enrolment::Entity>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn codes_for_a_signatory_are_counted_one_after_the_other() {
    let it = story().await;
    let row = it.booking(&["2026-04-02"]).await;
    let agreement = it.marie.sent_agreement(&row).await;
    let path = format!("/v1/documents/{}/signature-requests", agreement["document_id"].as_str().unwrap());
    let delegate = json!({ "party": "cooperative", "signatory_id": it.cooperative.delegate });
    let asked = it.marie.post(&path, json!({ "signatories": [delegate] })).await.ok();
    let batch = json!({ "request_ids": [id(&asked["items"][0])] });
    let ask = || {
        let (camille, batch) = (it.cooperative.training.clone(), batch.clone());
        tokio::spawn(async move { camille.post("/v1/signature-batches", batch).await.status })
    };
    let asking: Vec<_> = (0..8).map(|_| ask()).collect();
    let mut statuses = vec![];
    for one in asking {
        statuses.push(one.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 201, 201, 201, 409, 409, 409]);
}
