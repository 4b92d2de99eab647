//! The finishing step of the contract: what poem-openapi cannot say is written here, once, for every operation.

use serde_json::{Map, Value, json};

use super::examples;

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// From the generated document to the published one.
pub fn finish(generated: &str) -> Value {
    let mut document: Value = serde_json::from_str(generated).expect("poem-openapi writes JSON");
    document["openapi"] = json!("3.0.3");
    document["info"] = json!({
        "title": "Clairière",
        "version": "1",
        "summary": null,
        "description": "Back office of a training activity carried by a worker cooperative: from the first call to the funder's file.\n\nInstants are RFC 3339 in UTC, days ISO 8601 in Europe/Paris, money integer cents of euro, durations minutes, identifiers UUIDv7. Errors are RFC 9457 problems with a stable `code`; `detail` is French by default and English by `Accept-Language`. See `docs/API.md`.",
        "license": { "name": "AGPL-3.0-or-later", "url": "https://www.gnu.org/licenses/agpl-3.0.html" },
    });
    if let Some(info) = document["info"].as_object_mut() {
        info.remove("summary");
    }
    document["servers"] = json!([{ "url": "/", "description": "This server" }]);
    clean(&mut document);
    let mut inputs = vec![];
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                finish_operation(path, method, operation);
                collect_refs(&operation["requestBody"], &mut inputs);
            }
        }
    }
    let schemas = document["components"]["schemas"].clone();
    let mut index = 0;
    while index < inputs.len() {
        let name = inputs[index].clone();
        let mut found = vec![];
        collect_refs(&schemas[&name], &mut found);
        inputs.extend(found.into_iter().filter(|name| !inputs.contains(name)).collect::<Vec<_>>());
        index += 1;
    }
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        finish_schema(name, schema, inputs.contains(name));
    }
    document
}

fn collect_refs(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(name) = map.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next())
                && !found.iter().any(|known| known == name)
            {
                found.push(name.to_owned());
            }
            map.values().for_each(|inner| collect_refs(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_refs(inner, found)),
        _ => {}
    }
}

/// Formats, content types and shapes that generators of clients stumble on.
fn clean(value: &mut Value) {
    match value {
        Value::Object(map) => {
            match map.get("format").and_then(Value::as_str) {
                Some("naive-date") => map.insert("format".into(), json!("date")),
                Some("naive-time") => map.insert("format".into(), json!("time")),
                Some("uint16" | "uint32") => {
                    map.entry("minimum").or_insert(json!(0));
                    map.insert("format".into(), json!("int32"))
                }
                Some("uint64") => {
                    map.entry("minimum").or_insert(json!(0));
                    map.insert("format".into(), json!("int64"))
                }
                _ => None,
            };
            for bound in ["minimum", "maximum"] {
                if let Some(number) = map.get(bound).and_then(Value::as_f64)
                    && number.fract() == 0.0
                {
                    map.insert(bound.into(), json!(number as i64));
                }
            }
            // `allOf: [reference, {default}]` makes some generators drop the whole operation.
            if let Some(Value::Array(parts)) = map.get_mut("allOf")
                && parts.first().is_some_and(|part| part.get("$ref").is_some())
                && parts.iter().skip(1).all(|part| part.get("$ref").is_none() && part.get("properties").is_none())
            {
                parts.truncate(1);
            }
            if let Some(json) = map.remove("application/json; charset=utf-8") {
                map.insert("application/json".into(), json);
            }
            map.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

fn finish_operation(path: &str, method: &str, operation: &mut Value) {
    if operation["description"].as_str().is_none_or(str::is_empty) {
        let summary = operation["summary"].clone();
        operation["description"] = summary;
    }
    let writes = method != "get";
    let has_body = operation.get("requestBody").is_some();
    let public = operation.get("security").is_none();
    if public {
        operation["security"] = json!([]);
    }
    let has_parameters = path.contains('{') || operation.get("parameters").is_some();
    let list = is_list(operation);
    let headers = &operation["responses"]["200"]["headers"];
    let file = headers.get("ACCEPT-RANGES").or_else(|| headers.get("Accept-Ranges")).is_some();
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.retain(|status, _| match status.as_str() {
            "400" => writes || has_parameters,
            "401" | "403" => !public,
            "404" => path.contains('{') || has_body || list,
            "409" => true,
            "412" | "428" => method == "patch" || method == "put",
            "408" | "413" | "415" => has_body,
            "429" => !public,
            "422" => writes || has_parameters || list,
            "405" => false,
            "503" => path != "/healthz",
            _ => true,
        });
        for (status, response) in responses.iter_mut() {
            if response["description"].as_str().is_none_or(str::is_empty) {
                response["description"] = json!(describe(status));
            }
        }
        if method == "get"
            && responses
                .get("200")
                .is_some_and(|found| found["headers"].get("ETAG").is_some() || found["headers"].get("ETag").is_some())
        {
            responses.insert("304".into(), json!({ "description": "Unchanged since the ETag of `If-None-Match`" }));
        }
        for status in ["429", "503"] {
            if let Some(response) = responses.get_mut(status) {
                response["headers"]["Retry-After"] = retry_after();
            }
        }
        rename_headers(responses);
        if file {
            in_parts(responses);
        }
    }
    let mut parameters = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    for parameter in &mut parameters {
        describe_parameter(parameter);
    }
    if list {
        parameters.extend(list_parameters());
    }
    if method == "post" {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Repeat a request safely: the same key and body are carried out once, for seven days; the answer of a repetition has `Idempotent-Replayed: true`.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" }, "example": "2026-03-02-client-42"
        }));
    }
    if file {
        parameters.extend(range_parameters());
    }
    if method == "patch" {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true,
            "description": "The ETag of the version that was read; 412 when the resource changed since.",
            "schema": { "type": "string" }, "example": "\"3\""
        }));
    }
    if !parameters.is_empty() {
        operation["parameters"] = json!(parameters);
    }
}

