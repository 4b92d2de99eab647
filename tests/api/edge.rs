//! The edge: whatever fails has one shape, in the caller's language, and tells nothing that it should not.

use poem::{Request, http::Method};
use serde_json::json;

use crate::support::{Caller, start};

async fn raw(caller: &Caller, request: Request) -> crate::support::Answer {
    caller.send(request, "raw".into()).await
}

#[tokio::test]
async fn every_failure_is_a_problem_with_a_code() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let nobody = Caller { key: String::new(), ..marie.clone() };
    for (answer, status, code) in [
        (nobody.get("/v1/people").await, 401, "unauthorized"),
        (marie.get("/v1/nothing").await, 404, "not_found"),
        (marie.get("/v1/people/not-an-identifier").await, 404, "not_found"),
        (marie.call(Method::PUT, "/v1/people", None, &[]).await, 405, "method"),
        (marie.get("/v1/people?limit=0").await, 422, "invalid"),
        (marie.get("/v1/people?after=nonsense").await, 422, "invalid"),
        (marie.post("/v1/people", json!([])).await, 422, "invalid"),
        (marie.post("/v1/people", json!({ "first_name": "a\u{0}b", "birth_name": "c" })).await, 422, "invalid"),
    ] {
        let kind = answer.header("content-type").unwrap_or_default().to_owned();
        assert_eq!((answer.status, kind.as_str()), (status, "application/problem+json"), "{}", answer.json());
        assert_eq!(answer.json()["code"], code);
        assert!(answer.header("x-request-id").is_some());
    }
    let wrong_key = Caller { key: "clairiere_0000".into(), ..marie.clone() }.get("/v1/people").await;
    assert_eq!(wrong_key.header("www-authenticate"), Some("Bearer"));
    assert_eq!(marie.call(Method::PUT, "/v1/people", None, &[]).await.header("allow"), Some("GET, POST"));
}

#[tokio::test]
async fn a_body_that_is_no_json_too_large_or_of_another_type_is_refused() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let bearer = format!("Bearer {}", marie.key);
    let request = |content_type: &str, body: Vec<u8>| {
        Request::builder()
            .method(Method::POST)
            .uri_str("/v1/people")
            .header("Authorization", &bearer)
            .content_type(content_type)
            .body(body)
    };
    raw(&marie, request("application/json", b"{nope".to_vec())).await.status(422);
    raw(&marie, request("application/json", vec![b' '; 2 << 20])).await.status(413);
    raw(&marie, request("text/csv", b"a,b".to_vec())).await.status(415);
}

#[tokio::test]
async fn sentences_are_french_unless_english_is_asked_for() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let french = marie.get("/v1/people/0199c0de-0000-7000-8000-000000000001").await.status(404);
    assert!(french["detail"].as_str().unwrap().starts_with("Introuvable"));
    let english = [("Accept-Language", "en-GB,en;q=0.9,fr;q=0.1")];
    let path = "/v1/people/0199c0de-0000-7000-8000-000000000001";
    let english = marie.call(Method::GET, path, None, &english).await.status(404);
    assert!(english["detail"].as_str().unwrap().starts_with("No such person"), "{english}");
    assert_eq!(french["code"], english["code"]);
}

#[tokio::test]
async fn an_unchanged_resource_is_not_sent_again() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let zoe = marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    let path = format!("/v1/people/{}", zoe["id"].as_str().unwrap());
    let again = marie.call(Method::GET, &path, None, &[("If-None-Match", "\"1\"")]).await;
    assert_eq!((again.status, again.bytes.len()), (304, 0));
}

