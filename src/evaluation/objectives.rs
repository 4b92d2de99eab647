//! The objectives that a session is evaluated against: those of the version that it teaches.

use entity::{programme_version, session};
use serde_json::Value;

use crate::platform::{error::Result, scope::Scope};

/// The objectives, in order.
pub async fn objectives(scope: &Scope<'_>, session: &session::Model) -> Result<Vec<String>> {
    let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
    let content: Value = serde_json::from_str(&version.content)?;
    let text = |one: &Value| one.as_str().or_else(|| one["text"].as_str()).map(str::to_owned);
    Ok(content["objectives"].as_array().into_iter().flatten().filter_map(text).collect())
}
