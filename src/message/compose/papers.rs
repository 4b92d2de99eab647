//! Mails about papers that no longer stand, to everybody who received them.

use entity::document;
use serde_json::json;
use uuid::Uuid;

use super::{
    super::received::{address_now, received, recipient},
    letter,
};
use crate::{
    document::word,
    message::{
        Text,
        letter::{Attached, Letter, Recipient},
    },
    platform::{error::Result, scope::Scope},
};

/// The corrected paper, to whoever received the one that it replaces.
pub async fn corrected(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let Some(old) = scope.maybe::<document::Entity>(paper.replaces_id).await? else { return Ok(vec![]) };
    // Replaced or taken back meanwhile: what comes after it is told instead.
    if paper.state != "current" {
        return Ok(vec![]);
    }
    let mut letters = to_all(scope, Text::DocumentCorrected, &old, Some(&paper)).await?;
    for letter in &mut letters {
        letter.attached = vec![Attached::Document { id }];
    }
    Ok(letters)
}

/// That a paper was taken back, to whoever received it.
pub async fn revoked(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    to_all(scope, Text::DocumentRevoked, &paper, None).await
}

async fn to_all(
    scope: &Scope<'_>,
    text: Text,
    old: &document::Model,
    new: Option<&document::Model>,
) -> Result<Vec<Letter>> {
    let reason = new.map_or(&old.state_reason, |paper| &paper.replacement_reason);
    let facts = json!({
        "paper": word(old)?,
        "old": old.reference,
        "reference": new.map(|paper| &paper.reference),
        "reason": reason,
    });
    let mut letters = vec![];
    for row in received(scope, old.id).await? {
        let Some(id) = recipient(&row) else { continue };
        let address = address_now(scope, &row).await?.unwrap_or_else(|| row.to_address.clone());
        let to = Recipient { id, name: row.to_name.clone(), address: Some(address).filter(|one| !one.is_empty()) };
        let mut letter = letter(text, to, facts.clone());
        letter.client = row.client_id;
        letter.session = row.session_id;
        letter.booking = row.booking_id;
        letter.enrolment = row.enrolment_id;
        letters.push(letter);
    }
    Ok(letters)
}
