//! What a caller must not send, wherever it stands: each is refused with its place, by every operation that takes a body.

use clairiere::platform::{lines, permission::Role};
use poem::{Request, http::Method};
use serde_json::{Value, json};

use super::published::{Operation, body_with, operations, resolve, sample};
use crate::support::{Answer, Caller, start};

const NOBODY: &str = "0199c0de-0000-7000-8000-0000000000ff";

/// Somebody of each kind: one of them may call any operation.
struct Everybody(Vec<Caller>);

impl Everybody {
    async fn new() -> Self {
        let app = start().await;
        let mut all = vec![app.trainer("Marie").await];
        for role in [Role::CoopAdmin, Role::CoopTraining, Role::CoopAccounting, Role::CoopQuality] {
            all.push(app.staff(role).await);
        }
        Self(all)
    }

    /// The answer of the first who is let in.
    async fn send(&self, operation: &Operation, body: &[u8]) -> Answer {
        let path: Vec<&str> =
            operation.path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part }).collect();
        let path = path.join("/");
        let mut last = None;
        for caller in &self.0 {
            let request = Request::builder()
                .method(operation.method.clone())
                .uri_str(&path)
                .header("Authorization", format!("Bearer {}", caller.key))
                .header("If-Match", "*")
                .content_type("application/json")
                .body(body.to_vec());
            let answer = caller.send(request, operation.name()).await;
            if answer.status != 403 {
                return answer;
            }
            last = Some(answer);
        }
        last.unwrap()
    }
}

fn with_body(contract: &Value) -> Vec<Operation> {
    operations(contract).into_iter().filter(|one| !one.is_open() && one.body().is_some()).collect()
}

/// The faults that an answer tells: place and code.
fn faults(answer: &Answer) -> Vec<(String, String, String)> {
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap_or_default().to_owned();
    let problem = answer.json();
    let all = problem["errors"].as_array().into_iter().flatten();
    all.map(|fault| (text(fault, "pointer"), text(fault, "code"), text(fault, "detail"))).collect()
}

