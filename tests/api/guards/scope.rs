//! Two activities, the same story, one trainer in both: a key of the one learns nothing of the other.
//!
//! Every identifier that the second activity knows is put into every place where the contract takes an identifier. The
//! answer must be the one that a made-up identifier gets: a path answers 404, a body never succeeds, and nothing tells a
//! foreign row from one that does not exist.

use std::collections::{BTreeMap, BTreeSet};

use clairiere::platform::permission::Role;
use poem::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    published::{Operation, body_with, id_places, operations, resolve, sample},
    snapshot,
    story::Teller,
};
use crate::support::{Answer, Caller, TestApp, start};

/// Identifiers by the name under which they are met: `client_id`, or `client` for those of a list.
type Known = BTreeMap<String, BTreeSet<String>>;

/// A trainer of two activities, with a key for each, and the same story told in both.
struct Two {
    _app: TestApp,
    contract: Value,
    /// The caller, with a key of the first activity only.
    here: Caller,
    /// What the first activity knows.
    own: Known,
    /// What the second activity knows and the first does not.
    foreign: Known,
}

async fn two() -> Two {
    let app = start().await;
    let (first, second) = (app.activity("Clairière").await, app.activity("Futaie").await);
    let marie = app.user("Marie", Role::Trainer, &[first, second]).await;
    let mut keys = vec![];
    for activity in [first, second] {
        keys.push(Caller { key: app.narrow_key(&marie, None, Some(vec![activity])).await, ..marie.clone() });
    }
    let cooperative = app.cooperative().await;
    Teller { app: &app, cooperative: &cooperative, trainer: &keys[0], month: 3, mark: "Aubépine" }.begin().await;
    for (trainer, month, mark) in [(&keys[0], 4, "Aubépine"), (&keys[1], 5, "Zanzibar")] {
        Teller { app: &app, cooperative: &cooperative, trainer, month, mark }.tell().await;
    }
    let contract = clairiere::api::contract();
    let own = everything(&contract, &keys[0]).await;
    let there = everything(&contract, &keys[1]).await;
    let shared: BTreeSet<&String> = own.values().flatten().collect();
    let foreign = there
        .iter()
        .map(|(name, ids)| (name.clone(), ids.iter().filter(|id| !shared.contains(id)).cloned().collect()))
        .filter(|(_, ids): &(String, BTreeSet<String>)| !ids.is_empty())
        .collect();
    Two { here: keys[0].clone(), own, foreign, contract, _app: app }
}

/// Whatever a key can read: lists first, then what hangs on the rows found, until nothing new comes.
async fn everything(contract: &Value, caller: &Caller) -> Known {
    let mut known = Known::new();
    let reads = operations(contract).into_iter().filter(|one| one.method == Method::GET && !one.is_teaching());
    let reads: Vec<Operation> = reads.collect();
    let mut asked = BTreeSet::new();
    loop {
        let before: usize = known.values().map(BTreeSet::len).sum();
        for operation in &reads {
            for path in paths_of(operation, &known) {
                if asked.insert(path.clone()) {
                    let answer = caller.get(&path).await;
                    if answer.status == 200 {
                        note(&answer.json(), &kind_of(&operation.path), &mut known);
                    }
                }
            }
        }
        if known.values().map(BTreeSet::len).sum::<usize>() == before {
            return known;
        }
    }
}

/// The paths of an operation, for the identifiers that are known for its hole; none when it asks for something else.
fn paths_of(operation: &Operation, known: &Known) -> Vec<String> {
    match operation.path.matches('{').count() {
        0 => vec![operation.path.clone()],
        1 if operation.path.contains("{id}") => {
            let kind = hole_kind(&operation.path);
            let ids = known.get(&kind).into_iter().flatten();
            ids.take(8).map(|id| operation.path.replace("{id}", id)).collect()
        }
        _ => vec![],
    }
}

/// `/v1/sessions/{id}/slots` asks for a `session`.
fn hole_kind(path: &str) -> String {
    let before = path.split("/{").next().unwrap_or(path);
    singular(before.rsplit('/').next().unwrap_or_default())
}

/// What a list at this path shows: `/v1/sessions/{id}/slots` shows `slot`.
fn kind_of(path: &str) -> String {
    let last = path.split('/').rfind(|part| !part.starts_with('{')).unwrap_or_default();
    singular(last)
}

fn singular(plural: &str) -> String {
    let plural = plural.replace('-', "_");
    match plural.as_str() {
        "people" => "person".into(),
        "activities" => "activity".into(),
        "analyses" | "needs_analyses" => plural.replace("yses", "ysis"),
        other => other
            .strip_suffix("ies")
            .map(|stem| format!("{stem}y"))
            .or_else(|| other.strip_suffix("ches").map(|stem| format!("{stem}ch")))
            .or_else(|| other.strip_suffix('s').map(str::to_owned))
            .unwrap_or_else(|| other.to_owned()),
    }
}

