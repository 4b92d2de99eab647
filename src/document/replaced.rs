//! A paper that stands for one that was wrong: it says why, and those who have the old one are told.

use entity::document;
use sea_orm::ActiveValue::Set;

use super::{
    State,
    events::Event,
    rules::{Step, next},
};
use crate::platform::{
    error::{Error, Result},
    tx::Tx,
};

/// Refuse to replace a paper that does not stand any more.
pub fn require_replaceable(paper: &document::Model) -> Result<()> {
    next(State::of(&paper.state)?, Step::Replace).map(|_| ())
}

/// Say why a new issue replaces a paper, as part of the act that issued it.
pub async fn correct(
    tx: &mut Tx<'_>,
    new: document::Model,
    old: &document::Model,
    reason: String,
) -> Result<document::Model> {
    if new.replaces_id != Some(old.id) {
        return Err(Error::internal(format!("{} does not replace {}", new.reference, old.reference)));
    }
    tx.act(new.activity_id, Event::Corrected { document: new.id }.into())
        .update(new, |edit: &mut document::ActiveModel| edit.replacement_reason = Set(Some(reason)))
        .await
}

/// Refuse a paper that cannot be used: it is outdated, was replaced or taken back.
pub fn require_current(paper: &document::Model) -> Result<()> {
    let why = match State::of(&paper.state)? {
        State::Current => return Ok(()),
        State::Outdated => "n’est plus à jour : émettez-le à nouveau",
        State::Replaced => "a été remplacé par un plus récent",
        State::Revoked => "a été annulé",
    };
    Err(Error::refused(
        "document.not_current",
        format!("Le document {} {why}.", paper.reference),
        format!("Paper {} is {}: it cannot be used.", paper.reference, paper.state),
    ))
}
