//! What comes in: nothing is read before a key, nothing without end, and nobody asks more than their share.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clairiere::{
    platform::{body::BodyLimits, permission::Role},
    start,
};
use futures_util::stream;
use poem::{Body, EndpointExt, Request, http::Method};
use serde_json::{Value, json};

use crate::{
    guards::published::{Operation, operations},
    support::{Answer, Caller, start, start_with},
};

const NOBODY: &str = "0199c0de-0000-7000-8000-0000000000ff";

/// A body that tells whether anybody asked for its first byte.
fn untouched() -> (Body, Arc<AtomicBool>) {
    let touched = Arc::new(AtomicBool::new(false));
    let seen = touched.clone();
    let body = Body::from_bytes_stream(stream::poll_fn(move |_| {
        seen.store(true, Ordering::SeqCst);
        std::task::Poll::Ready(None::<io::Result<Vec<u8>>>)
    }));
    (body, touched)
}

fn content_type(operation: &Operation) -> String {
    let content = operation.document["requestBody"]["content"].as_object();
    let named = content.and_then(|all| all.keys().next()).cloned().unwrap_or_else(|| "application/json".into());
    if named.starts_with("multipart") { format!("{named}; boundary=x") } else { named }
}

#[tokio::test]
async fn nothing_is_read_before_a_key_that_may() {
    let app = start().await;
    let unknown = Caller { key: "clairiere_nothing".into(), ..app.nobody() };
    let marie = app.trainer("Marie").await;
    let powerless =
        Caller { key: app.narrow_key(&marie, Some(vec!["people.read".into()]), None).await, ..marie.clone() };
    let contract = clairiere::api::contract();
    let with_body: Vec<Operation> = operations(&contract)
        .into_iter()
        .filter(|one| !one.is_open() && one.document.get("requestBody").is_some())
        .collect();
    assert!(with_body.len() > 100);
    let mut offenders = vec![];
    for operation in with_body {
        for (caller, status) in [(&app.nobody(), 401), (&unknown, 401), (&powerless, 403)] {
            let (body, touched) = untouched();
            let path: Vec<&str> =
                operation.path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part }).collect();
            let mut request = Request::builder()
                .method(operation.method.clone())
                .uri_str(path.join("/"))
                .header("Idempotency-Key", "once")
                .content_type(&content_type(&operation));
            if !caller.key.is_empty() {
                request = request.header("Authorization", format!("Bearer {}", caller.key));
            }
            let answer = caller.send(request.body(body), operation.name()).await;
            if answer.status != status || touched.load(Ordering::SeqCst) {
                offenders.push(format!(
                    "{}: {} instead of {status}, read: {touched:?}",
                    operation.name(),
                    answer.status
                ));
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn a_page_reads_nothing_for_a_link_that_opens_nothing() {
    let app = start().await;
    for path in [
        "/presence/aaaa/envoi",
        "/presence/ticket/aaaa",
        "/presence/ticket/aaaa/envoi",
        "/journee/aaaa/envoi",
        "/signature/aaaa/signer",
        "/contestation/aaaa",
        "/nothing",
    ] {
        let (body, touched) = untouched();
        let request = Request::builder().method(Method::POST).uri_str(path).content_type("application/json").body(body);
        let answer = app.nobody().send(request, path.into()).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.status);
        assert!(!touched.load(Ordering::SeqCst), "{path}");
    }
    let large = Body::from_vec(vec![b'a'; 600 * 1024]);
    let request = Request::builder()
        .method(Method::POST)
        .uri_str("/presence/code")
        .content_type("application/x-www-form-urlencoded")
        .body(large);
    app.nobody().send(request, "a code of 600 kB".into()).await.status(413);
}

/// An upload of two small parts.
fn upload(caller: &Caller, boundary: &str, purpose: &str, content: &str, body: impl FnOnce(String) -> Body) -> Request {
    let form = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"scan.txt\"\r\nContent-Type: text/plain\r\n\r\n\
         {content}\r\n--{boundary}--\r\n"
    );
    Request::builder()
        .method(Method::POST)
        .uri_str("/v1/files")
        .header("Authorization", format!("Bearer {}", caller.key))
        .header("Idempotency-Key", "envoi-1")
        .content_type(&format!("multipart/form-data; boundary={boundary}"))
        .body(body(form))
}

#[tokio::test]
async fn an_upload_repeated_with_another_boundary_is_the_same_request() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let send = |boundary: &'static str, purpose: &'static str, content: &'static str| {
        let marie = marie.clone();
        async move { marie.send(upload(&marie, boundary, purpose, content, Body::from), "an upload".into()).await }
    };
    let first = send("limite-1", "scan", "Article 1").await.status(201);
    let again = send("autre-limite-2", "scan", "Article 1").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.status(201)["id"], first["id"]);
    send("limite-1", "scan", "Article 2").await.refused("idempotency.other_request");
    send("limite-1", "text", "Article 1").await.refused("idempotency.other_request");
    assert_eq!(marie.get("/v1/files").await.ok()["items"].as_array().unwrap().len(), 1);
}

