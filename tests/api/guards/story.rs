//! The same story, told in whichever activity, so that each kind of row exists in both.

use serde_json::json;

use crate::support::{Caller, TestApp};

/// From the first call to the funder's file, with a word that marks whatever belongs to this activity.
pub async fn tell(_app: &TestApp, trainer: &Caller, _staff: &Caller, mark: &str) {
    let person = json!({ "first_name": "Zoé", "birth_name": mark, "external_id": format!("{mark}-1") });
    trainer.post("/v1/people", person).await.status(201);
}
