//! Who arrived late, who left early: minutes are counted from it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{enrolment, mark, presence_time, session_slot};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    events::Event,
    record::{locked, sheet_of},
    roll::{state_of, trainees},
    rules,
    signing::mark_of,
    words::{Presence, Proof},
};
use crate::{
    platform::{
        error::{Error, Result},
        money::Minutes,
        scope::Scope,
        tx::Tx,
    },
    session::minutes_of,
};

/// When a trainee arrived or left, when it was not at the beginning or at the end.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewTimes {
    /// The trainee; expected on this half-day.
    pub enrolment_id: Uuid,
    /// When they arrived; `null` for the beginning.
    pub arrived_at: Option<DateTime<Utc>>,
    /// When they left; `null` for the end.
    pub left_at: Option<DateTime<Utc>>,
}

/// The times noted of a trainee on a half-day.
pub(super) async fn of_one(scope: &Scope<'_>, slot: Uuid, enrolment: Uuid) -> Result<Option<presence_time::Model>> {
    scope
        .find::<presence_time::Entity>()
        .filter(presence_time::Column::SlotId.eq(slot))
        .filter(presence_time::Column::EnrolmentId.eq(enrolment))
        .one()
        .await
}

/// The times noted on these half-days, by half-day and trainee.
pub(super) async fn of_slots(
    scope: &Scope<'_>,
    slots: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<(Uuid, Uuid), presence_time::Model>> {
    let rows = scope.find::<presence_time::Entity>().filter(presence_time::Column::SlotId.is_in(slots)).all().await?;
    Ok(rows.into_iter().map(|row| ((row.slot_id, row.enrolment_id), row)).collect())
}

/// What a presence is, with its minutes, given the times noted.
pub(super) fn presence_of(slot: &session_slot::Model, noted: Option<&presence_time::Model>) -> (Presence, Minutes) {
    let length = minutes_of(slot);
    let arrived = noted.and_then(|row| row.arrived_at).unwrap_or(slot.starts_at);
    let left = noted.and_then(|row| row.left_at).unwrap_or(slot.ends_at);
    let minutes = rules::minutes_between(slot.starts_at, slot.ends_at, slot.break_minutes, arrived, left);
    match minutes {
        0 => (Presence::Absent, Minutes(0)),
        all if all == length.0 => (Presence::Present, length),
        some => (Presence::Partial, Minutes(some)),
    }
}

/// Whether a presence follows the times noted: one that counts minutes, and one that was proved and that times made an
/// absence. An absence that somebody stated stays.
fn follows(slot: &session_slot::Model, mark: &mark::Model, before: Option<&presence_time::Model>) -> bool {
    let proved = mark.evidence_id.is_some() && mark.proof != Proof::TrainerStatement.name();
    mark.minutes > 0 || (proved && presence_of(slot, before).1 == Minutes(0))
}

/// Note when a trainee arrived or left, while the half-day is open; a presence that is recorded follows.
pub async fn note_times(tx: &mut Tx<'_>, slot: Uuid, times: NewTimes) -> Result<()> {
    let (session, slot) = locked(tx, slot, false).await?;
    note_all(tx, session.id, &slot, vec![times]).await
}

/// Note the times of several trainees, once the half-day is locked: the roll is called once for all.
pub(super) async fn note_all(
    tx: &mut Tx<'_>,
    session: Uuid,
    slot: &session_slot::Model,
    times: Vec<NewTimes>,
) -> Result<()> {
    if times.is_empty() {
        return Ok(());
    }
    let sheet = sheet_of(tx, slot.id).await?;
    rules::may_record(state_of(sheet.as_ref()), slot.state == "cancelled", slot.starts_at, tx.now())?;
    let roll = trainees(&tx.scope(), session, None).await?;
    let expected: HashSet<Uuid> = roll.iter().filter(|one| one.expected(slot.id)).map(|one| one.enrolment.id).collect();
    for one in times {
        if !expected.contains(&one.enrolment_id) {
            tx.scope().get::<enrolment::Entity>(one.enrolment_id).await?;
            return Err(Error::refused(
                "attendance.not_expected",
                "Cette personne n’est pas attendue sur cette demi-journée : pas inscrite, partie, ou sur d’autres dates.",
                "This person is not expected on this half-day: not enrolled, gone, or on other dates.",
            ));
        }
        note(tx, slot, one).await?;
    }
    Ok(())
}

/// The same, once the half-day is locked and the trainee known.
pub(super) async fn note(tx: &mut Tx<'_>, slot: &session_slot::Model, times: NewTimes) -> Result<()> {
    let NewTimes { enrolment_id, arrived_at, left_at } = times;
    rules::times(slot.starts_at, slot.ends_at, arrived_at, left_at)?;
    let arrived_at = arrived_at.filter(|at| *at > slot.starts_at);
    let left_at = left_at.filter(|at| *at < slot.ends_at);
    let before = of_one(&tx.scope(), slot.id, enrolment_id).await?;
    let mark = mark_of(tx, slot.id, enrolment_id).await?.filter(|mark| follows(slot, mark, before.as_ref()));
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let mut act = tx.act(slot.activity_id, Event::TimesNoted { slot: slot.id, session: slot.session_id }.into());
    let row = match before {
        Some(row) => {
            act.update(row, |edit: &mut presence_time::ActiveModel| {
                edit.arrived_at = Set(arrived_at);
                edit.left_at = Set(left_at);
                edit.noted_by = Set(actor);
                edit.noted_at = Set(now);
            })
            .await?
        }
        None => {
            act.insert(presence_time::ActiveModel {
                slot_id: Set(slot.id),
                enrolment_id: Set(enrolment_id),
                arrived_at: Set(arrived_at),
                left_at: Set(left_at),
                noted_by: Set(actor),
                noted_at: Set(now),
                ..Default::default()
            })
            .await?
        }
    };
    if let Some(mark) = mark {
        let (presence, minutes) = presence_of(slot, Some(&row));
        act.update(mark, |edit: &mut mark::ActiveModel| {
            edit.presence = Set(presence.into());
            edit.minutes = Set(minutes.0);
        })
        .await?;
    }
    Ok(())
}
