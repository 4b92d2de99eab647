//! The one function that counts attended time: sheet, certificate and funding file all read it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{attendance_sheet, enrolment, enrolment_slot, mark, session_slot};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::rules;
use crate::{
    platform::{error::Result, money::Minutes, scope::Scope},
    session::minutes_of,
};

/// What a trainee attended, from closed half-days only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attended {
    /// Minutes attended on closed half-days.
    pub minutes: Minutes,
    /// Minutes planned, on all the half-days that the trainee follows.
    pub planned: Minutes,
    /// First day attended.
    pub first_day: Option<NaiveDate>,
    /// Last day attended.
    pub last_day: Option<NaiveDate>,
    /// Half-days that are still open: the count is provisional while there are any.
    pub open_slots: Vec<Uuid>,
    /// Whether some of it was at a distance.
    pub distance: bool,
}

/// Count what a trainee attended.
pub async fn attended(scope: &Scope<'_>, enrolment: &enrolment::Model) -> Result<Attended> {
    let mut all = attended_by(scope, std::slice::from_ref(enrolment)).await?;
    Ok(all.remove(&enrolment.id).unwrap_or_else(|| count(enrolment, &[], &HashSet::new(), &HashMap::new())))
}

/// The same for several trainees, whatever their session, in as many queries as for one.
pub async fn attended_by(scope: &Scope<'_>, enrolments: &[enrolment::Model]) -> Result<HashMap<Uuid, Attended>> {
    let sessions: HashSet<Uuid> = enrolments.iter().map(|one| one.session_id).collect();
    let ids: Vec<Uuid> = enrolments.iter().map(|one| one.id).collect();
    let slots = scope
        .find::<session_slot::Entity>()
        .filter(session_slot::Column::SessionId.is_in(sessions))
        .filter(session_slot::Column::State.ne("cancelled"))
        .ascending(session_slot::Column::StartsAt)
        .all()
        .await?;
    let mut by_session: HashMap<Uuid, Vec<&session_slot::Model>> = HashMap::new();
    for slot in &slots {
        by_session.entry(slot.session_id).or_default().push(slot);
    }
    let closed: HashSet<Uuid> = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .filter(attendance_sheet::Column::State.eq("closed"))
        .all()
        .await?
        .into_iter()
        .map(|sheet| sheet.slot_id)
        .collect();
    let marks = scope.find::<mark::Entity>().filter(mark::Column::EnrolmentId.is_in(ids.iter().copied())).all().await?;
    let mut own: HashMap<Uuid, HashMap<Uuid, &mark::Model>> = HashMap::new();
    for mark in &marks {
        own.entry(mark.enrolment_id).or_default().insert(mark.slot_id, mark);
    }
    let chosen: HashSet<(Uuid, Uuid)> = scope
        .find::<enrolment_slot::Entity>()
        .filter(enrolment_slot::Column::EnrolmentId.is_in(ids))
        .all()
        .await?
        .into_iter()
        .map(|row| (row.enrolment_id, row.slot_id))
        .collect();
    let counted = enrolments.iter().map(|one| {
        let follows = |slot: &&&session_slot::Model| one.all_slots || chosen.contains(&(one.id, slot.id));
        let planned = by_session.get(&one.session_id).into_iter().flatten();
        let expected: Vec<&session_slot::Model> = planned.filter(follows).copied().collect();
        (one.id, count(one, &expected, &closed, &own.remove(&one.id).unwrap_or_default()))
    });
    Ok(counted.collect())
}

/// Whoever left early is not waited for on the half-days after they left.
fn awaited(enrolment: &enrolment::Model, day: NaiveDate) -> bool {
    match (enrolment.state.as_str(), enrolment.state_on) {
        ("abandoned" | "replaced" | "no_show", Some(since)) => day < since,
        ("abandoned" | "replaced" | "no_show", None) => false,
        _ => true,
    }
}

/// The minutes that a mark counts.
pub(super) fn counted_of(mark: &mark::Model) -> i32 {
    rules::counted(mark.minutes, &mark.proof, mark.confirmed_at.is_some())
}

fn count(
    enrolment: &enrolment::Model,
    slots: &[&session_slot::Model],
    closed: &HashSet<Uuid>,
    marks: &HashMap<Uuid, &mark::Model>,
) -> Attended {
    let mut counted = Attended {
        minutes: Minutes(0),
        planned: Minutes(slots.iter().map(|slot| minutes_of(slot).0).sum()),
        first_day: None,
        last_day: None,
        open_slots: vec![],
        distance: false,
    };
    for slot in slots {
        if !closed.contains(&slot.id) {
            if awaited(enrolment, slot.day) {
                counted.open_slots.push(slot.id);
            }
            continue;
        }
        let minutes = marks.get(&slot.id).map_or(0, |mark| counted_of(mark));
        if minutes > 0 {
            counted.minutes = Minutes(counted.minutes.0 + minutes);
            counted.first_day = counted.first_day.or(Some(slot.day));
            counted.last_day = Some(slot.day);
            counted.distance |= slot.modality != "face_to_face";
        }
    }
    counted
}
