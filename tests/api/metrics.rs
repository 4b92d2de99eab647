//! What monitoring reads: what waits, what died, what was last done, and never who or what it was about.

use chrono::TimeDelta;
use clairiere::operate;
use poem::{Endpoint, Request};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{TestApp, start, start_with, training::training};

async fn figures(app: &TestApp) -> String {
    let asked = Request::builder().uri_str("/metrics").finish();
    let answer = operate::figures(&app.app).call(asked).await.unwrap();
    assert_eq!(answer.content_type(), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.into_body().into_string().await.unwrap()
}

/// The value of a figure, named with its labels.
#[track_caller]
fn value(figures: &str, name: &str) -> f64 {
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no figure {name} in\n{figures}")).parse().unwrap()
}

/// The same, of what is counted in whole numbers.
#[track_caller]
fn count(figures: &str, name: &str) -> u64 {
    let value = value(figures, name);
    assert!(value >= 0.0 && value.fract().abs() < f64::EPSILON, "{name} is {value}");
    value as u64
}

async fn run(app: &TestApp, sql: &str) {
    let db = app.app.db.writer();
    db.execute_raw(Statement::from_string(app.app.db.backend(), sql)).await.unwrap();
}

#[tokio::test]
async fn the_figures_tell_what_waits_since_when_and_what_died() {
    let it = training().await;
    let app = &it.app;
    app.work().await;
    let calm = figures(app).await;
    assert_eq!(count(&calm, "clairiere_jobs_due"), 0, "{calm}");
    assert_eq!(count(&calm, "clairiere_queue_age_seconds"), 0);
    it.convokes().await;
    app.later(TimeDelta::seconds(90));
    let busy = figures(app).await;
    assert!(value(&busy, "clairiere_jobs_due") >= 1.0, "{busy}");
    assert!(value(&busy, "clairiere_jobs{state=\"ready\"}") >= value(&busy, "clairiere_jobs_due"));
    assert_eq!(count(&busy, "clairiere_queue_age_seconds"), 90);
    app.work().await;
    run(app, "UPDATE outbox SET state = 'dead' WHERE state = 'done'").await;
    run(app, "UPDATE message SET state = 'failed'").await;
    let dead = figures(app).await;
    assert!(value(&dead, "clairiere_jobs{state=\"dead\"}") >= 1.0, "{dead}");
    assert_eq!(count(&dead, "clairiere_jobs{state=\"running\"}"), 0, "a state that nothing is in is told");
    assert_eq!(count(&dead, "clairiere_queue_age_seconds"), 0);
    assert!(value(&dead, "clairiere_messages{state=\"failed\"}") >= 1.0, "{dead}");
    assert_eq!(count(&dead, "clairiere_messages{state=\"ready\"}"), 0);
}

#[tokio::test]
async fn a_backup_and_a_verification_done_beside_the_service_are_seen_by_it() {
    let app = start().await;
    let never = figures(&app).await;
    assert_eq!(count(&never, "clairiere_last_backup_timestamp_seconds"), 0);
    assert_eq!(count(&never, "clairiere_last_verify_timestamp_seconds"), 0);
    operate::backup(app.app.settings.clone(), app.folder().join("backup")).await.unwrap();
    operate::verify(app.app.settings.clone(), false).await.unwrap();
    let clean = figures(&app).await;
    assert!(value(&clean, "clairiere_last_backup_timestamp_seconds") > 1.7e9, "{clean}");
    assert!(value(&clean, "clairiere_last_verify_timestamp_seconds") > 1.7e9);
    assert_eq!(count(&clean, "clairiere_last_verify_faults"), 0);
    let marie = app.trainer("Marie").await;
    marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    run(&app, "UPDATE audit_entry SET actor = 'x' WHERE event = 'person.created'").await;
    operate::verify(app.app.settings.clone(), false).await.unwrap_err();
    let altered = figures(&app).await;
    assert!(value(&altered, "clairiere_last_verify_faults") >= 1.0, "{altered}");
}

#[tokio::test]
async fn requests_are_counted_by_class_and_nobody_is_named() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let zoe = marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    marie.get("/v1/people?q=Lefèvre").await.ok();
    app.nobody().get("/v1/people").await.status(401);
    app.phone().opens("/presence/s3cret").await;
    let told = figures(&app).await;
    assert_eq!(count(&told, "clairiere_http_requests_total{method=\"POST\",status=\"2xx\"}"), 1, "{told}");
    assert_eq!(count(&told, "clairiere_http_requests_total{method=\"GET\",status=\"4xx\"}"), 2, "{told}");
    assert_eq!(count(&told, "clairiere_http_request_duration_seconds_count{method=\"GET\"}"), 3);
    assert_eq!(count(&told, "clairiere_refused_total{reason=\"missing\"}"), 1);
    assert_eq!(count(&told, "clairiere_refused_total{reason=\"link\"}"), 1);
    for secret in ["Lef", "Marie", "s3cret", "presence", "example.org", &marie.key, zoe["id"].as_str().unwrap()] {
        assert!(!told.contains(secret), "{secret} is told: {told}");
    }
}

