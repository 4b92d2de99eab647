//! Planned mails: derived from a session's facts, rung when their time comes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{attendance_sheet, booking, enrolment, organisation, reminder, session, session_slot};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use tracing::error;
use uuid::Uuid;

use super::{
    Text,
    concerned::uninvited,
    events::Event,
    rules::{self, Change, Facts, Standing, Unclosed},
    texts::{Window, is_of_use},
};
use crate::{
    platform::{access::Ctx, error::Result, scope::Scope},
    session::slots_of_session,
};

/// The session that a fact concerns: itself, or the one of a booking, an enrolment or a half-day.
pub async fn session_of_cause(scope: &Scope<'_>, kind: &str, id: Uuid) -> Result<Option<Uuid>> {
    let found = match kind {
        "session" => scope.find::<session::Entity>().filter(session::Column::Id.eq(id)).one().await?.map(|row| row.id),
        "booking" => {
            scope.find::<booking::Entity>().filter(booking::Column::Id.eq(id)).one().await?.map(|row| row.session_id)
        }
        "enrolment" => scope
            .find::<enrolment::Entity>()
            .filter(enrolment::Column::Id.eq(id))
            .one()
            .await?
            .map(|row| row.session_id),
        _ => scope
            .find::<session_slot::Entity>()
            .filter(session_slot::Column::Id.eq(id))
            .one()
            .await?
            .map(|row| row.session_id),
    };
    Ok(found)
}

/// Plan a session's mails anew: insert, move, cancel by key. Nothing is written when the plan stands.
pub async fn replan(ctx: &mut Ctx, session: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let plan = rules::plan(&facts(&tx.scope(), &session, tx.now()).await?);
    let rows = tx
        .scope()
        .find::<reminder::Entity>()
        .filter(reminder::Column::SessionId.eq(session.id))
        .ascending(reminder::Column::Id)
        .all()
        .await?;
    let standing: Vec<Standing> = rows
        .iter()
        .map(|row| Standing {
            id: row.id,
            key: row.key.clone(),
            state: row.state.clone(),
            due: row.due_at,
            until: row.useful_until,
        })
        .collect();
    let changes = rules::reconcile(&plan, &standing, tx.now());
    if changes.is_empty() {
        return Ok(());
    }
    let row_of = |id: Uuid| rows.iter().find(|row| row.id == id).cloned();
    let mut act = tx.act(session.activity_id, Event::Planned { session: session.id }.into());
    for change in changes {
        match change {
            Change::Insert(planned, state) => {
                act.insert(reminder::ActiveModel {
                    session_id: Set(session.id),
                    key: Set(planned.key),
                    text: Set(planned.text.name().into()),
                    due_at: Set(planned.due),
                    useful_until: Set(planned.until),
                    state: Set(state.into()),
                    ..Default::default()
                })
                .await?;
            }
            Change::Set(id, planned, state) => {
                if let Some(row) = row_of(id) {
                    act.update(row, |edit: &mut reminder::ActiveModel| {
                        edit.due_at = Set(planned.due);
                        edit.useful_until = Set(planned.until);
                        edit.state = Set(state.into());
                    })
                    .await?;
                }
            }
            Change::Cancel(id) => {
                if let Some(row) = row_of(id) {
                    act.update(row, |edit: &mut reminder::ActiveModel| edit.state = Set("cancelled".into())).await?;
                }
            }
        }
    }
    tx.commit().await
}

async fn facts(scope: &Scope<'_>, session: &session::Model, now: DateTime<Utc>) -> Result<Facts> {
    let slots = slots_of_session(scope, session.id).await?;
    let mut days: Vec<chrono::NaiveDate> = slots.iter().map(|slot| slot.day).collect();
    days.dedup();
    let states: HashMap<Uuid, String> = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .all()
        .await?
        .into_iter()
        .map(|sheet| (sheet.slot_id, sheet.state))
        .collect();
    let unclosed = slots
        .iter()
        .filter(|slot| states.get(&slot.id).is_none_or(|state| state != "closed"))
        .map(|slot| Unclosed { slot: slot.id, ends_at: slot.ends_at, open: states.contains_key(&slot.id) })
        .collect();
    let enrolled = scope
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::SessionId.eq(session.id))
        .filter(enrolment::Column::State.is_in(["enrolled", "started"]))
        .count()
        .await?;
    let settings = scope.find::<organisation::Entity>().one().await?;
    let (convocation_days, reminder_days) =
        settings.map_or((15, 2), |row| (i64::from(row.convocation_days), i64::from(row.reminder_days)));
    Ok(Facts {
        session: session.id,
        alive: matches!(session.state.as_str(), "planned" | "open" | "running"),
        days,
        halves: slots.iter().map(|slot| (slot.id, slot.starts_at)).collect(),
        enrolled: enrolled > 0,
        convoked: session.convoked_at.is_some(),
        uninvited: uninvited(scope, session.id, &slots, now).await?,
        convocation_days,
        reminder_days,
        unclosed,
    })
}

/// Ring the planned mails whose time has come, in every activity; answers how many.
pub async fn ring(ctx: &Ctx) -> Result<usize> {
    let due = ctx
        .scope()
        .find::<reminder::Entity>()
        .filter(reminder::Column::State.eq("planned"))
        .filter(reminder::Column::DueAt.lte(ctx.now()))
        .ascending(reminder::Column::DueAt)
        .limit(100)
        .all()
        .await?;
    let mut rung = 0;
    for row in due {
        let mut ctx = ctx.within(row.activity_id)?;
        match ring_one(&mut ctx, row.id).await {
            Ok(()) => rung += 1,
            // The others must not wait for it.
            Err(failure) => error!(reminder = %row.id, "A planned mail could not be rung: {failure}"),
        }
    }
    Ok(rung)
}

async fn ring_one(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<reminder::Entity>(id).await?;
    let now = tx.now();
    if row.state != "planned" || row.due_at > now {
        return Ok(());
    }
    let (session, reminder, text) = (row.session_id, row.id, Text::of(&row.text)?);
    // What was planned by an earlier version of the program says it by its text alone.
    let window = Window { due: row.due_at, begins: None, ends: None };
    let until = row.useful_until.or(text.of_use().until(window));
    let (event, state) = if is_of_use(until, now) {
        (Event::Due { session, reminder, text }, "sent")
    } else {
        (Event::Missed { session, reminder }, "missed")
    };
    tx.act(row.activity_id, event.into())
        .update(row, |edit: &mut reminder::ActiveModel| edit.state = Set(state.into()))
        .await?;
    tx.commit().await
}

/// Whether a session's trainees may still be convoked by themselves: until it begins, or until what whoever joined since
/// follows begins.
pub async fn awaits_convocation(scope: &Scope<'_>, session: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let slots = slots_of_session(scope, session).await?;
    let convoked = scope.get::<session::Entity>(session).await?.convoked_at.is_some();
    if convoked && !uninvited(scope, session, &slots, now).await?.is_empty() {
        return Ok(true);
    }
    let begins = slots.iter().map(|slot| slot.starts_at).min();
    let until = Text::Convocation.of_use().until(Window { due: now, begins, ends: None });
    Ok(begins.is_some() && is_of_use(until, now))
}
