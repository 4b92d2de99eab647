//! The half-days of a session, as other features read them.

use entity::session_slot::{Column, Entity, Model};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::platform::{error::Result, money::Minutes, scope::Scope};

/// The half-days of a session that are not cancelled, in order.
pub async fn slots_of_session(scope: &Scope<'_>, session: Uuid) -> Result<Vec<Model>> {
    scope
        .find::<Entity>()
        .filter(Column::SessionId.eq(session))
        .filter(Column::State.ne("cancelled"))
        .ascending(Column::StartsAt)
        .all()
        .await
}

/// Minutes of training in a half-day: from start to end, without its break.
pub fn minutes_of(slot: &Model) -> Minutes {
    let length = (slot.ends_at - slot.starts_at).num_minutes();
    Minutes(i32::try_from(length).unwrap_or(i32::MAX).saturating_sub(slot.break_minutes))
}
