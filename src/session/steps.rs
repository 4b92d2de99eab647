//! The life of a session: open, start, complete, close, cancel, decide that it goes ahead.

use entity::{attendance_sheet, booking, enrolment, session, session_slot};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    diary,
    events::Event,
    input::{Format, SlotState, State},
    out::{SessionOut, Warning},
    plan,
    proved::proved,
    rules::{self, Step},
    slots::slots_of_session,
};
use crate::platform::{
    access::Ctx,
    calendar,
    error::{Error, Result},
    tx::Tx,
};

/// Take a step, as the caller asked.
pub async fn take(ctx: &mut Ctx, id: Uuid, step: Step, reason: Option<String>) -> Result<SessionOut> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<session::Entity>(id).await?;
    let (_, warnings) = advance(&mut tx, row, step, reason).await?;
    tx.answers_at(plan::at(id), 200);
    tx.commit().await?;
    plan::read(ctx, id, warnings).await
}

/// Take a step as part of a larger act; the session is locked.
pub async fn advance(
    tx: &mut Tx<'_>,
    row: session::Model,
    step: Step,
    reason: Option<String>,
) -> Result<(session::Model, Vec<Warning>)> {
    let to = rules::step(State::of(&row.state)?, step)?;
    let session = row.id;
    let mut warnings = vec![];
    let event = match step {
        Step::Open => {
            require_slots(tx, session).await?;
            Event::Opened { session }
        }
        Step::Start => {
            warnings = diary::require_free(tx, &row).await?;
            Event::Started { session }
        }
        Step::Complete => {
            require_nothing_to_come(tx, session).await?;
            Event::Completed { session }
        }
        Step::Close => {
            require_closed_sheets(tx, session).await?;
            Event::Closed { session }
        }
        Step::Cancel => {
            cancel_slots(tx, &row, reason.as_deref()).await?;
            Event::Cancelled { session }
        }
    };
    let row = tx
        .act(row.activity_id, event.into())
        .update(row, |edit: &mut session::ActiveModel| {
            edit.state = Set(to.into());
            if step == Step::Cancel {
                edit.cancelled_reason = Set(reason);
            }
        })
        .await?;
    Ok((row, warnings))
}

async fn require_slots(tx: &Tx<'_>, session: Uuid) -> Result<()> {
    if slots_of_session(&tx.scope(), session).await?.is_empty() {
        return Err(Error::refused(
            "session.no_slot",
            "Cette session n’a aucune demi-journée : ajoutez-en avant de l’ouvrir.",
            "This session has no half-day: add some before opening it.",
        ));
    }
    Ok(())
}

fn list(slots: &[session_slot::Model]) -> String {
    let days: Vec<chrono::NaiveDate> = slots.iter().map(|slot| slot.day).collect();
    calendar::dates(&days)
}

async fn require_nothing_to_come(tx: &Tx<'_>, session: Uuid) -> Result<()> {
    let mut slots = slots_of_session(&tx.scope(), session).await?;
    slots.retain(|slot| slot.state == SlotState::Planned.name());
    if slots.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "session.slots_left",
        format!("{} demi-journée(s) ne sont ni tenues ni annulées : {}.", slots.len(), list(&slots)),
        format!("{} half-day(s) are neither held nor cancelled.", slots.len()),
    ))
}

async fn require_closed_sheets(tx: &Tx<'_>, session: Uuid) -> Result<()> {
    let mut slots = slots_of_session(&tx.scope(), session).await?;
    let closed: Vec<Uuid> = tx
        .scope()
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .filter(attendance_sheet::Column::State.eq("closed"))
        .all()
        .await?
        .into_iter()
        .map(|sheet| sheet.slot_id)
        .collect();
    slots.retain(|slot| !closed.contains(&slot.id));
    if slots.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "session.sheets_open",
        format!("{} feuille(s) d’émargement ne sont pas closes : {}.", slots.len(), list(&slots)),
        format!("{} attendance sheet(s) are not closed.", slots.len()),
    ))
}

/// What somebody signed took place: it is closed first, and kept.
async fn require_unproved(tx: &Tx<'_>, slots: &[session_slot::Model]) -> Result<()> {
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    let begun = proved(&tx.scope(), &ids).await?;
    let kept: Vec<session_slot::Model> = slots.iter().filter(|slot| begun.contains(&slot.id)).cloned().collect();
    if kept.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "session.signed_slots",
        format!(
            "Des présences ou des signatures sont déjà inscrites ({}) : closez ces demi-journées, puis annulez ce qui reste.",
            list(&kept)
        ),
        "Attendance or signatures are recorded already: close these half-days, then cancel what is left.",
    ))
}

async fn cancel_slots(tx: &mut Tx<'_>, row: &session::Model, reason: Option<&str>) -> Result<()> {
    let mut slots = slots_of_session(&tx.scope(), row.id).await?;
    slots.retain(|slot| slot.state == SlotState::Planned.name());
    require_unproved(tx, &slots).await?;
    for slot in slots {
        let event = Event::SlotCancelled { session: row.id, slot: slot.id };
        tx.act(row.activity_id, event.into())
            .update(slot, |edit: &mut session_slot::ActiveModel| {
                edit.state = Set(SlotState::Cancelled.into());
                edit.reason = Set(reason.map(str::to_owned));
            })
            .await?;
    }
    Ok(())
}

/// Enrolment states that count as a head.
pub const LIVE: [&str; 4] = ["invited", "enrolled", "started", "completed"];

/// Trainees of a session: those of bookings that were declined or cancelled do not count.
pub async fn heads(tx: &Tx<'_>, session: Uuid) -> Result<u64> {
    let dead = tx
        .scope()
        .find::<booking::Entity>()
        .filter(booking::Column::SessionId.eq(session))
        .filter(booking::Column::State.is_in(["declined", "cancelled"]))
        .column(booking::Column::Id);
    tx.scope()
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::SessionId.eq(session))
        .filter(enrolment::Column::State.is_in(LIVE))
        .filter(enrolment::Column::BookingId.not_in_subquery(dead))
        .count()
        .await
}

/// Decide that an inter session takes place: its minimum is reached, or somebody says why without.
pub async fn decide_go(ctx: &mut Ctx, id: Uuid, reason: Option<String>) -> Result<SessionOut> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<session::Entity>(id).await?;
    rules::plan_is_open(State::of(&row.state)?)?;
    if row.format != Format::Inter.name() {
        return Err(Error::refused(
            "session.not_inter",
            "La décision de tenir la session ne se prend que pour une session inter.",
            "Only an inter session waits for a go decision.",
        ));
    }
    let (heads, min) = (heads(&tx, id).await?, u64::try_from(row.min_heads.unwrap_or(1)).unwrap_or(1));
    if heads < min && reason.is_none() {
        return Err(Error::refused(
            "session.too_few",
            format!("{heads} stagiaire(s) pour un minimum de {min} : donnez un motif pour la tenir tout de même."),
            format!("{heads} trainee(s) out of a minimum of {min}: give a reason to go ahead all the same."),
        ));
    }
    let today = tx.today();
    tx.act(row.activity_id, Event::GoDecided { session: id }.into())
        .update(row, |edit: &mut session::ActiveModel| {
            edit.go_decided_on = Set(Some(today));
            edit.go_reason = Set(reason);
        })
        .await?;
    tx.answers_at(plan::at(id), 200);
    tx.commit().await?;
    plan::read(ctx, id, vec![]).await
}
