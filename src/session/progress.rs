//! How a session advances because of what is proved on its half-days: attendance says so, nobody else.

use entity::{session, session_slot};
use sea_orm::ActiveValue::Set;

use super::events::Event;
use crate::platform::{
    error::{Error, Result},
    tx::Tx,
};

/// The first presence is recorded: a planned or open session runs.
pub async fn mark_running(tx: &mut Tx<'_>, row: session::Model) -> Result<session::Model> {
    match row.state.as_str() {
        "planned" | "open" => {
            let id = row.id;
            tx.act(row.activity_id, Event::Started { session: id }.into())
                .update(row, |edit: &mut session::ActiveModel| edit.state = Set("running".into()))
                .await
        }
        "running" | "completed" => Ok(row),
        other => Err(Error::no_move("session.state", other, "run", &[])),
    }
}

/// Every half-day is closed: a running session is completed.
pub async fn mark_completed(tx: &mut Tx<'_>, row: session::Model) -> Result<session::Model> {
    if row.state != "running" {
        return Ok(row);
    }
    let id = row.id;
    tx.act(row.activity_id, Event::Completed { session: id }.into())
        .update(row, |edit: &mut session::ActiveModel| edit.state = Set("completed".into()))
        .await
}

/// A half-day was reopened: a session that was over runs again.
pub async fn mark_running_again(tx: &mut Tx<'_>, row: session::Model) -> Result<session::Model> {
    match row.state.as_str() {
        "completed" | "closed" => {
            let id = row.id;
            tx.act(row.activity_id, Event::Started { session: id }.into())
                .update(row, |edit: &mut session::ActiveModel| edit.state = Set("running".into()))
                .await
        }
        "running" => Ok(row),
        other => Err(Error::no_move("session.state", other, "reopen a half-day", &[])),
    }
}

/// A half-day was closed: it is held.
pub async fn mark_held(tx: &mut Tx<'_>, slot: session_slot::Model) -> Result<session_slot::Model> {
    let event = Event::SlotChanged { session: slot.session_id, slot: slot.id };
    tx.act(slot.activity_id, event.into())
        .update(slot, |edit: &mut session_slot::ActiveModel| edit.state = Set("held".into()))
        .await
}

/// A half-day was reopened: it is planned, as before it was held.
pub async fn mark_not_held(tx: &mut Tx<'_>, slot: session_slot::Model) -> Result<session_slot::Model> {
    let event = Event::SlotChanged { session: slot.session_id, slot: slot.id };
    tx.act(slot.activity_id, event.into())
        .update(slot, |edit: &mut session_slot::ActiveModel| edit.state = Set("planned".into()))
        .await
}

/// Trainees were convoked, as part of a larger act.
pub async fn mark_convoked(tx: &mut Tx<'_>, row: session::Model) -> Result<session::Model> {
    let now = tx.now();
    tx.act(row.activity_id, Event::Convoked { session: row.id }.into())
        .update(row, |edit: &mut session::ActiveModel| edit.convoked_at = Set(Some(now)))
        .await
}
