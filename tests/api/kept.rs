//! What is acknowledged is kept, whatever the disk did before. Real disks are in `tests/faults`; here SQLite is told that
//! its file may not grow, which is a full disk to it.

use clairiere::platform::db::{Db, Opening};
use poem::http::Method;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;

use crate::support::{Answer, Caller, TestApp, start};

async fn pages(app: &TestApp, sql: &str) -> i64 {
    let row = app.app.db.writer().query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap();
    row.try_get_by(0).unwrap()
}

/// Make people until one is refused.
async fn until_refused(caller: &Caller) -> Answer {
    for number in 0..200 {
        let answer = person(caller, &format!("Trop {number} {}", "x".repeat(60))).await;
        if answer.status != 201 {
            return answer;
        }
    }
    panic!("the disk is never full");
}

async fn person(caller: &Caller, name: &str) -> Answer {
    caller.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": name })).await
}

#[tokio::test]
async fn what_is_acknowledged_after_a_full_disk_is_committed() {
    let app = start().await;
    if app.app.db.backend() != DbBackend::Sqlite {
        // PostgreSQL counts its transactions itself.
        return;
    }
    let marie = app.trainer("Marie").await;
    let named = json!({ "external_id": "taken", "first_name": "Zoé", "birth_name": "Lefèvre" });
    marie.post("/v1/people", named.clone()).await.status(201);
    let size = pages(&app, "PRAGMA page_count").await;
    pages(&app, &format!("PRAGMA max_page_count = {size}")).await;
    until_refused(&marie).await.unable("database.full");
    pages(&app, "PRAGMA max_page_count = 1000000").await;
    // An ordinary refusal leaves a savepoint behind where there is no transaction.
    marie.post("/v1/people", named).await.status(409);
    for number in 0..20 {
        person(&marie, &format!("Gardé {number}")).await.status(201);
    }
    // As a process that starts again would read it.
    let other =
        Db::open(&app.app.settings.database_url, Opening { connections: 1, ..Opening::default() }).await.unwrap();
    let sql = "SELECT COUNT(*) FROM person WHERE birth_name LIKE 'Gardé %'";
    let row = other.writer().query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by::<i64, _>(0).unwrap(), 20);
    other.close().await.unwrap();
}

#[tokio::test]
async fn a_write_that_is_refused_for_the_disk_may_be_sent_again_under_its_key() {
    let app = start().await;
    if app.app.db.backend() != DbBackend::Sqlite {
        return;
    }
    let marie = app.trainer("Marie").await;
    let size = pages(&app, "PRAGMA page_count").await;
    pages(&app, &format!("PRAGMA max_page_count = {size}")).await;
    until_refused(&marie).await;
    let body = json!({ "first_name": "Ana", "birth_name": "R".repeat(100) });
    let (key, mut refused) = ([("Idempotency-Key", "telephone-1")], 0);
    let repeated = loop {
        let answer = marie.call(Method::POST, "/v1/people", Some(body.clone()), &key).await;
        if answer.status == 201 {
            break answer;
        }
        answer.unable("database.full");
        refused += 1;
        pages(&app, "PRAGMA max_page_count = 1000000").await;
    };
    assert!(refused <= 1);
    let again = marie.call(Method::POST, "/v1/people", Some(body), &key).await;
    assert_eq!(again.json()["id"], repeated.json()["id"]);
    let found = marie.get("/v1/people?q=Ana").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
}
