//! The published contract, as the guards walk through it.

use poem::http::Method;
use serde_json::{Map, Value, json};

/// One operation of the contract.
pub struct Operation {
    pub id: String,
    pub method: Method,
    pub path: String,
    pub document: Value,
}

/// Every operation, in the order of the document.
pub fn operations(contract: &Value) -> Vec<Operation> {
    let mut found = vec![];
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, document) in item.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let id = document["operationId"].as_str().unwrap_or_default().to_owned();
            found.push(Operation { id, method, path: path.clone(), document: document.clone() });
        }
    }
    found
}

impl Operation {
    /// For messages.
    pub fn name(&self) -> String {
        format!("{} {} ({})", self.method, self.path, self.id)
    }

    /// Whether no key is needed, as the document says.
    pub fn is_open(&self) -> bool {
        self.document.get("security").and_then(Value::as_array).is_none_or(Vec::is_empty)
    }

    /// Whether it reads what somebody teaches, in whichever activity: it is theirs to read.
    pub fn is_teaching(&self) -> bool {
        self.path.starts_with("/v1/teaching")
    }

    /// The parameters of one place (`path`, `query`).
    pub fn parameters(&self, place: &str) -> Vec<&Value> {
        self.document["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == place).collect()
    }

    /// The schema of the JSON body.
    pub fn body(&self) -> Option<&Value> {
        self.document["requestBody"]["content"].get("application/json").map(|media| &media["schema"])
    }
}

/// A schema, its reference followed.
pub fn resolve<'a>(contract: &'a Value, schema: &'a Value) -> &'a Value {
    let parts = schema["allOf"].as_array().or_else(|| schema["anyOf"].as_array()).map(Vec::as_slice);
    let target = schema["$ref"].as_str().or_else(|| match parts {
        Some([one]) => one["$ref"].as_str(),
        // A reference, or null.
        Some([one, null]) if null["enum"] == json!([null]) => one["$ref"].as_str(),
        _ => None,
    });
    match target.and_then(|path| path.rsplit('/').next()) {
        Some(name) => resolve(contract, &contract["components"]["schemas"][name]),
        None => schema,
    }
}

/// A value that a schema accepts, with what is required and nothing else.
pub fn sample(contract: &Value, schema: &Value) -> Value {
    let example = schema.get("example").cloned();
    let schema = resolve(contract, schema);
    if let Some(example) = example.or_else(|| schema.get("example").cloned()) {
        return example;
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
        return first.clone();
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(first) = schema[several].as_array().and_then(|all| all.first()) {
            return one_of_several(contract, schema, first);
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(map) = sample(contract, part) {
                whole.extend(map);
            }
        }
        return Value::Object(whole);
    }
    match schema["type"].as_str() {
        Some("object") => {
            let mut body = Map::new();
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                body.insert(name.to_owned(), sample(contract, &schema["properties"][name]));
            }
            Value::Object(body)
        }
        Some("array") => match schema["minItems"].as_u64() {
            Some(1..) => json!([sample(contract, &schema["items"])]),
            _ => json!([]),
        },
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(false),
        Some("string") => match schema["format"].as_str() {
            Some("uuid") => json!("0199c0de-0000-7000-8000-000000000001"),
            Some("date") => json!("2026-03-02"),
            Some("time") => json!("09:00:00"),
            Some("date-time") => json!("2026-03-02T08:00:00Z"),
            _ => json!("texte"),
        },
        _ => Value::Null,
    }
}

fn one_of_several(contract: &Value, schema: &Value, branch: &Value) -> Value {
    let mut body = sample(contract, branch);
    // A discriminated union names its branch.
    if let (Some(name), Some(mapping)) =
        (schema["discriminator"]["propertyName"].as_str(), schema["discriminator"]["mapping"].as_object())
        && let Some((value, _)) =
            mapping.iter().find(|(_, target)| Some(target.as_str()) == Some(branch["$ref"].as_str()))
    {
        body[name] = json!(value);
    }
    body
}

/// Where a body holds identifiers: pointers (`/booking/client_id`, `/trainers/0`) and the name of the nearest member.
pub fn id_places(contract: &Value, schema: &Value) -> Vec<(Vec<String>, String)> {
    let mut found = vec![];
    walk(contract, schema, &mut vec![], "", &mut found, 0);
    found
}

fn walk(
    contract: &Value,
    schema: &Value,
    path: &mut Vec<String>,
    name: &str,
    found: &mut Vec<(Vec<String>, String)>,
    depth: usize,
) {
    let schema = resolve(contract, schema);
    if depth > 8 {
        return;
    }
    if schema["format"] == "uuid" {
        found.push((path.clone(), name.to_owned()));
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        for branch in schema[several].as_array().into_iter().flatten() {
            walk(contract, branch, path, name, found, depth + 1);
        }
    }
    for (member, property) in schema["properties"].as_object().into_iter().flatten() {
        path.push(member.clone());
        walk(contract, property, path, member, found, depth + 1);
        path.pop();
    }
    if schema["items"].is_object() {
        path.push("0".into());
        walk(contract, &schema["items"], path, name, found, depth + 1);
        path.pop();
    }
}

/// The smallest body that holds a value at a place: what is required, and the way to the place.
pub fn body_with(contract: &Value, schema: &Value, path: &[String], value: &Value) -> Value {
    let [first, rest @ ..] = path else { return value.clone() };
    let resolved = resolve(contract, schema);
    for several in ["oneOf", "anyOf", "allOf"] {
        for branch in resolved[several].as_array().into_iter().flatten() {
            let inner = resolve(contract, branch);
            if inner["properties"].get(first).is_some() || (first == "0" && inner["items"].is_object()) {
                let mut body = one_of_several(contract, resolved, branch);
                if let (Value::Object(body), Value::Object(more)) =
                    (&mut body, body_with(contract, branch, path, value))
                {
                    body.extend(more);
                }
                return body;
            }
        }
    }
    if first == "0" {
        return json!([body_with(contract, &resolved["items"], rest, value)]);
    }
    let mut body = sample(contract, schema);
    if !body.is_object() {
        body = json!({});
    }
    body[first] = body_with(contract, &resolved["properties"][first], rest, value);
    body
}

#[test]
fn a_sample_holds_what_is_required_and_the_way_to_a_place() {
    let contract = json!({ "components": { "schemas": {
        "New": { "type": "object", "required": ["name"], "properties": {
            "name": { "type": "string", "example": "Zoé" },
            "seats": { "type": "array", "items": { "$ref": "#/components/schemas/Seat" } }
        } },
        "Seat": { "type": "object", "required": ["row"], "properties": {
            "row": { "type": "integer", "minimum": 3 }, "person_id": { "type": "string", "format": "uuid" }
        } }
    } } });
    let schema = json!({ "$ref": "#/components/schemas/New" });
    assert_eq!(sample(&contract, &schema), json!({ "name": "Zoé" }));
    let places = id_places(&contract, &schema);
    assert_eq!(places, [(vec!["seats".into(), "0".into(), "person_id".into()], "person_id".into())]);
    let body = body_with(&contract, &schema, &places[0].0, &json!("x"));
    assert_eq!(body, json!({ "name": "Zoé", "seats": [{ "row": 3, "person_id": "x" }] }));
}
