//! The mails of a session that did not leave, for lists of what is missing: whoever they were for must be told another way.

use entity::message;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{Text, out::MessageState};
use crate::platform::{error::Result, scope::Scope};

/// A mail that matters and did not leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// The mail.
    pub message: Uuid,
    /// For whom.
    pub name: String,
    /// What it would have said.
    pub subject: String,
    /// Whether it was too late, rather than refused.
    pub too_late: bool,
}

/// Those of a session, oldest first; not those that were sent again since.
pub async fn unsent(scope: &Scope<'_>, session: Uuid) -> Result<Vec<Unsent>> {
    let rows = scope
        .find::<message::Entity>()
        .filter(message::Column::SessionId.eq(session))
        .filter(message::Column::State.ne(MessageState::Unaddressed.name()))
        .ascending(message::Column::Id)
        .all()
        .await?;
    let is = |row: &message::Model, states: &[MessageState]| states.iter().any(|state| state.name() == row.state);
    let stopped = rows.iter().filter(|row| is(row, &[MessageState::Failed, MessageState::Missed]));
    let again = |row: &message::Model| {
        let same = |other: &&message::Model| {
            other.id > row.id
                && other.cause == row.cause
                && other.to_name == row.to_name
                && other.subject == row.subject
        };
        rows.iter().filter(same).any(|other| is(other, &[MessageState::Sent, MessageState::Ready]))
    };
    let mut found = vec![];
    for row in stopped.filter(|row| !again(row)) {
        if Text::of(&row.text)?.matters() {
            found.push(Unsent {
                message: row.id,
                name: row.to_name.clone(),
                subject: row.subject.clone().unwrap_or_default(),
                too_late: row.state == MessageState::Missed.name(),
            });
        }
    }
    Ok(found)
}