/// Identifiers of an answer, by the names of their members.
fn note(value: &Value, kind: &str, known: &mut Known) {
    match value {
        Value::Object(map) => {
            for (name, member) in map {
                let (name, kind) = match name.as_str() {
                    "id" => (kind.to_owned(), kind.to_owned()),
                    "items" => (kind.to_owned(), kind.to_owned()),
                    other => {
                        let name = other.strip_suffix("_ids").or_else(|| other.strip_suffix("_id")).unwrap_or(other);
                        (name.to_owned(), singular(name))
                    }
                };
                match member {
                    Value::String(text) => {
                        if Uuid::parse_str(text).is_ok() {
                            known.entry(name).or_default().insert(text.clone());
                        }
                    }
                    other => note(other, &kind, known),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::String(text) if Uuid::parse_str(text).is_ok() => {
                        known.entry(kind.to_owned()).or_default().insert(text.clone());
                    }
                    other => note(other, kind, known),
                }
            }
        }
        _ => {}
    }
}

/// Identifiers for a place of that name: those of its kind, of a kind that ends the same, or any.
fn ids_for(name: &str, known: &Known, at_most: usize) -> Vec<String> {
    let kind = singular(name.strip_suffix("_ids").or_else(|| name.strip_suffix("_id")).unwrap_or(name));
    let exact = known.get(&kind).cloned().unwrap_or_default();
    let tail = kind.rsplit('_').next().unwrap_or_default();
    let near = known.iter().filter(|(other, _)| other.ends_with(tail)).flat_map(|(_, ids)| ids.iter().cloned());
    let all = known.values().flatten().cloned();
    let mut found = vec![];
    for id in exact.into_iter().chain(near).chain(all) {
        if !found.contains(&id) {
            found.push(id);
        }
        if found.len() == at_most {
            break;
        }
    }
    found
}

const NOBODY: &str = "0199c0de-0000-7000-8000-0000000000ff";

async fn send(caller: &Caller, operation: &Operation, path: &str, body: Option<Value>) -> Answer {
    let headers: &[(&str, &str)] = if operation.method == Method::GET { &[] } else { &[("If-Match", "*")] };
    caller.call(operation.method.clone(), path, body, headers).await
}

/// An answer without what differs each time.
fn told(answer: &Answer, id: &str) -> String {
    let mut body = answer.json();
    if let Some(map) = body.as_object_mut() {
        map.remove("request_id");
    }
    format!("{} {}", answer.status, body.to_string().replace(id, "ID"))
}

impl Two {
    fn foreign_ids(&self) -> BTreeSet<&String> {
        self.foreign.values().flatten().collect()
    }

    /// A body with this activity's own identifiers wherever one is wanted.
    fn body(&self, schema: &Value) -> Value {
        let mut body = sample(&self.contract, schema);
        self.own_ids(schema, &mut body);
        body
    }

    fn own_ids(&self, schema: &Value, body: &mut Value) {
        for (path, name) in id_places(&self.contract, schema) {
            let pointer = format!("/{}", path.join("/"));
            if let Some(place) = body.pointer_mut(&pointer)
                && let Some(own) = ids_for(&name, &self.own, 1).first()
            {
                *place = json!(own);
            }
        }
    }
}

/// Holes of paths whose rows are the organisation's, or are asked for by the cooperative alone.
const SHARED: &[&str] = &[
    "bank_account",
    "declaration",
    "identity",
    "job",
    "legal_identity",
    "quality_certificate",
    "referent",
    "signatory",
    "signature_batch",
    "text",
    "user",
    "vat_attestation",
];

#[tokio::test]
async fn the_story_tells_of_every_kind_of_row_that_a_path_names() {
    let two = two().await;
    let mut untold: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for operation in operations(&two.contract) {
        let kind = hole_kind(&operation.path);
        let told = two.foreign.contains_key(&kind) || SHARED.contains(&kind.as_str());
        if operation.path.contains("{id}") && !operation.is_open() && !told {
            untold.entry(kind).or_default().push(operation.name());
        }
    }
    let untold: Vec<String> = untold.into_iter().map(|(kind, names)| format!("{kind}: {}", names.join(", "))).collect();
    assert!(untold.is_empty(), "tests/api/guards/story.rs makes none of these:\n{}", untold.join("\n"));
}

