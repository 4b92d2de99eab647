//! Many people at once: a read asks the database the same number of questions however many rows answer, and nothing that
//! computes for long holds the writer.

use clairiere::platform::access::Ctx;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{
    Caller,
    crowd::crowd,
    training::{Training, training},
};

/// How many statements a read runs, once what is remembered between calls is known.
async fn asked(it: &Training, caller: &Caller, path: &str) -> u64 {
    caller.get(path).await.ok();
    let before = it.app.app.db.statements();
    caller.get(path).await.ok();
    it.app.app.db.statements() - before
}

#[tokio::test]
async fn a_read_asks_as_many_questions_for_fifty_people_as_for_five() {
    let mut found = vec![];
    for heads in [5, 50] {
        let it = crowd(heads, 4).await;
        let camille = it.camille().await;
        let (session, slot) = (it.session, it.slots[2]);
        let paths = [
            format!("/v1/sessions/{session}"),
            format!("/v1/sessions/{session}/attendance"),
            format!("/v1/sessions/{session}/todo"),
            format!("/v1/sessions/{session}/certificates"),
            format!("/v1/sessions/{session}/attestations"),
            format!("/v1/sessions/{session}/evaluations"),
            format!("/v1/sessions/{session}/satisfaction"),
            format!("/v1/slots/{slot}"),
            format!("/v1/slots/{slot}/attendance"),
            format!("/v1/slots/{slot}/live"),
            format!("/v1/slots/{slot}/chain"),
            format!("/v1/marks?session_id={session}&limit=100"),
            format!("/v1/enrolments?session_id={session}&limit=100"),
            format!("/v1/bookings?session_id={session}&limit=100"),
        ];
        let mut counted = vec![];
        for (at, path) in paths.iter().enumerate() {
            counted.push((
                at,
                path.replace(&session.to_string(), "S").replace(&slot.to_string(), "H"),
                asked(&it, &camille, path).await,
            ));
        }
        found.push(counted);
    }
    assert_eq!(found[0], found[1]);
}

#[tokio::test]
async fn half_days_are_read_at_once_too() {
    let mut found = vec![];
    for halves in [2, 20] {
        let it = crowd(5, halves).await;
        let camille = it.camille().await;
        let session = it.session;
        let mut counted = vec![];
        for what in ["attendance", "todo", "certificates", "attestations"] {
            counted.push((what, asked(&it, &camille, &format!("/v1/sessions/{session}/{what}")).await));
        }
        found.push(counted);
    }
    assert_eq!(found[0], found[1]);
}

/// A log in which so many lines name so many people, each from one minute after another.
fn log(lines: usize, people: usize, last: &str) -> String {
    let mut table = String::from("nom complet;arrivée;départ\n");
    for n in 0..lines {
        let minute = n / people;
        table.push_str(&format!("Ana{}{last};{:02}:{:02};12:30\n", n % people, 9 + minute / 60, minute % 60));
    }
    table
}

#[tokio::test]
async fn a_log_of_twenty_thousand_lines_is_read_before_the_writer_and_kept_in_few_statements() {
    let it = crowd(100, 1).await;
    let db = &it.app.app.db;
    let open = "UPDATE attendance_sheet SET state = 'open', closed_at = NULL";
    db.writer().execute_raw(Statement::from_string(db.backend(), open)).await.unwrap();
    it.app.at("2026-03-04T12:10");
    let path = format!("/v1/slots/{}/connections", it.slots[2]);
    // Nobody is called « Ana3 » alone: each line is compared with everybody, and finds nobody. Reading it where others
    // wait would stop the test (`platform::heavy`).
    let body = json!({ "format": "csv", "content": log(20_000, 100, ""), "dry_run": true });
    let before = db.statements();
    let tried = it.marie.post(&path, body).await.ok();
    assert_eq!(tried["lines"].as_array().unwrap().len(), 20_000);
    assert!(tried["lines"].as_array().unwrap().iter().all(|line| line["matched"] == "unknown"));
    let ran = db.statements() - before;
    assert!(ran < 40, "{ran} statements for a dry run");
    // With their last name they are known, and every line is kept: hundreds of rows a statement.
    let body = json!({ "format": "csv", "content": log(10_000, 100, " Rey"), "dry_run": false });
    let before = db.statements();
    let brought = it.marie.post(&path, body).await.ok();
    assert_eq!(brought["trainees"].as_array().unwrap().len(), 100, "{}", brought["faults"]);
    let ran = db.statements() - before;
    assert!(ran < 200, "{ran} statements for 10 000 lines");
    let chain = it.marie.get(&format!("/v1/slots/{}/chain", it.slots[2])).await.ok();
    let faults = chain["faults"].as_array().unwrap().iter().filter(|fault| fault.to_string().contains("connection"));
    assert_eq!(faults.count(), 0, "{chain}");
    assert!(chain["rows"].as_i64() > Some(10_000), "{chain}");
}