fn retry_after() -> Value {
    json!({ "description": "After how many seconds the same request may be tried again.", "required": true,
            "schema": { "type": "integer", "format": "int32", "minimum": 1 }, "example": 1 })
}

/// What a file adds when a part of it is asked for.
fn in_parts(responses: &mut Map<String, Value>) {
    let mut part = responses.get("200").cloned().unwrap_or_default();
    let range = |description: &str| json!({ "description": description, "required": true, "schema": { "type": "string" }, "example": "bytes 0-1023/48213" });
    part["description"] = json!("The part that was asked for");
    part["headers"]["Content-Range"] = range("Which bytes these are, and of how many.");
    responses.insert("206".into(), part);
    let mut beyond = responses.get("404").cloned().unwrap_or_default();
    beyond["description"] = json!("The part that was asked for begins after the end of the file");
    beyond["headers"]["Content-Range"] = range("How many bytes there are: `bytes */48213`.");
    responses.insert("416".into(), beyond);
}

fn range_parameters() -> [Value; 2] {
    let header = |name: &str, description: &str, example: &str| {
        json!({ "name": name, "in": "header", "required": false, "description": description,
                "schema": { "type": "string" }, "example": example })
    };
    [
        header("Range", "The part to send: one range of bytes; several are answered by the whole.", "bytes=0-1023"),
        header(
            "If-Range",
            "The ETag of the file of which a part is there already: another file is sent whole.",
            "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
        ),
    ]
}

fn is_list(operation: &Value) -> bool {
    operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .is_some_and(|name| name.contains("/Page_"))
}

fn describe(status: &str) -> &'static str {
    match status {
        "200" => "Done",
        "201" => "Made",
        "204" => "Done; there is nothing to show",
        _ => "See the problem's code",
    }
}

fn rename_headers(responses: &mut Map<String, Value>) {
    for response in responses.values_mut() {
        let Some(headers) = response.get_mut("headers").and_then(Value::as_object_mut) else { continue };
        for (from, to) in [
            ("ETAG", "ETag"),
            ("LOCATION", "Location"),
            ("CONTENT-DISPOSITION", "Content-Disposition"),
            ("ACCEPT-RANGES", "Accept-Ranges"),
        ] {
            if let Some(header) = headers.remove(from) {
                headers.insert(to.into(), header);
            }
        }
    }
}

fn describe_parameter(parameter: &mut Value) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    if parameter["description"].as_str().is_none_or(str::is_empty) {
        let words = match name.as_str() {
            "id" => "Identifier of the resource.".to_owned(),
            "external_id" => "Your own name for the row, unique in the activity.".to_owned(),
            other => format!("The {} to keep.", other.trim_end_matches("_id").replace('_', " ")),
        };
        parameter["description"] = json!(words);
    }
    if parameter.get("example").is_none()
        && parameter["schema"]["type"] == "string"
        && parameter["schema"].get("enum").is_none()
    {
        let example = match parameter["schema"]["format"].as_str() {
            Some("uuid") => Some(json!("0199c0de-0000-7000-8000-000000000001")),
            Some("date") => Some(json!("2026-03-02")),
            _ if parameter["in"] == "path" && name == "code" => examples::of("", "verification_code"),
            _ => examples::of("", &name),
        };
        if let Some(example) = example {
            parameter["example"] = example;
        }
    }
}

