//! Close a half-day, which freezes it, and reopen it with a reason, which takes its papers back.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{attendance_sheet, booking, enrolment, funding_file, session_slot};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    events::Event,
    evidence,
    issue::outdate_sheets,
    matrix::{self, SlotAttendance},
    record::{locked, sheet_of},
    roll::{Records, Trainee, records, state_of, trainees},
    rules::{self, Closing, Line},
    times::{self, NewTimes},
    words::{Presence, Proof, SheetState},
};
use crate::{
    document::{Kind, outdate},
    enrolment::{mark_completed, mark_started_again},
    platform::{
        access::Ctx,
        error::{Error, Result},
        permission::OverridesGrant,
        scope::Scope,
        tx::Tx,
    },
    session::{mark_completed as complete_session, mark_held, mark_not_held, mark_running_again, slots_of_session},
};

/// How a half-day is closed.
#[derive(Debug, Clone, Object, Validate)]
pub struct CloseSlot {
    /// Why it is closed although some presences are missing; needed only then.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub gaps: Option<String>,
    /// Who left early: their minutes are counted from it before the half-day is frozen. Everybody else is confirmed there
    /// until the end.
    #[oai(validator(max_items = 500))]
    #[validate(nested)]
    pub departures: Option<Vec<Departure>>,
}

/// Somebody who left before the end.
#[derive(Debug, Clone, Object, Validate)]
pub struct Departure {
    /// The trainee; expected on this half-day.
    pub enrolment_id: Uuid,
    /// When they left.
    pub left_at: DateTime<Utc>,
}