#[tokio::test]
async fn pages_follow_each_other_and_changes_come_in_their_order() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for number in 0..7 {
        let body = json!({ "first_name": format!("Zoé {number}"), "birth_name": "Lefèvre" });
        marie.post("/v1/people", body).await.status(201);
    }
    for way in ["", "&updated_after=0"] {
        let mut seen = vec![];
        let mut after = String::new();
        loop {
            let page = marie.get(&format!("/v1/people?limit=3{way}{after}")).await.ok();
            seen.extend(
                page["items"].as_array().unwrap().iter().map(|row| row["first_name"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        let mut sorted = seen.clone();
        sorted.sort();
        if way.is_empty() {
            sorted.reverse();
        }
        assert_eq!((seen.len(), &seen), (7, &sorted));
    }
    let all = marie.get("/v1/people?updated_after=0").await.ok();
    let last = all["items"][6]["seq"].as_i64().unwrap();
    assert_eq!(marie.get(&format!("/v1/people?updated_after={last}")).await.ok()["items"], json!([]));
    let first = all["items"][0]["id"].as_str().unwrap();
    marie.patch(&format!("/v1/people/{first}"), json!({ "note": "rappeler" })).await.ok();
    let staff = app.staff(clairiere::platform::permission::Role::CoopTraining).await;
    staff.get("/v1/people?updated_after=0").await.invalid("?activity_id");
    let changed = marie.get(&format!("/v1/people?updated_after={last}")).await.ok();
    assert_eq!(changed["items"].as_array().unwrap().len(), 1);
    assert_eq!(changed["items"][0]["id"], first);
}

#[tokio::test]
async fn the_documentation_shows_the_contract_that_is_served() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let contract = marie.get("/openapi/v1.json").await.ok();
    assert_eq!(contract["openapi"], "3.0.3");
    let page = marie.get("/docs").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let html = String::from_utf8(page.bytes).unwrap();
    assert!(html.contains("create_person") && html.contains("Clairière – API"));
    assert!(!html.contains("https://unpkg") && !html.contains("cdn."), "the page needs nobody else");
}

#[tokio::test]
async fn an_external_name_creates_then_replaces_and_stays_unique() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let path = "/v1/people/by-external-id/crm-7";
    let made = marie.put(path, json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    let replaced = marie.put(path, json!({ "first_name": "Zoé", "birth_name": "Morel" })).await.status(200);
    assert_eq!((&made["id"], replaced["birth_name"].as_str()), (&replaced["id"], Some("Morel")));
    let twin = marie.post("/v1/people", json!({ "external_id": "crm-7", "first_name": "A", "birth_name": "B" })).await;
    twin.refused("person.external_id_taken");
}

#[tokio::test]
async fn two_creations_at_once_under_one_key_make_one_row() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let body = json!({ "first_name": "Zoé", "birth_name": "Lefèvre" });
    let key = [("Idempotency-Key", "appel-2")];
    let call = || marie.call(Method::POST, "/v1/people", Some(body.clone()), &key);
    let (one, two) = tokio::join!(call(), call());
    assert_eq!(one.status(201)["id"], two.status(201)["id"]);
}

#[tokio::test]
async fn two_changes_of_one_version_at_once_keep_one() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    let zoe = marie.post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Lefèvre" })).await.status(201);
    let path = format!("/v1/people/{}", zoe["id"].as_str().unwrap());
    let change = |name: &str| {
        let body = json!({ "first_name": name });
        let (marie, path) = (marie.clone(), path.clone());
        async move { marie.call(Method::PATCH, &path, Some(body), &[("If-Match", "\"1\"")]).await.status }
    };
    let (one, two) = tokio::join!(change("Ana"), change("Béa"));
    let mut both = [one, two];
    both.sort_unstable();
    assert_eq!(both, [200, 412]);
}

#[tokio::test]
async fn a_letter_that_no_paper_could_print_is_refused_where_it_is_typed() {
    let app = start().await;
    let marie = app.trainer("Marie").await;
    for (name, letter) in [("Лена", "Л"), ("Lena 🎉", "🎉"), ("שלום", "ש")] {
        let refused = marie.post("/v1/people", json!({ "first_name": name, "birth_name": "Martin" })).await.status(422);
        let fault = &refused["errors"][0];
        assert_eq!((fault["pointer"].as_str(), fault["code"].as_str()), (Some("/first_name"), Some("unprintable")));
        assert!(fault["detail"].as_str().unwrap().contains(letter), "{fault}");
    }
    // Every letter of Europe that is written in Latin, composed or not, is a name like another.
    for name in ["Łukasz", "Ștefan", "Nguye\u{302}\u{303}n", "D’Hôtel-Œuvray", "Þóra"] {
        marie.post("/v1/people", json!({ "first_name": name, "birth_name": "Martin" })).await.status(201);
    }
    // What no paper prints is written as people speak.
    marie
        .post("/v1/people", json!({ "first_name": "Zoé", "birth_name": "Martin", "note": "Super 🎉" }))
        .await
        .status(201);
}
