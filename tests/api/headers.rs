//! What a browser may do with an answer: told on every kind of route, once.

use poem::http::Method;
use serde_json::json;

use crate::support::{Answer, Caller, start, start_with, training::training};

const DATA: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The only value of a header.
#[track_caller]
fn only<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let all: Vec<_> = answer.headers.get_all(name).iter().collect();
    assert_eq!(all.len(), 1, "{name}: {all:?}");
    all[0].to_str().unwrap()
}

/// What every answer says, whoever made it.
#[track_caller]
fn protected(answer: &Answer) {
    assert_eq!(only(answer, "x-content-type-options"), "nosniff");
    assert_eq!(only(answer, "referrer-policy"), "no-referrer");
    assert_eq!(only(answer, "cross-origin-opener-policy"), "same-origin");
    assert_eq!(only(answer, "cross-origin-resource-policy"), "same-origin");
    assert!(only(answer, "permissions-policy").contains("camera=()"));
    assert!(only(answer, "content-security-policy").contains("frame-ancestors 'none'"), "nobody frames it");
    assert!(answer.header("x-request-id").is_some());
}

#[tokio::test]
async fn every_kind_of_route_says_what_a_browser_may_do() {
    let it = training().await;
    let nobody = it.app.nobody();
    let own = it.own_page(it.zoe).await;
    let scan = it.marie.upload("scan.pdf", "scan", b"%PDF-1.7 scan", None).await.status(201);
    let file = format!("/v1/files/{}/content", scan["id"].as_str().unwrap());
    let wrong = Caller { key: "clairiere_0000".into(), ..it.marie.clone() };
    for (answer, status) in [
        (it.marie.get("/v1/people").await, 200),
        (it.marie.get(&file).await, 200),
        (it.marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await, 201),
        (it.marie.post("/v1/people", json!({})).await, 422),
        (wrong.get("/v1/people").await, 401),
        (it.marie.call(Method::PUT, "/v1/people", None, &[]).await, 405),
        (nobody.get("/v1/nothing").await, 404),
        (nobody.get("/healthz").await, 200),
        (nobody.get("/readyz").await, 200),
        (nobody.get("/openapi/v1.json").await, 200),
        (nobody.get("/assets/page.css").await, 200),
        (nobody.get("/assets/nothing.js").await, 404),
    ] {
        assert_eq!(answer.status, status);
        protected(&answer);
        assert_eq!(only(&answer, "content-security-policy"), DATA, "it is no page");
    }
    for (answer, status) in [
        (nobody.get("/docs").await, 200),
        (nobody.get("/verify").await, 200),
        (nobody.get(&own).await, 200),
        (nobody.get("/presence/unknown").await, 404),
        (nobody.get("/journee/unknown").await, 404),
        (nobody.get("/contestation/unknown").await, 404),
        (nobody.get("/signature/unknown").await, 404),
    ] {
        assert_eq!(answer.status, status);
        protected(&answer);
        let policy = only(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("base-uri 'none'"), "{policy}");
    }
}

#[tokio::test]
async fn the_documentation_runs_its_own_scripts_only_and_is_framed_by_nobody() {
    let app = start().await;
    let answer = app.nobody().get("/docs").await;
    let policy = only(&answer, "content-security-policy").to_owned();
    let scripts = policy.split("; ").find(|part| part.starts_with("script-src ")).unwrap();
    assert_eq!(scripts.matches("'sha256-").count(), 2, "what draws the page, and the contract: {policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
}

#[tokio::test]
async fn whoever_came_over_tls_comes_back_over_tls() {
    let app = start_with(|settings| settings.public_url = Some("https://formation.example.org".into())).await;
    for path in ["/v1/people", "/docs", "/verify", "/presence/unknown", "/healthz", "/assets/page.css", "/nothing"] {
        let answer = app.nobody().get(path).await;
        assert_eq!(only(&answer, "strict-transport-security"), "max-age=31536000; includeSubDomains", "{path}");
    }
    let plain = start().await.nobody().get("/docs").await;
    assert_eq!(plain.header("strict-transport-security"), None, "on loopback there is no TLS to come back to");
}

#[tokio::test]
async fn no_other_origin_is_invited() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let elsewhere = [("Origin", "https://elsewhere.example.org"), ("Access-Control-Request-Method", "POST")];
    for (method, path) in [
        (Method::GET, "/v1/people"),
        (Method::OPTIONS, "/v1/people"),
        (Method::GET, "/docs"),
        (Method::GET, "/openapi/v1.json"),
        (Method::OPTIONS, "/presence/unknown"),
    ] {
        let answer = marie.call(method.clone(), path, None, &elsewhere).await;
        let invited = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(invited, None, "{method} {path}");
    }
}

#[tokio::test]
async fn a_trace_is_not_answered() {
    let app = start().await;
    for path in ["/v1/people", "/docs", "/presence/unknown", "/healthz", "/"] {
        let answer = app.nobody().call(Method::TRACE, path, None, &[("X-Secret", "s3cret")]).await;
        assert!([401, 404, 405].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("s3cret"), "{path}");
    }
}

#[tokio::test]
async fn what_is_about_people_is_kept_by_no_cache() {
    let it = training().await;
    let nobody = it.app.nobody();
    let own = it.own_page(it.zoe).await;
    it.app.at("2026-03-03T08:30");
    let day = it.day_page(0).await;
    for answer in [
        it.marie.get("/v1/people").await,
        it.marie.get("/v1/people?q=nobody").await,
        it.marie.get("/v1/nothing").await,
        nobody.get(&own).await,
        nobody.get(&day).await,
        nobody.get("/signature/unknown").await,
        nobody.get("/verify").await,
    ] {
        assert!(only(&answer, "cache-control").contains("no-store"));
    }
}