/// Why a closed half-day is opened again.
#[derive(Debug, Clone, Object, Validate)]
pub struct ReopenSlot {
    /// The reason, kept with the half-day.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// Close a half-day.
pub async fn close(ctx: &mut Ctx, slot: Uuid, input: CloseSlot) -> Result<SlotAttendance> {
    let mut tx = ctx.begin().await?;
    close_slot(&mut tx, slot, input).await?;
    tx.answers_at(format!("/v1/slots/{slot}/attendance"), 200);
    let out = matrix::of_slot(&tx.scope(), slot).await?;
    tx.commit().await?;
    Ok(out)
}

/// Close a half-day as part of a larger act: departures are confirmed, then all is frozen.
pub async fn close_slot(tx: &mut Tx<'_>, slot: Uuid, input: CloseSlot) -> Result<()> {
    let CloseSlot { gaps, departures } = input;
    let (session, slot) = locked(tx, slot, true).await?;
    let noted = times::of_slots(&tx.scope(), [slot.id]).await?;
    let left = departures.unwrap_or_default().into_iter().map(|Departure { enrolment_id, left_at }| {
        let arrived_at = noted.get(&(slot.id, enrolment_id)).and_then(|row| row.arrived_at);
        NewTimes { enrolment_id, arrived_at, left_at: Some(left_at) }
    });
    times::note_all(tx, session.id, &slot, left.collect()).await?;
    close_locked(tx, session, slot, gaps).await
}

/// The same, once session and half-day are locked.
pub(super) async fn close_locked(
    tx: &mut Tx<'_>,
    session: entity::session::Model,
    slot: session_slot::Model,
    gaps: Option<String>,
) -> Result<()> {
    let sheet = sheet_of(tx, slot.id).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let now_there = records(&tx.scope(), std::slice::from_ref(&slot)).await?;
    let unmarked: Vec<String> = roll
        .iter()
        .filter(|trainee| trainee.expected(slot.id) && now_there.mark(slot.id, trainee.enrolment.id).is_none())
        .map(|trainee| trainee.name.clone())
        .collect();
    let trainers_unmarked: Vec<String> =
        now_there.teaching(slot.id).filter(|one| one.mark.is_none()).map(|one| one.name.clone()).collect();
    let closing = Closing {
        state: state_of(sheet.as_ref()),
        cancelled: slot.state == "cancelled",
        ends_at: slot.ends_at,
        unmarked: &unmarked,
        trainers_unmarked: &trainers_unmarked,
        trainer_marks: now_there.teaching(slot.id).filter(|one| one.mark.is_some()).count(),
        gaps: gaps.as_deref(),
    };
    rules::may_close(&closing, tx.now())?;
    let sheet = sheet.ok_or_else(|| Error::internal("a half-day with marks has a sheet"))?;
    let (count, head) = counted_digest(tx, slot.id, &now_there).await?;
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let gaps = gaps.filter(|_| !unmarked.is_empty());
    tx.act(slot.activity_id, Event::Closed { slot: slot.id, session: session.id }.into())
        .update(sheet, |edit: &mut attendance_sheet::ActiveModel| {
            edit.state = Set(SheetState::Closed.name().into());
            edit.closed_at = Set(Some(now));
            edit.closed_by = Set(Some(actor));
            edit.gaps = Set(gaps);
            edit.mark_count = Set(Some(count));
            edit.head_hash = Set(Some(head));
        })
        .await?;
    // A sheet that was issued while this half-day was open says less than there is now.
    outdate_sheets(tx, session.id, "Une demi-journée a été close depuis.").await?;
    mark_held(tx, slot).await?;
    if all_closed(&tx.scope(), session.id).await? {
        let ids: Vec<Uuid> = roll.iter().map(|trainee| trainee.enrolment.id).collect();
        let (activity, id) = (session.activity_id, session.id);
        tx.act(activity, Event::AllClosed { session: id }.into());
        complete_session(tx, session).await?;
        mark_completed(tx, &ids).await?;
    }
    Ok(())
}

/// How many presences a half-day counts, and the digest of all that it counts.
pub(super) async fn counted_digest(tx: &Tx<'_>, slot: Uuid, now_there: &Records) -> Result<(i32, String)> {
    let proofs: HashMap<Uuid, String> =
        evidence::of_slots(&tx.scope(), &[slot]).await?.into_iter().map(|row| (row.id, row.digest)).collect();
    let proved = |id: Option<Uuid>| id.and_then(|id| proofs.get(&id).cloned());
    let mut lines = vec![];
    for mark in &now_there.marks {
        lines.push(Line {
            who: mark.enrolment_id,
            trainer: false,
            presence: Presence::of(&mark.presence)?,
            minutes: mark.minutes,
            proof: Proof::of(&mark.proof)?,
            recorded_at: mark.recorded_at,
            evidence: proved(mark.evidence_id),
            confirmed: mark.confirmed_at.is_some(),
        });
    }
    let count = i32::try_from(lines.len()).unwrap_or(i32::MAX);
    for mark in now_there.teaching(slot).filter_map(|one| one.mark.as_ref()) {
        lines.push(Line {
            who: mark.trainer_id,
            trainer: true,
            presence: Presence::Present,
            minutes: mark.minutes,
            proof: Proof::of(&mark.proof)?,
            recorded_at: mark.recorded_at,
            evidence: proved(mark.evidence_id),
            confirmed: false,
        });
    }
    Ok((count, rules::digest(slot, &lines)))
}

/// Whether every half-day of a session is closed.
pub async fn all_closed(scope: &Scope<'_>, session: Uuid) -> Result<bool> {
    let slots = slots_of_session(scope, session).await?;
    let closed = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .filter(attendance_sheet::Column::State.eq(SheetState::Closed.name()))
        .count()
        .await?;
    Ok(closed == slots.len() as u64)
}

/// Reopen a closed half-day: the papers that counted it become outdated.
pub async fn reopen(ctx: &mut Ctx, slot: Uuid, input: ReopenSlot) -> Result<SlotAttendance> {
    let ReopenSlot { reason } = input;
    let cooperative = ctx.may::<OverridesGrant>();
    let mut tx = ctx.begin().await?;
    let (session, slot) = locked(&tx, slot, true).await?;
    let sheet = sheet_of(&tx, slot.id).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let invoiced = invoiced(&tx, session.id).await?;
    rules::may_reopen(state_of(sheet.as_ref()), invoiced, cooperative)?;
    let sheet = sheet.ok_or_else(|| Error::internal("a closed half-day has a sheet"))?;
    let kept = reason.clone();
    tx.act(slot.activity_id, Event::Reopened { slot: slot.id, session: session.id }.into())
        .update(sheet, |edit: &mut attendance_sheet::ActiveModel| {
            edit.state = Set(SheetState::Open.name().into());
            edit.closed_at = Set(None);
            edit.closed_by = Set(None);
            edit.mark_count = Set(None);
            edit.head_hash = Set(None);
            edit.reopened_reason = Set(Some(kept));
        })
        .await?;
    let (id, all) = (slot.id, session.id);
    mark_not_held(&mut tx, slot).await?;
    mark_running_again(&mut tx, session).await?;
    let there: Vec<Uuid> =
        roll.iter().filter(|trainee| trainee.follows(id)).map(|trainee: &Trainee| trainee.enrolment.id).collect();
    mark_started_again(&mut tx, &there).await?;
    let why = format!("Demi-journée rouverte : {reason}");
    outdate_sheets(&mut tx, all, &why).await?;
    let counted = [Kind::Certificate, Kind::Attestation, Kind::Assiduity];
    outdate(&mut tx, all, &counted, Some(&there), &why).await?;
    tx.answers_at(format!("/v1/slots/{id}/attendance"), 200);
    let out = matrix::of_slot(&tx.scope(), id).await?;
    tx.commit().await?;
    Ok(out)
}

/// Whether a funder was already invoiced for some trainees of a session.
pub(super) async fn invoiced(tx: &Tx<'_>, session: Uuid) -> Result<bool> {
    let bookings =
        tx.scope().find::<booking::Entity>().filter(booking::Column::SessionId.eq(session)).column(booking::Column::Id);
    let files = tx
        .scope()
        .find::<funding_file::Entity>()
        .filter(funding_file::Column::BookingId.in_subquery(bookings))
        .filter(funding_file::Column::State.is_in(["invoiced", "paid"]))
        .count()
        .await?;
    Ok(files > 0)
}

/// The trainees of a half-day as rows, for those who tell them something.
pub async fn enrolments_on(tx: &Tx<'_>, slot: &session_slot::Model) -> Result<Vec<enrolment::Model>> {
    let roll = trainees(&tx.scope(), slot.session_id, None).await?;
    Ok(roll.into_iter().filter(|trainee| trainee.expected(slot.id)).map(|trainee| trainee.enrolment).collect())
}