#[tokio::test]
async fn a_foreign_identifier_in_a_path_is_missing() {
    let two = two().await;
    assert!(two.foreign.len() > 1, "the story told nothing: {:?}", two.foreign);
    let mut offenders = vec![];
    for operation in operations(&two.contract) {
        if operation.is_open() || operation.is_teaching() || !operation.path.contains("{id}") {
            continue;
        }
        let kind = hole_kind(&operation.path);
        let body = operation.body().map(|schema| two.body(schema));
        let exact = two.foreign.get(&kind).map_or(0, BTreeSet::len);
        for id in ids_for(&kind, &two.foreign, exact.clamp(2, 4)) {
            let fill = |id: &str| {
                operation
                    .path
                    .replacen("{id}", id, 1)
                    .replace("{id}", id)
                    .split('/')
                    .map(|part| if part.starts_with('{') { id.to_owned() } else { part.to_owned() })
                    .collect::<Vec<_>>()
                    .join("/")
            };
            let answer = send(&two.here, &operation, &fill(&id), body.clone()).await;
            let unknown = send(&two.here, &operation, &fill(NOBODY), body.clone()).await;
            let (answer_told, unknown_told) = (told(&answer, &id), told(&unknown, NOBODY));
            // What the body lacks may be said first, as long as a row that does not exist gets the same words.
            let missing = answer.status == 404
                || (answer.status == 422 && operation.method != Method::GET)
                || answer.status == 415
                || answer.status == 403;
            if !missing || answer_told != unknown_told {
                offenders.push(format!(
                    "{} with a foreign {kind}: {answer_told}, but {unknown_told} for nobody's",
                    operation.name()
                ));
                break;
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn a_foreign_identifier_in_a_query_is_missing() {
    let two = two().await;
    let mut offenders = vec![];
    for operation in operations(&two.contract) {
        if operation.is_open() || operation.method != Method::GET {
            continue;
        }
        for path in paths_of(&operation, &two.own) {
            for parameter in operation.parameters("query") {
                let schema = resolve(&two.contract, &parameter["schema"]);
                let item = resolve(&two.contract, &schema["items"]);
                if schema["format"] != "uuid" && item["format"] != "uuid" {
                    continue;
                }
                let name = parameter["name"].as_str().unwrap();
                for id in ids_for(name, &two.foreign, 2) {
                    let answer = two.here.get(&format!("{path}?{name}={id}")).await;
                    let unknown = two.here.get(&format!("{path}?{name}={NOBODY}")).await;
                    // What the audit tells of may be gone, what a link opens is of any kind: nobody's has no row, and that
                    // is no fault.
                    let free = matches!(name, "subject_id" | "object_id");
                    let right = matches!(answer.status, 403 | 404) || (free && answer.json()["items"] == json!([]));
                    if told(&answer, &id) != told(&unknown, NOBODY) || !right {
                        offenders.push(format!(
                            "{}?{name}: {} for a foreign one, {} for nobody's",
                            operation.name(),
                            told(&answer, &id),
                            told(&unknown, NOBODY)
                        ));
                    }
                }
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn a_foreign_identifier_in_a_body_is_missing() {
    let two = two().await;
    let mut offenders = vec![];
    let mut table = String::new();
    for operation in operations(&two.contract) {
        let Some(schema) = operation.body().filter(|_| !operation.is_open()) else { continue };
        let path = match paths_of(&operation, &two.own).into_iter().next() {
            Some(path) => path,
            None => operation
                .path
                .split('/')
                .map(|part| if part.starts_with('{') { "nobodys" } else { part })
                .collect::<Vec<_>>()
                .join("/"),
        };
        for (place, name) in id_places(&two.contract, schema) {
            let pointer = format!("/{}", place.join("/"));
            let id = ids_for(&name, &two.foreign, 1).remove(0);
            let with = |id: &str| {
                let mut body = body_with(&two.contract, schema, &place, &json!(id));
                two.own_ids(schema, &mut body);
                if let Some(there) = body.pointer_mut(&pointer) {
                    *there = json!(id);
                }
                body
            };
            // Nobody's identifier first: should it be accepted, the state that it leaves is the one that both meet.
            let unknown = send(&two.here, &operation, &path, Some(with(NOBODY))).await;
            let answer = send(&two.here, &operation, &path, Some(with(&id))).await;
            let (answer_told, unknown_told) = (told(&answer, &id), told(&unknown, NOBODY));
            if answer.status < 300 || answer.status >= 500 || answer_told != unknown_told {
                offenders
                    .push(format!("{} {pointer}: {answer_told}, but {unknown_told} for nobody's", operation.name()));
            }
            table.push_str(&format!("{:<44} {pointer:<40} {}\n", operation.id, answer.status));
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
    snapshot::check("foreign_ids.txt", &table);
}

#[tokio::test]
async fn nothing_that_is_read_names_the_other_activity() {
    let two = two().await;
    let foreign = two.foreign_ids();
    let mut offenders = vec![];
    for operation in operations(&two.contract) {
        if operation.is_open() || operation.method != Method::GET {
            continue;
        }
        // What somebody teaches elsewhere is theirs to read: a story of `sessions` says how little of it.
        if operation.is_teaching() {
            continue;
        }
        for path in paths_of(&operation, &two.own) {
            let answer = two.here.get(&path).await;
            let text = String::from_utf8_lossy(&answer.bytes);
            if answer.status >= 500 {
                offenders.push(format!("{path}: {}", answer.status));
            }
            if text.contains("Zanzibar") || text.contains("zanzibar") {
                offenders.push(format!("{path} names what belongs to the other activity"));
            }
            if let Some(id) = foreign.iter().find(|id| text.contains(id.as_str())) {
                let kinds: Vec<&String> =
                    two.foreign.iter().filter(|(_, ids)| ids.contains(*id)).map(|(kind, _)| kind).collect();
                offenders.push(format!("{path} shows {id}, a {kinds:?} of the other activity"));
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}
