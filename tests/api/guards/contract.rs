//! The committed contract is the one that the code publishes, it is complete, and nothing leaves it in silence.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    published::{operations, resolve},
    snapshot::place,
};

const FILE: &str = "openapi/v1.json";

fn published() -> Value {
    clairiere::api::contract()
}

/// As `clairiere openapi` prints it.
fn printed(contract: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(contract).unwrap())
}

#[track_caller]
fn nothing(offenders: &[String], what: &str) {
    assert!(offenders.is_empty(), "{} {what}:\n{}", offenders.len(), offenders.join("\n"));
}

#[test]
fn the_committed_contract_is_current() {
    let text = printed(&published());
    let committed = std::fs::read_to_string(place(FILE)).unwrap_or_default();
    if text == committed {
        return;
    }
    let before: Value = serde_json::from_str(&committed).unwrap_or_default();
    let mode = std::env::var("UPDATE_CONTRACT").unwrap_or_default();
    let notes = std::fs::read_to_string(place("docs/API.md")).unwrap_or_default();
    let gone: Vec<String> = removed(&before, &published()).into_iter().filter(|name| !notes.contains(name)).collect();
    if mode == "1" {
        nothing(&gone, "left the contract without a line of docs/API.md that names them; give them one");
    }
    if mode == "1" || mode == "unreleased" {
        std::fs::create_dir_all(place("openapi")).unwrap();
        std::fs::write(place(FILE), text).unwrap();
        return;
    }
    let come = removed(&published(), &before);
    panic!(
        "{FILE} is not what the code publishes. New: {come:?}. Gone: {gone:?}. Run `UPDATE_CONTRACT=1 cargo test --test api guards::contract` (`unreleased` instead of 1 while no version is out), or `clairiere openapi`."
    );
}

/// What the first contract has and the second has not: operations, parameters, members, values of enums.
fn removed(before: &Value, after: &Value) -> Vec<String> {
    let now = names(after);
    names(before).into_iter().filter(|name| !now.contains(name)).collect()
}

fn names(contract: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for operation in contract["paths"].as_object().map(|_| operations(contract)).unwrap_or_default() {
        for parameter in operation.document["parameters"].as_array().into_iter().flatten() {
            found.insert(format!("{}?{}", operation.id, parameter["name"].as_str().unwrap_or_default()));
        }
        found.insert(operation.id);
    }
    for (name, schema) in contract["components"]["schemas"].as_object().into_iter().flatten() {
        for member in schema["properties"].as_object().into_iter().flatten().map(|(member, _)| member) {
            found.insert(format!("{name}.{member}"));
        }
        for value in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            found.insert(format!("{name}={value}"));
        }
    }
    found
}

#[test]
fn what_leaves_the_contract_is_seen() {
    let before = serde_json::json!({
        "paths": { "/v1/people": { "get": { "operationId": "list_people", "parameters": [{ "name": "q", "in": "query" }] } } },
        "components": { "schemas": { "Person": { "properties": { "email": {} } }, "Civility": { "enum": ["m", "mme"] } } }
    });
    let after = serde_json::json!({
        "paths": { "/v1/people": { "get": { "operationId": "list_people" } } },
        "components": { "schemas": { "Person": { "properties": {} }, "Civility": { "enum": ["m"] } } }
    });
    assert_eq!(removed(&before, &after), ["Civility=mme", "Person.email", "list_people?q"]);
    assert!(removed(&after, &before).is_empty());
}

#[test]
fn every_operation_has_a_name_and_a_sentence() {
    let contract = published();
    let mut seen = BTreeSet::new();
    let mut offenders = vec![];
    for operation in operations(&contract) {
        let well_named = operation.id.split('_').count() >= 2
            && operation.id.split('_').all(|word| !word.is_empty())
            && operation.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !well_named {
            offenders.push(format!("{}: the operationId is not verb_noun", operation.name()));
        }
        if !seen.insert(operation.id.clone()) {
            offenders.push(format!("{}: another operation has this operationId", operation.name()));
        }
        for member in ["summary", "description"] {
            if operation.document[member].as_str().is_none_or(|text| text.trim().is_empty()) {
                offenders.push(format!("{}: no {member}", operation.name()));
            }
        }
        if operation.document["tags"].as_array().is_none_or(Vec::is_empty) {
            offenders.push(format!("{}: no tag", operation.name()));
        }
    }
    nothing(&offenders, "faults in the operations");
}