#[tokio::test]
async fn room_memory_and_connections_are_told_with_the_program() {
    let app = start().await;
    let told = figures(&app).await;
    assert_eq!(count(&told, &format!("clairiere_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), 1);
    for of in ["files", "mail"] {
        let free = value(&told, &format!("clairiere_disk_free_bytes{{of=\"{of}\"}}"));
        assert!(free > 0.0 && free < value(&told, &format!("clairiere_disk_size_bytes{{of=\"{of}\"}}")), "{told}");
    }
    assert!(value(&told, "clairiere_database_size_bytes") > 100_000.0, "{told}");
    assert!(value(&told, "process_resident_memory_bytes") > 1e6);
    assert!(value(&told, "process_open_fds") < value(&told, "process_max_fds"));
    let pools: f64 = told
        .lines()
        .filter(|line| line.starts_with("clairiere_database_connections{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!(pools >= 1.0, "{told}");
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_itself_a_figure() {
    let app = start().await;
    assert_eq!(count(&figures(&app).await, "clairiere_database_up"), 1);
    app.app.db.close().await.unwrap();
    let told = figures(&app).await;
    assert_eq!(count(&told, "clairiere_database_up"), 0);
    assert!(!told.contains("clairiere_jobs"), "what nobody knows is not told as a zero: {told}");
    assert!(value(&told, "process_start_time_seconds") > 0.0);
}

async fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn figures_are_on_an_address_of_their_own_and_nothing_else_is() {
    let silent = start().await;
    assert!(operate::watch(&silent.app).await.unwrap().is_none(), "off unless it is asked for");
    let app = start_with(|settings| settings.metrics_listen = Some("127.0.0.1:0".into())).await;
    app.nobody().get("/metrics").await.status(404);
    let watched = operate::watch(&app.app).await.unwrap().unwrap();
    let address = watched.address.clone();
    let answer = ask(&address, "/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("clairiere_database_up 1"), "{answer}");
    for other in ["/", "/v1/people", "/docs", "/healthz", "/metrics/x"] {
        let answer = ask(&address, other).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{other}: {answer}");
    }
    let taken = start_with(|settings| settings.metrics_listen = Some(address.clone())).await;
    let refused = operate::watch(&taken.app).await.unwrap_err().to_string();
    assert!(refused.contains("METRICS_LISTEN"), "{refused}");
    drop(watched);
    let gone = async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), gone).await.expect("the address is free again");
}

#[tokio::test]
async fn every_figure_is_told_in_the_operators_guide() {
    let app = start().await;
    app.nobody().get("/healthz").await.ok();
    let told = figures(&app).await;
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATING.md")).unwrap();
    let names: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(names.len() > 15, "{told}");
    for name in names {
        assert!(guide.contains(&format!("`{name}`")), "{name} is not in docs/OPERATING.md");
    }
}
