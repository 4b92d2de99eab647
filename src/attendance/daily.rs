//! What a trainee followed, half-day by half-day: the same rows that `attended` counts.

use chrono::NaiveDate;
use entity::enrolment;
use uuid::Uuid;

use super::{
    attended::counted_of,
    roll::{records, trainees},
    words::SheetState,
};
use crate::{
    platform::{error::Result, money::Minutes, scope::Scope},
    session::{minutes_of, slots_of_session},
};

/// A half-day that a trainee follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// The half-day.
    pub slot: Uuid,
    /// Its day.
    pub day: NaiveDate,
    /// Its minutes of training.
    pub planned: Minutes,
    /// Minutes attended; none while it is open.
    pub attended: Minutes,
}

/// The half-days of a trainee, in order.
pub async fn followed(scope: &Scope<'_>, enrolment: &enrolment::Model) -> Result<Vec<Followed>> {
    let roll = trainees(scope, enrolment.session_id, Some(enrolment.booking_id)).await?;
    let Some(trainee) = roll.into_iter().find(|one| one.enrolment.id == enrolment.id) else { return Ok(vec![]) };
    let mut slots = slots_of_session(scope, enrolment.session_id).await?;
    slots.retain(|slot| trainee.follows(slot.id));
    let recorded = records(scope, &slots).await?;
    Ok(slots
        .iter()
        .map(|slot| {
            let closed = recorded.state(slot.id) == SheetState::Closed;
            let mark = recorded.mark(slot.id, enrolment.id).filter(|_| closed);
            Followed {
                slot: slot.id,
                day: slot.day,
                planned: minutes_of(slot),
                attended: Minutes(mark.map_or(0, counted_of)),
            }
        })
        .collect())
}