#[test]
fn every_parameter_matches_its_path_and_is_described_with_an_example() {
    let contract = published();
    let mut offenders = vec![];
    for operation in operations(&contract) {
        let mut said = BTreeSet::new();
        for parameter in operation.document["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["in"] == "path" {
                said.insert(name.to_owned());
            }
            if parameter["description"].as_str().is_none_or(|text| text.trim().is_empty()) {
                offenders.push(format!("{}: parameter {name} has no description", operation.name()));
            }
            if !has_example(&contract, parameter) && !has_example(&contract, &parameter["schema"]) {
                offenders.push(format!("{}: parameter {name} has no example", operation.name()));
            }
        }
        let holes: BTreeSet<String> = operation
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}').map(str::to_owned))
            .collect();
        if holes != said {
            offenders.push(format!("{}: the path has {holes:?}, the parameters are {said:?}", operation.name()));
        }
    }
    nothing(&offenders, "faults in the parameters");
}

#[test]
fn every_member_is_described_and_every_leaf_has_an_example() {
    let contract = published();
    let mut offenders = vec![];
    for (name, schema) in contract["components"]["schemas"].as_object().unwrap() {
        if schema.get("enum").is_some() && !has_example(&contract, schema) {
            offenders.push(format!("{name}: no example"));
        }
        for (member, property) in schema["properties"].as_object().into_iter().flatten() {
            let described = |schema: &Value| schema["description"].as_str().is_some_and(|text| !text.trim().is_empty());
            if !described(property) && !described(resolve(&contract, property)) {
                offenders.push(format!("{name}.{member}: no description"));
            }
            if !has_example(&contract, property) {
                offenders.push(format!("{name}.{member}: no example; give one in src/api/examples.rs"));
            }
        }
    }
    nothing(&offenders, "faults in the members");
}

/// A leaf shows an example; what is made of other schemas shows it there.
fn has_example(contract: &Value, schema: &Value) -> bool {
    if schema.get("example").is_some() {
        return true;
    }
    let target = resolve(contract, schema);
    if target.get("example").is_some() {
        return true;
    }
    match target["type"].as_str() {
        Some("object") => true,
        Some("array") => target["items"].get("$ref").is_some() || has_example(contract, &target["items"]),
        None => ["allOf", "oneOf", "anyOf"].iter().any(|several| target.get(*several).is_some()),
        _ => false,
    }
}

#[test]
fn every_published_body_is_a_schema_that_can_be_checked() {
    let contract = published();
    let offenders: Vec<String> = operations(&contract)
        .iter()
        .filter_map(|operation| {
            let schema = operation.body()?;
            let compiled = clairiere::platform::contract::compile(schema, &contract["components"]["schemas"]);
            compiled.err().map(|error| format!("{}: {error}", operation.name()))
        })
        .collect();
    nothing(&offenders, "bodies have a schema that does not compile");
}

#[test]
fn the_examples_of_a_body_keep_to_its_schema() {
    let contract = published();
    let mut offenders = vec![];
    for (name, schema) in contract["components"]["schemas"].as_object().unwrap() {
        for (member, property) in schema["properties"].as_object().into_iter().flatten() {
            let Some(example) = property.get("example") else { continue };
            let mut alone = property.clone();
            alone.as_object_mut().unwrap().remove("example");
            match clairiere::platform::contract::compile(&alone, &contract["components"]["schemas"]) {
                Ok(checker) if checker.is_valid(example) => {}
                Ok(_) => offenders.push(format!("{name}.{member}: the example {example} breaks the schema")),
                Err(error) => offenders.push(format!("{name}.{member}: {error}")),
            }
        }
    }
    nothing(&offenders, "examples break their own schema");
}
