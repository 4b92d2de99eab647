//! Pictures that a frozen content names by the hash of their file, decoded and at hand for its layout.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Picture;

/// A picture as a content freezes it: `{ "picture": "9f86…" }`, the SHA-256 of its file.
///
/// It is known by the name of the member, so that no text that people type is ever taken for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Depicted {
    picture: String,
}

impl Depicted {
    /// The picture of this file.
    pub fn new(sha256: impl Into<String>) -> Self {
        Self { picture: sha256.into() }
    }

    /// SHA-256 of its file, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.picture
    }
}

/// The pictures of a content, by the hash of their file.
#[derive(Clone, Debug, Default)]
pub struct Pictures(BTreeMap<String, Picture>);

impl Pictures {
    /// Have a picture at hand.
    pub fn insert(&mut self, sha256: impl Into<String>, picture: Picture) {
        self.0.insert(sha256.into(), picture);
    }

    /// The picture, when it is at hand.
    pub fn get(&self, named: &Depicted) -> Option<Picture> {
        self.0.get(&named.picture).cloned()
    }

    /// The hashes of all the pictures that a content names.
    pub fn named_in(content: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        gather(content, &mut found);
        found
    }
}

fn gather(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(sha256)) = map.get("picture").filter(|value| is_hash(value)) {
                found.insert(sha256.clone());
            }
            map.values().for_each(|inner| gather(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| gather(inner, found)),
        _ => {}
    }
}

fn is_hash(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_pictures_of_a_content_are_found_wherever_they_stand() {
        let (logo, drawn) = ("ab".repeat(32), "cd".repeat(32));
        let content = json!({
            "issuer": { "letterhead": { "logo": Depicted::new(logo.as_str()) } },
            "rows": [{ "cells": [{ "picture": drawn, "lines": ["signé"] }, { "picture": "a word" }] }],
            "title": "ef".repeat(32)
        });
        assert_eq!(Pictures::named_in(&content).into_iter().collect::<Vec<_>>(), [logo, drawn]);
    }
}
