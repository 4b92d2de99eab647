//! The objectives that a session is evaluated against: those of the version that it teaches.

use entity::{programme_version, session};

use crate::{
    catalogue::content,
    platform::{error::Result, scope::Scope},
};

/// The objectives, in order.
pub async fn objectives(scope: &Scope<'_>, session: &session::Model) -> Result<Vec<String>> {
    let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
    Ok(content(&version)?.objectives.into_iter().map(|one| one.text).collect())
}