#[tokio::test]
async fn rows_that_are_written_at_once_are_told_and_sealed_as_one_by_one() {
    let it = training().await;
    let mut ctx = Ctx::operator(&it.app.app);
    let mut tx = ctx.begin().await.unwrap();
    let activity = tx.scope().get::<entity::session::Entity>(it.session).await.unwrap().activity_id;
    let row = |first: &str| entity::person::ActiveModel {
        first_name: sea_orm::ActiveValue::Set(first.into()),
        birth_name: sea_orm::ActiveValue::Set("Rey".into()),
        search: sea_orm::ActiveValue::Set(String::new()),
        ..Default::default()
    };
    let person = tx.new_id();
    let event = || clairiere::people::events::Event::Created { person };
    let many: Vec<_> = (0..1_100).map(|n| row(&format!("Ana{n}"))).collect();
    tx.act(activity, event().into()).insert_all(many).await.unwrap();
    tx.commit().await.unwrap();
    let rows = it.marie.get("/v1/people?q=&limit=100").await.ok();
    assert!(rows["items"].as_array().unwrap().iter().all(|row| row["version"] == 1 && row["seq"].as_i64() > Some(0)));
    // A row of another activity is refused as by one insert.
    let other = it.app.trainer("Paul").await;
    let elsewhere = other.get("/v1/people").await.ok();
    assert_eq!(elsewhere["items"], json!([]));
}

/// What a paper says is gathered before the writer is asked for: whoever wrote meanwhile is not forgotten.
#[tokio::test]
async fn what_changes_while_a_paper_is_gathered_is_on_the_paper() {
    let it = training().await;
    it.hold(0, json!([])).await;
    it.app.work().await;
    let mut ctx = Ctx::operator(&it.app.app);
    let mut tx = ctx.begin().await.unwrap();
    let session = tx.lock::<entity::session::Entity>(it.session).await.unwrap();
    let (marie, path) = (it.marie.clone(), format!("/v1/sessions/{}/attendance-sheets", it.session));
    let before = it.app.app.db.statements();
    let asked = tokio::spawn(async move { marie.post(&path, json!({})).await });
    // It has read what it prints, and waits for its turn to write.
    let mut read = before;
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let now = it.app.app.db.statements();
        if now > before + 10 && now == read {
            break;
        }
        read = now;
    }
    let changed = clairiere::session::events::Event::Changed { session: it.session };
    let title = |edit: &mut entity::session::ActiveModel| edit.title = sea_orm::ActiveValue::Set("Corrigé".into());
    tx.act(session.activity_id, changed.into()).update(session, title).await.unwrap();
    tx.commit().await.unwrap();
    let paper = asked.await.unwrap();
    assert_eq!(paper.status, 201, "{}", paper.json());
    let papers = it.papers(clairiere::document::Kind::AttendanceSheet, "current").await;
    assert!(papers[0].content.contains("\"title\":\"Corrigé\""), "{}", papers[0].content);
}

#[tokio::test]
async fn what_computes_for_long_runs_as_many_at_once_as_there_are_cores() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NOW: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let it = training().await;
    let work = || {
        MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(5));
        NOW.fetch_sub(1, Ordering::SeqCst);
    };
    let all = (0..40).map(|_| it.app.app.heavy(work));
    futures_util::future::join_all(all).await.into_iter().for_each(Result::unwrap);
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!((1..=cores).contains(&MOST.load(Ordering::SeqCst)), "{MOST:?} on {cores} cores");
}