fn list_parameters() -> Vec<Value> {
    let query = |name: &str, description: &str, schema: Value, example: Value| json!({ "name": name, "in": "query", "required": false, "description": description, "schema": schema, "example": example });
    vec![
        query(
            "limit",
            "Rows per page.",
            json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
            json!(50),
        ),
        query(
            "after",
            "The `next` of the previous page.",
            json!({ "type": "string" }),
            json!("0199c0de-0000-7000-8000-000000000001"),
        ),
        query(
            "q",
            "Words to search; accents and case do not count.",
            json!({ "type": "string", "maxLength": 200 }),
            json!("durand"),
        ),
        query(
            "updated_after",
            "Only what changed after this sequence number of the activity (the `seq` of a row), in the order of changes.",
            json!({ "type": "integer", "format": "int64", "minimum": 0 }),
            json!(0),
        ),
        query(
            "activity_id",
            "Only this activity.",
            json!({ "type": "string", "format": "uuid" }),
            json!("0199c0de-0000-7000-8000-000000000001"),
        ),
        query(
            "external_id",
            "Only the row that you call by this name.",
            json!({ "type": "string", "maxLength": 100 }),
            json!("crm-0042"),
        ),
    ]
}

fn finish_schema(name: &str, schema: &mut Value, input: bool) {
    if input && schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema["additionalProperties"] = json!(false);
    }
    let required: Vec<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|field| field.as_str().map(str::to_owned))
        .collect();
    // A patch is published under its own name: a title borrowed from the whole would name two classes of a client alike.
    if let Some(map) = schema.as_object_mut() {
        map.remove("title");
    }
    if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()).cloned()
        && schema.get("example").is_none()
    {
        schema["example"] = first;
    }
    for (field, property) in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let optional = !required.contains(field);
        if optional {
            or_null(property);
        }
        if property.get("$ref").is_some() {
            continue;
        }
        if optional && property.get("type").is_some() {
            property["nullable"] = json!(true);
            if let Some(options) = property.get_mut("enum").and_then(Value::as_array_mut) {
                options.push(Value::Null);
            }
        }
        if property.get("example").is_none()
            && let Some(example) = example_of(name, field, property)
        {
            property["example"] = example;
        }
    }
}

/// What is optional may be null: absent and null are the same. A reference cannot say so itself; every generator
/// understands a second branch that holds null alone.
fn or_null(property: &mut Value) {
    let reference = match property["allOf"].as_array().map(Vec::as_slice) {
        Some([one]) if one.get("$ref").is_some() => Some(one.clone()),
        _ => property.get("$ref").map(|target| json!({ "$ref": target })),
    };
    if let (Some(reference), Some(map)) = (reference, property.as_object_mut()) {
        map.remove("$ref");
        map.remove("allOf");
        // A default that is an object fits neither branch alone.
        if map.get("default").is_some_and(|default| !default.is_string()) {
            map.remove("default");
        }
        map.insert("anyOf".into(), json!([reference, { "type": "string", "nullable": true, "enum": [null] }]));
    }
}

fn example_of(schema: &str, field: &str, property: &Value) -> Option<Value> {
    if property.get("enum").is_some() {
        return None;
    }
    let Some(kind) = property["type"].as_str() else {
        // Whatever a feature wrote: its shape is told by the description.
        let free = ["allOf", "anyOf", "oneOf", "$ref"].iter().all(|member| property.get(member).is_none());
        return free.then(|| json!({}));
    };
    match (kind, property["format"].as_str()) {
        ("string", Some("uuid")) => Some(json!("0199c0de-0000-7000-8000-000000000001")),
        ("string", Some("date")) => Some(json!("2026-03-02")),
        ("string", Some("time")) => Some(json!("09:00:00")),
        ("string", Some("date-time")) => Some(json!("2026-03-02T08:00:00Z")),
        ("string", _) => examples::of(schema, field),
        ("integer", _) if field.ends_with("_cents") => Some(json!(125_000)),
        ("integer", _) if field == "signing_opens_minutes" => Some(json!(15)),
        ("integer", _) if field.ends_with("minutes") => Some(json!(210)),
        ("integer" | "number", _) => Some(property.get("minimum").cloned().unwrap_or(json!(1))),
        ("boolean", _) => Some(json!(false)),
        ("array", _) if property["items"]["type"] == "string" && property["items"].get("enum").is_none() => {
            match property["items"]["format"].as_str() {
                Some("uuid") => Some(json!(["0199c0de-0000-7000-8000-000000000001"])),
                Some("date") => Some(json!(["2026-03-02", "2026-03-23"])),
                _ => examples::of(schema, field).map(|one| json!([one])),
            }
        }
        // Whatever a feature wrote: its shape is told by the description.
        ("object", _) if property.get("properties").is_none() => Some(json!({})),
        _ => None,
    }
}
