//! The mails of a session that did not leave, for lists of what is missing: whoever they were for must be told another way.

use std::collections::{BTreeSet, HashMap};

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
    let of = |states: [MessageState; 2]| {
        scope
            .find::<message::Entity>()
            .filter(message::Column::SessionId.eq(session))
            .filter(message::Column::State.is_in(states.map(MessageState::name)))
            .ascending(message::Column::Id)
    };
    let stopped = of([MessageState::Failed, MessageState::Missed]).all().await?;
    if stopped.is_empty() {
        return Ok(vec![]);
    }
    let causes: BTreeSet<&str> = stopped.iter().map(|row| row.cause.as_str()).collect();
    let left = of([MessageState::Sent, MessageState::Ready]).filter(message::Column::Cause.is_in(causes)).all().await?;
    // Of two who bear one name, each has their own.
    let about = |row: &message::Model| {
        (row.cause.clone(), row.to_name.clone(), row.subject.clone(), row.enrolment_id, row.booking_id)
    };
    // Oldest first: the last stays.
    let again: HashMap<_, Uuid> = left.iter().map(|row| (about(row), row.id)).collect();
    let mut found = vec![];
    for row in stopped.iter().filter(|row| again.get(&about(row)).is_none_or(|last| *last < row.id)) {
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
