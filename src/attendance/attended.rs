//! The one function that counts attended time: sheet, certificate and funding file all read it.

use chrono::NaiveDate;
use entity::{attendance_sheet, enrolment, mark};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    enrolment::expected_slots,
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
}

/// Count what a trainee attended.
pub async fn attended(scope: &Scope<'_>, enrolment: &enrolment::Model) -> Result<Attended> {
    let slots = expected_slots(scope, enrolment).await?;
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    let closed: Vec<Uuid> = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(ids.iter().copied()))
        .filter(attendance_sheet::Column::State.eq("closed"))
        .all()
        .await?
        .into_iter()
        .map(|sheet| sheet.slot_id)
        .collect();
    let marks = scope
        .find::<mark::Entity>()
        .filter(mark::Column::EnrolmentId.eq(enrolment.id))
        .filter(mark::Column::SlotId.is_in(ids))
        .all()
        .await?;
    let mut counted = Attended {
        minutes: Minutes(0),
        planned: Minutes(slots.iter().map(|slot| minutes_of(slot).0).sum()),
        first_day: None,
        last_day: None,
        open_slots: vec![],
    };
    for slot in &slots {
        if !closed.contains(&slot.id) {
            counted.open_slots.push(slot.id);
            continue;
        }
        let minutes = marks.iter().find(|mark| mark.slot_id == slot.id).map_or(0, |mark| mark.minutes);
        if minutes > 0 {
            counted.minutes = Minutes(counted.minutes.0 + minutes);
            counted.first_day = counted.first_day.or(Some(slot.day));
            counted.last_day = Some(slot.day);
        }
    }
    Ok(counted)
}