/// The same application, with other limits of what comes in.
fn within(caller: &Caller, app: &crate::support::TestApp, limits: BodyLimits) -> Caller {
    Caller { route: Arc::new(start::route_within(&app.app, limits).map_to_response().boxed()), ..caller.clone() }
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let app = start().await;
    let limits = BodyLimits { silence: Duration::from_millis(50), ..BodyLimits::default() };
    let marie = within(&app.trainer("Marie").await, &app, limits);
    let endless = |start: &'static str| {
        let first = stream::iter([io::Result::Ok(start.as_bytes().to_vec())]);
        Body::from_bytes_stream(futures_util::StreamExt::chain(first, stream::pending()))
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri_str("/v1/people")
        .header("Authorization", format!("Bearer {}", marie.key))
        .content_type("application/json")
        .body(endless("{\"first_name\":"));
    let slow = marie.send(request, "half a person".into()).await.status(408);
    assert_eq!(slow["code"], "body.too_slow");
    let slow = marie.send(upload(&marie, "x", "scan", "a", |_| endless("--x\r\n")), "half a file".into()).await;
    assert_eq!(slow.status(408)["code"], "body.too_slow");
    let cut = Body::from_bytes_stream(stream::iter([Ok(b"--x\r\n".to_vec()), Err(io::Error::other("gone"))]));
    let cut = marie.send(upload(&marie, "x", "scan", "a", |_| cut), "a broken file".into()).await.status(400);
    assert_eq!(cut["code"], "body.unreadable");
    // On a page, the same is told to people.
    let typed = Request::builder()
        .method(Method::POST)
        .uri_str("/presence/code")
        .content_type("application/x-www-form-urlencoded")
        .body(endless("code="));
    let told = within(&app.nobody(), &app, limits).send(typed, "half a code".into()).await;
    assert_eq!(told.status, 408);
    assert!(told.page().contains("n’est pas arrivé à temps"), "{}", told.page());
    assert_eq!(marie.get("/v1/people").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn so_many_files_come_in_at_once_and_the_next_is_asked_to_come_back() {
    let app = start().await;
    let limits = BodyLimits { files: 1, turn: Duration::from_millis(20), ..BodyLimits::default() };
    let marie = within(&app.trainer("Marie").await, &app, limits);
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let gate = std::sync::Mutex::new(Some(receiver));
    let slow = upload(&marie, "x", "scan", "Article 1", move |form| {
        let receiver = gate.lock().unwrap().take().unwrap();
        Body::from_bytes_stream(futures_util::StreamExt::chain(
            stream::iter([io::Result::Ok(form.as_bytes()[..40].to_vec())]),
            stream::once(async move {
                receiver.await.unwrap();
                Ok(form.as_bytes()[40..].to_vec())
            }),
        ))
    });
    let first = tokio::spawn({
        let marie = marie.clone();
        async move { marie.send(slow, "the first".into()).await }
    });
    let mut tried = 0;
    let crowded = loop {
        let answer = marie.send(upload(&marie, "y", "scan", "Article 2", Body::from), "the second".into()).await;
        if answer.status == 503 {
            break answer;
        }
        // The first one had not begun.
        tried += 1;
        assert!(tried < 50, "{}", answer.status);
        tokio::task::yield_now().await;
    };
    assert_eq!(crowded.header("retry-after"), Some("1"));
    assert_eq!(crowded.json()["code"], "body.crowded");
    sender.send(()).unwrap();
    let first = first.await.unwrap();
    // Whichever of the two came first under that key was carried out, and it alone.
    assert!(matches!(first.status, 201 | 409), "{}", first.status);
    assert_eq!(marie.get("/v1/files").await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_asked_to_wait_and_the_others_go_on() {
    let app = start_with(|settings| settings.calls_per_minute = 60).await;
    let (marie, paul) = (app.trainer("Marie").await, app.trainer("Paul").await);
    let mut answers: Vec<Answer> = vec![];
    for _ in 0..12 {
        answers.push(marie.get("/v1/people").await);
    }
    assert!(answers.iter().take(10).all(|answer| answer.status == 200));
    let refused = answers.into_iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(refused.header("retry-after"), Some("1"));
    let problem = refused.json();
    assert_eq!((problem["code"].as_str(), problem["retry_after"].as_u64()), (Some("calls.too_many"), Some(1)));
    paul.get("/v1/people").await.ok();
    app.nobody().get("/healthz").await.ok();
    app.nobody().get("/presence/code").await.shows("code");
}

/// What an operation may refuse before it begins is in its contract, the same everywhere.
#[test]
fn every_refusal_of_the_edge_is_in_the_contract() {
    let contract = clairiere::api::contract();
    for operation in operations(&contract) {
        let has = |status: &str| operation.document["responses"].get(status).is_some();
        let body = operation.document.get("requestBody").is_some();
        for status in ["408", "413", "415"] {
            assert_eq!(has(status), body, "{} {status}", operation.name());
        }
        assert_eq!(has("429"), !operation.is_open(), "{}", operation.name());
        for status in ["429", "503"] {
            let response = &operation.document["responses"][status];
            assert!(
                response.is_null() || response["headers"]["Retry-After"].is_object(),
                "{} {status}",
                operation.name()
            );
        }
    }
}

/// A role that may not bring files is told so before its file is read.
#[tokio::test]
async fn an_auditor_s_file_is_not_read() {
    let app = start().await;
    let auditor = app.staff(Role::Auditor).await;
    let (body, touched) = untouched();
    let request = upload(&auditor, "x", "scan", "a", |_| body);
    auditor.send(request, "POST /v1/files".into()).await.status(403);
    assert!(!touched.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_member_that_is_there_twice_is_refused_with_its_place() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let zoe = marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    let zoe = format!("/v1/people/{}", zoe["id"].as_str().unwrap());
    let twice = r#"{"first_name":"Zoé","birth_name":"Morel","first_name":"Ana"}"#;
    for (method, path) in
        [(Method::POST, "/v1/people"), (Method::PUT, "/v1/people/by-external-id/crm-1"), (Method::PATCH, zoe.as_str())]
    {
        let request = Request::builder()
            .method(method.clone())
            .uri_str(path)
            .header("Authorization", format!("Bearer {}", marie.key))
            .header("If-Match", "*")
            .content_type("application/json")
            .body(twice);
        let problem = marie.send(request, format!("{method} {path}")).await.invalid("/first_name");
        assert_eq!(problem["errors"][0]["code"], "duplicate");
    }
    let phone = json!({}).to_string();
    let page = Request::builder()
        .method(Method::POST)
        .uri_str("/presence/ticket/x/envoi")
        .content_type("application/json")
        .body(phone.replace("{}", r#"{"client_uuid":"a","client_uuid":"b"}"#));
    assert!(app.nobody().send(page, "a page".into()).await.status >= 400);
}

#[tokio::test]
async fn a_hundred_faults_are_told_however_many_there_are() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let send = |body: String| {
        let marie = marie.clone();
        async move {
            let request = Request::builder()
                .method(Method::POST)
                .uri_str("/v1/sessions")
                .header("Authorization", format!("Bearer {}", marie.key))
                .content_type("application/json")
                .body(body);
            marie.send(request, "POST /v1/sessions".into()).await
        }
    };
    // 345 000 half-days that are none, in a megabyte.
    let many = format!("{{\"slots\":[{}{{}}]}}", "{},".repeat(345_000));
    assert!(many.len() < 1024 * 1024);
    let answer = send(many).await;
    assert!(answer.bytes.len() < 2_000, "{} bytes", answer.bytes.len());
    assert_eq!(answer.invalid("")["errors"][0]["code"], "too_many");
    // More half-days than a session may have: their number is told, not what is wrong with each.
    let answer = send(format!("{{\"slots\":[{}{{}}]}}", "{},".repeat(2_000))).await;
    let problem = answer.invalid("/slots");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
    // As many as it may have, all wrong.
    let answer = send(format!("{{\"slots\":[{}{{}}]}}", "{},".repeat(99))).await;
    let problem = answer.status(422);
    assert_eq!((problem["errors"].as_array().unwrap().len(), &problem["more_errors"]), (100, &json!(true)));
    // A hundred thousand members that do not exist.
    let strangers: Vec<String> = (0..20_000).map(|number| format!("\"x{number}\":1")).collect();
    let answer = send(format!("{{{}}}", strangers.join(","))).await;
    let problem = answer.status(422);
    assert_eq!((problem["errors"].as_array().unwrap().len(), &problem["more_errors"]), (100, &json!(true)));
    // Few faults are all told, wherever they stand.
    let mut slots = vec![json!({ "day": "2026-03-09", "half": "morning", "starts": "09:00", "ends": "12:30" }); 60];
    slots[57]["half"] = json!("midnight");
    slots[58] = Value::Null;
    let answer = send(json!({ "slots": slots, "colour": "green" }).to_string()).await;
    let problem = answer.status(422);
    let places: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].as_str().unwrap()).collect();
    for place in ["/slots/57/half", "/colour"] {
        assert!(places.contains(&place), "{place} is not among {places:?}");
    }
    assert_eq!(problem["more_errors"], Value::Null);
}

#[tokio::test]
async fn nothing_that_was_sent_comes_back_at_its_length() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let name = "é".repeat(90_000);
    for (path, body) in [
        ("/v1/people".to_owned(), json!({ &name: 1 })),
        ("/v1/people".to_owned(), json!({ "first_name": &name, "birth_name": [&name] })),
        ("/v1/sessions".to_owned(), json!({ "slots": [{ "half": &name, "day": &name, &name: { &name: &name } }] })),
    ] {
        let answer = marie.post(&path, body).await;
        assert!(answer.status == 422 && answer.bytes.len() < 20_000, "{path}: {} bytes", answer.bytes.len());
    }
    let purpose = "x".repeat(1_000_000);
    let answer = marie.send(upload(&marie, "b", &purpose, "a", Body::from), "a long purpose".into()).await;
    assert!(answer.status == 400 && answer.bytes.len() < 20_000, "{} bytes", answer.bytes.len());
}