#[tokio::test]
async fn an_unknown_member_is_refused_by_every_operation() {
    let (contract, everybody) = (clairiere::api::contract(), Everybody::new().await);
    let mut offenders = vec![];
    for operation in with_body(&contract) {
        let Some(schema) = operation.body() else { continue };
        let mut body = sample(&contract, schema);
        let Some(map) = body.as_object_mut() else { continue };
        map.insert("couleur".into(), json!("vert"));
        let answer = everybody.send(&operation, body.to_string().as_bytes()).await;
        if answer.status != 422 || !faults(&answer).iter().any(|(at, code, _)| at == "/couleur" && code == "unknown") {
            offenders.push(format!("{}: {} {}", operation.name(), answer.status, answer.json()));
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn a_member_that_is_there_twice_is_refused_by_every_operation() {
    let (contract, everybody) = (clairiere::api::contract(), Everybody::new().await);
    let (mut offenders, mut tried) = (vec![], 0);
    for operation in with_body(&contract) {
        let Some(schema) = operation.body() else { continue };
        let Some(name) = resolve(&contract, schema)["properties"].as_object().and_then(|all| all.keys().next()) else {
            continue;
        };
        let twice = format!("{{\"{name}\":null,\"{name}\":null}}");
        let answer = everybody.send(&operation, twice.as_bytes()).await;
        let pointer = format!("/{name}");
        tried += 1;
        if answer.status != 422 || !faults(&answer).iter().any(|(at, code, _)| *at == pointer && code == "duplicate") {
            offenders.push(format!("{}: {} {}", operation.name(), answer.status, answer.json()));
        }
    }
    assert!(tried > 100, "only {tried} bodies have members");
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

/// The lists of a body that have no limit.
fn endless(contract: &Value, schema: &Value, path: &str, depth: usize, found: &mut Vec<String>) {
    let schema = resolve(contract, schema);
    if depth > 8 {
        return;
    }
    if schema["type"] == "array" && schema["maxItems"].is_null() {
        found.push(path.to_owned());
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        for branch in schema[several].as_array().into_iter().flatten() {
            endless(contract, branch, path, depth + 1, found);
        }
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        endless(contract, member, &format!("{path}/{name}"), depth + 1, found);
    }
    if schema["items"].is_object() {
        endless(contract, &schema["items"], &format!("{path}/0"), depth + 1, found);
    }
}

#[test]
fn every_list_of_a_body_has_a_limit() {
    let contract = clairiere::api::contract();
    let mut found = vec![];
    for operation in with_body(&contract) {
        if let Some(schema) = operation.body() {
            endless(&contract, schema, &operation.name(), 0, &mut found);
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Where a body holds texts that have a limit, and the limits.
fn limited(contract: &Value, schema: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, u64)>) {
    let schema = resolve(contract, schema);
    if path.len() > 6 {
        return;
    }
    if let (Some(limit), true) = (schema["maxLength"].as_u64(), schema["pattern"].is_null()) {
        found.push((path.clone(), limit));
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        path.push(name.clone());
        limited(contract, member, path, found);
        path.pop();
    }
    if schema["items"].is_object() {
        path.push("0".into());
        limited(contract, &schema["items"], path, found);
        path.pop();
    }
}

#[tokio::test]
async fn a_text_over_its_limit_is_refused_with_the_limit() {
    let (contract, everybody) = (clairiere::api::contract(), Everybody::new().await);
    let (mut offenders, mut tried) = (vec![], 0);
    for operation in with_body(&contract) {
        let Some(schema) = operation.body() else { continue };
        let mut places = vec![];
        limited(&contract, schema, &mut vec![], &mut places);
        for (place, limit) in places {
            // The path names it: what the body says of it is written over.
            if place == ["external_id"] && operation.path.contains("by-external-id") {
                continue;
            }
            // A text that is nearly as long as a body may be is tried in letters of one byte.
            let letter = if limit > 100_000 { "e" } else { "é" };
            let text = letter.repeat(usize::try_from(limit).unwrap() + 1);
            let body = body_with(&contract, schema, &place, &json!(text));
            let answer = everybody.send(&operation, body.to_string().as_bytes()).await;
            let pointer = format!("/{}", place.join("/"));
            let said = faults(&answer).into_iter().find(|(at, code, _)| *at == pointer && code == "too_long");
            tried += 1;
            if answer.status != 422 || !said.is_some_and(|(_, _, detail)| detail.contains(&limit.to_string())) {
                offenders.push(format!(
                    "{} {pointer} ({limit}): {} {}",
                    operation.name(),
                    answer.status,
                    answer.json()
                ));
            }
        }
    }
    assert!(tried > 200, "only {tried} places have a limit");
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn no_text_turns_the_reading_or_commands_and_none_is_only_invisible() {
    let (contract, everybody) = (clairiere::api::contract(), Everybody::new().await);
    let (mut offenders, mut tried) = (vec![], 0);
    for operation in with_body(&contract) {
        let Some(schema) = operation.body() else { continue };
        let mut places = vec![];
        limited(&contract, schema, &mut vec![], &mut places);
        for (place, _) in places {
            if place.iter().any(|name| lines::OPAQUE.contains(&name.as_str())) {
                continue;
            }
            let pointer = format!("/{}", place.join("/"));
            for (text, expected) in
                [("Zo\u{202e}é", "direction"), ("Zo\u{7}é", "control"), ("\u{200b}\u{feff}", "blank")]
            {
                let body = body_with(&contract, schema, &place, &json!(text));
                let answer = everybody.send(&operation, body.to_string().as_bytes()).await;
                let told = faults(&answer).iter().any(|(at, code, _)| *at == pointer && code == expected);
                // A text of three characters at least is refused as such before it is as blank.
                let short = expected == "blank" && faults(&answer).iter().any(|(at, ..)| *at == pointer);
                tried += 1;
                if answer.status != 422 || !(told || short) {
                    let said = answer.json();
                    offenders.push(format!("{} {pointer} {expected}: {} {said}", operation.name(), answer.status));
                }
            }
        }
    }
    assert!(tried > 600, "only {tried} texts were tried");
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn a_body_of_another_shape_is_never_our_fault() {
    let (contract, everybody) = (clairiere::api::contract(), Everybody::new().await);
    let mut deep = vec![b'['; 100_000];
    deep.extend(vec![b']'; 100_000]);
    let bodies: [&[u8]; 9] = [
        b"",
        b"null",
        b"[]",
        b"\"texte\"",
        b"-1e400",
        b"{\"a\":1,\"a\":2}",
        b"\xff\xfe",
        b"{\"external_id\": {\"$ne\": null}}",
        &deep,
    ];
    let mut offenders = vec![];
    for operation in with_body(&contract) {
        for body in bodies {
            let answer = everybody.send(&operation, body).await;
            if answer.status >= 500 || answer.status < 300 && operation.method != Method::POST {
                let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
                offenders.push(format!("{} {shown}: {} {}", operation.name(), answer.status, answer.json()));
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}
