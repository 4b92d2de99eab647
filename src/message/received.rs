//! Who received a paper: the mails that carried it and left.

use std::collections::HashSet;

use entity::{activity, client, document, message, person};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::platform::{error::Result, scope::Scope};

/// The mails by which a paper reached somebody, the first one of each recipient.
pub async fn received(scope: &Scope<'_>, document: Uuid) -> Result<Vec<message::Model>> {
    let rows = scope
        .find::<message::Entity>()
        .filter(message::Column::Documents.contains(document.to_string()))
        .filter(message::Column::State.eq("sent"))
        .ascending(message::Column::Id)
        .all()
        .await?;
    let mut seen = HashSet::new();
    Ok(rows.into_iter().filter(|row| seen.insert((row.to_name.clone(), row.to_address.clone()))).collect())
}

/// Whether a paper corrects one that somebody received: the correction is sent to them, and nothing else about it.
pub async fn corrects(scope: &Scope<'_>, paper: &document::Model) -> Result<bool> {
    match (&paper.replacement_reason, paper.replaces_id) {
        (Some(_), Some(old)) => Ok(!received(scope, old).await?.is_empty()),
        _ => Ok(false),
    }
}

/// Whom a mail's key names: a person, a client or the activity.
pub fn recipient(row: &message::Model) -> Option<Uuid> {
    row.once_key.rsplit(':').next().and_then(|id| id.parse().ok())
}

/// The address that the recipient of a mail has now.
pub async fn address_now(scope: &Scope<'_>, row: &message::Model) -> Result<Option<String>> {
    let Some(id) = recipient(row) else { return Ok(None) };
    if let Some(person) = scope.find::<person::Entity>().filter(person::Column::Id.eq(id)).one().await? {
        return Ok(person.email);
    }
    if let Some(client) = scope.find::<client::Entity>().filter(client::Column::Id.eq(id)).one().await? {
        return Ok(client.email);
    }
    let activity = scope.find::<activity::Entity>().filter(activity::Column::Id.eq(id)).one().await?;
    Ok(activity.filter(|_| row.text == "approval_returned").and_then(|row| row.email))
}
