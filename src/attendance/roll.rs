//! The roll: who follows a session, and who is expected on a half-day.

use std::collections::{HashMap, HashSet};

use entity::{
    attendance_sheet, booking, enrolment, enrolment_slot, mark, person, session_slot, slot_trainer, trainer,
    trainer_mark,
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::words::SheetState;
use crate::{
    people::name_of,
    platform::{error::Result, scope::Scope},
};

/// A trainee of a session.
pub struct Trainee {
    /// Their enrolment.
    pub enrolment: enrolment::Model,
    /// First and last name.
    pub name: String,
    /// Last and first name, to sort by.
    pub sort: String,
    /// The half-days that they follow, when not all of them.
    pub chosen: HashSet<Uuid>,
}

impl Trainee {
    /// Whether they follow this half-day.
    pub fn follows(&self, slot: Uuid) -> bool {
        self.enrolment.all_slots || self.chosen.contains(&slot)
    }

    /// Whether a mark of theirs is expected on this half-day: enrolled, there since, and not gone.
    pub fn expected(&self, slot: Uuid) -> bool {
        self.follows(slot) && matches!(self.enrolment.state.as_str(), "enrolled" | "started" | "completed")
    }
}

/// The trainees of a session (of one booking, when it is named), by name; who was only invited is not among them.
pub async fn trainees(scope: &Scope<'_>, session: Uuid, of_booking: Option<Uuid>) -> Result<Vec<Trainee>> {
    use enrolment::Column as E;
    let live = scope
        .find::<booking::Entity>()
        .filter(booking::Column::SessionId.eq(session))
        .filter(booking::Column::State.is_not_in(["declined", "cancelled"]))
        .column(booking::Column::Id);
    let rows = scope
        .find::<enrolment::Entity>()
        .filter(E::SessionId.eq(session))
        .filter(E::BookingId.in_subquery(live))
        .filter(E::State.ne("invited"))
        .filter_some(of_booking.map(|id| E::BookingId.eq(id)))
        .all()
        .await?;
    let people = scope.map::<person::Entity>(rows.iter().map(|row| row.person_id)).await?;
    let mut chosen: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    let some = rows.iter().filter(|row| !row.all_slots).map(|row| row.id);
    for row in
        scope.find::<enrolment_slot::Entity>().filter(enrolment_slot::Column::EnrolmentId.is_in(some)).all().await?
    {
        chosen.entry(row.enrolment_id).or_default().insert(row.slot_id);
    }
    let mut roll: Vec<Trainee> = rows
        .into_iter()
        .map(|enrolment| {
            let person = people.get(&enrolment.person_id);
            let last = |row: &person::Model| row.usage_name.clone().unwrap_or_else(|| row.birth_name.clone());
            Trainee {
                name: person.map(name_of).unwrap_or_default(),
                sort: person
                    .map(|row| crate::platform::text::fold(&format!("{} {}", last(row), row.first_name)))
                    .unwrap_or_default(),
                chosen: chosen.remove(&enrolment.id).unwrap_or_default(),
                enrolment,
            }
        })
        .collect();
    roll.sort_by(|left, right| (&left.sort, left.enrolment.id).cmp(&(&right.sort, right.enrolment.id)));
    Ok(roll)
}

/// First and last names of trainees, by enrolment.
pub(super) async fn names(
    scope: &Scope<'_>,
    enrolments: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, String>> {
    let rows = scope.map::<enrolment::Entity>(enrolments).await?;
    let people = scope.map::<person::Entity>(rows.values().map(|row| row.person_id)).await?;
    let name = |row: &enrolment::Model| people.get(&row.person_id).map(name_of).unwrap_or_default();
    Ok(rows.iter().map(|(id, row)| (*id, name(row))).collect())
}

/// A trainer of a half-day, and their own mark.
pub struct Teaching {
    /// The half-day.
    pub slot: Uuid,
    /// The trainer.
    pub trainer: Uuid,
    /// First and last name.
    pub name: String,
    /// Their own mark, once it is there.
    pub mark: Option<trainer_mark::Model>,
}

/// What is recorded about some half-days.
pub struct Records {
    /// Their sheets.
    pub sheets: HashMap<Uuid, attendance_sheet::Model>,
    /// The trainees' marks.
    pub marks: Vec<mark::Model>,
    /// Who teaches them.
    pub teaching: Vec<Teaching>,
    /// The place of each mark, by half-day and trainee.
    of: HashMap<(Uuid, Uuid), usize>,
    /// The places of those who teach a half-day.
    taught: HashMap<Uuid, Vec<usize>>,
}

impl Records {
    /// Where the record of a half-day stands.
    pub fn state(&self, slot: Uuid) -> SheetState {
        state_of(self.sheets.get(&slot))
    }

    /// The mark of a trainee on a half-day.
    pub fn mark(&self, slot: Uuid, enrolment: Uuid) -> Option<&mark::Model> {
        self.of.get(&(slot, enrolment)).map(|at| &self.marks[*at])
    }

    /// The trainers of a half-day.
    pub fn teaching(&self, slot: Uuid) -> impl Iterator<Item = &Teaching> {
        self.taught.get(&slot).into_iter().flatten().map(|at| &self.teaching[*at])
    }
}

/// Where a half-day with this sheet, or none, stands.
pub fn state_of(sheet: Option<&attendance_sheet::Model>) -> SheetState {
    match sheet.map(|sheet| sheet.state.as_str()) {
        None => SheetState::Waiting,
        Some("closed") => SheetState::Closed,
        Some(_) => SheetState::Open,
    }
}

/// Read what is recorded about these half-days.
pub async fn records(scope: &Scope<'_>, slots: &[session_slot::Model]) -> Result<Records> {
    let ids = || slots.iter().map(|slot| slot.id);
    let sheets = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.is_in(ids()))
        .all()
        .await?
        .into_iter()
        .map(|sheet| (sheet.slot_id, sheet))
        .collect();
    let marks = scope.find::<mark::Entity>().filter(mark::Column::SlotId.is_in(ids())).all().await?;
    let mut own: HashMap<(Uuid, Uuid), trainer_mark::Model> = scope
        .find::<trainer_mark::Entity>()
        .filter(trainer_mark::Column::SlotId.is_in(ids()))
        .all()
        .await?
        .into_iter()
        .map(|mark| ((mark.slot_id, mark.trainer_id), mark))
        .collect();
    let taught = scope
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(ids()))
        .ascending(slot_trainer::Column::Id)
        .all()
        .await?;
    let trainers = scope.map::<trainer::Entity>(taught.iter().map(|row| row.trainer_id)).await?;
    let people = scope.map::<person::Entity>(trainers.values().map(|row| row.person_id)).await?;
    let teaching: Vec<Teaching> = taught
        .into_iter()
        .map(|row| Teaching {
            slot: row.slot_id,
            trainer: row.trainer_id,
            name: trainers
                .get(&row.trainer_id)
                .and_then(|trainer| people.get(&trainer.person_id))
                .map(name_of)
                .unwrap_or_default(),
            mark: own.remove(&(row.slot_id, row.trainer_id)),
        })
        .collect();
    let of = marks.iter().enumerate().map(|(at, mark)| ((mark.slot_id, mark.enrolment_id), at)).collect();
    let mut taught: HashMap<Uuid, Vec<usize>> = HashMap::new();
    for (at, one) in teaching.iter().enumerate() {
        taught.entry(one.slot).or_default().push(at);
    }
    Ok(Records { sheets, marks, teaching, of, taught })
}
