//! How an enrolment advances because of what is proved on the half-days: attendance says so.

use entity::enrolment;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::events::Event;
use crate::platform::{error::Result, tx::Tx};

/// These trainees were there for the first time: those who were enrolled have started.
pub async fn mark_started(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<()> {
    advance(tx, ids, "enrolled", "started", |enrolment| Event::Started { enrolment }).await
}

/// Every half-day is closed: those who had started have completed.
pub async fn mark_completed(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<()> {
    advance(tx, ids, "started", "completed", |enrolment| Event::Completed { enrolment }).await
}

/// A half-day was reopened: those who had completed are in the middle of it again.
pub async fn mark_started_again(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<()> {
    advance(tx, ids, "completed", "started", |enrolment| Event::Started { enrolment }).await
}

async fn advance(tx: &mut Tx<'_>, ids: &[Uuid], from: &str, to: &str, event: impl Fn(Uuid) -> Event) -> Result<()> {
    let rows = tx
        .scope()
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::Id.is_in(ids.iter().copied()))
        .filter(enrolment::Column::State.eq(from))
        .ascending(enrolment::Column::Id)
        .all()
        .await?;
    let today = tx.today();
    for row in rows {
        tx.act(row.activity_id, event(row.id).into())
            .update(row, |edit: &mut enrolment::ActiveModel| {
                edit.state = Set(to.into());
                edit.state_on = Set(Some(today));
            })
            .await?;
    }
    Ok(())
}
