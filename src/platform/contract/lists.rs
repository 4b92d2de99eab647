//! The lists of a body that breaks its schema: those that are too long are told before their items are looked at, and long
//! ones are looked at item by item, so that a million faults are never made to tell a hundred.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jsonschema::Validator;
use serde_json::Value;

use super::super::error::Fault;

/// Items of a list that are judged together.
const LONG: usize = 50;
/// How far references and branches are followed at one place.
const FURTHEST: usize = 16;

/// What a walk through a body beside its schema found.
#[derive(Default)]
pub struct Lists<'s> {
    /// Lists with more items than they may have.
    pub too_long: Vec<Fault>,
    /// Lists with many items: where, and the schema of an item.
    pub long: Vec<(String, &'s Value)>,
}

/// Walk through a body beside its schema.
pub fn lists<'s>(whole: &'s Value, body: &Value) -> Lists<'s> {
    let mut found = Lists::default();
    walk(whole, whole, body, "", 0, &mut found);
    found
}

fn walk<'s>(whole: &'s Value, schema: &'s Value, value: &Value, at: &str, far: usize, found: &mut Lists<'s>) {
    if far > FURTHEST || !(value.is_array() || value.is_object()) {
        return;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|path| whole.pointer(path.get(1..)?)) {
        walk(whole, target, value, at, far + 1, found);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        walk(whole, part, value, at, far + 1, found);
    }
    for several in ["anyOf", "oneOf"] {
        // The branch that suits the value best speaks for it.
        let branches = schema.get(several).and_then(Value::as_array).into_iter().flatten();
        let best = branches
            .map(|branch| {
                let mut inside = Lists::default();
                walk(whole, branch, value, at, far + 1, &mut inside);
                inside
            })
            .filter(|inside| !inside.too_long.is_empty() || !inside.long.is_empty())
            .min_by_key(|inside| inside.too_long.len());
        if let Some(best) = best {
            found.too_long.extend(best.too_long);
            found.long.extend(best.long);
        }
    }
    match value {
        Value::Array(items) => {
            let most = schema.get("maxItems").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
            if let Some(most) = most.filter(|most| items.len() > *most) {
                found.too_long.push(too_many(at, most));
                return;
            }
            let Some(item) = schema.get("items").filter(|item| item.is_object()) else { return };
            if items.len() > LONG {
                found.long.push((at.to_owned(), item));
            } else {
                for (index, inner) in items.iter().enumerate() {
                    walk(whole, item, inner, &format!("{at}/{index}"), 0, found);
                }
            }
        }
        Value::Object(members) => {
            let declared = schema.get("properties").and_then(Value::as_object);
            for (name, inner) in members {
                if let Some(property) = declared.and_then(|all| all.get(name)) {
                    walk(whole, property, inner, &format!("{at}/{name}"), 0, found);
                }
            }
        }
        _ => {}
    }
}

/// There are more items than there may be.
pub fn too_many(at: &str, most: usize) -> Fault {
    Fault::new(at, "too_many", format!("Au plus {most} élément(s)."), format!("At most {most} item(s)."))
}

/// The validators of single items, made when a long list of them is wrong for the first time.
#[derive(Default)]
pub struct Items(Mutex<HashMap<String, Arc<Validator>>>);

impl Items {
    /// The validator of an item, by its schema.
    pub fn of(&self, item: &Value, make: impl FnOnce() -> Validator) -> Arc<Validator> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(item.to_string()).or_insert_with(|| Arc::new(make())).clone()
    }
}
