//! What time brings: requests that are not signed in their time expire, and those who have not signed are reminded.

use entity::signature_request::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait};
use tracing::error;
use uuid::Uuid;

use super::{
    events::Event,
    request::{close, invite},
    rules::{self, State, Step, moved},
};
use crate::{
    link::{Purpose, revoke_all},
    platform::{access::Ctx, error::Result},
};

/// Look after the requests whose time has come, in every activity; answers how many.
pub async fn sweep(ctx: &Ctx) -> Result<usize> {
    let now = ctx.now();
    let due = ctx
        .scope()
        .find::<Entity>()
        .filter(Column::State.eq(State::Requested.name()))
        .filter(Column::ExpiresAt.lte(now).or(Column::ReminderAt.lte(now)))
        .ascending(Column::ExpiresAt)
        .limit(100)
        .all()
        .await?;
    let mut done = 0;
    for row in due {
        let mut ctx = ctx.within(row.activity_id)?;
        match one(&mut ctx, row.id).await {
            Ok(()) => done += 1,
            // The others must not wait for it.
            Err(failure) => error!(request = %row.id, "A signature request could not be looked after: {failure}"),
        }
    }
    Ok(done)
}

async fn one(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(id).await?;
    let (now, document) = (tx.now(), row.document_id);
    if row.state != State::Requested.name() {
        return Ok(());
    }
    if row.expires_at <= now {
        let to = moved(State::Requested, Step::Expire)?;
        close(&mut tx, row, to, Event::Expired { request: id }, None).await?;
        revoke_all(&mut tx, Purpose::SignPaper, id).await?;
        invite(&mut tx, document).await?;
        return tx.commit().await;
    }
    let Some(due) = row.reminder_at.filter(|due| *due <= now) else { return Ok(()) };
    let next = row.invited_at.and_then(|invited| rules::next_reminder(invited, row.expires_at, now));
    // What came much too late is left out: the next one says the same.
    let event = if rules::is_of_use(due, now) {
        Event::Reminded { request: id }
    } else {
        Event::ReminderMissed { request: id }
    };
    tx.act(row.activity_id, event.into()).update(row, |edit: &mut ActiveModel| edit.reminder_at = Set(next)).await?;
    tx.commit().await
}
