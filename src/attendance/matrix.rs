//! What is known of the presences of a session, half-day by half-day.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{session, session_slot};
use poem_openapi::Object;
use uuid::Uuid;

use super::{
    attended::counted_of,
    attended_by,
    roll::{Records, Trainee, records, trainees},
    words::{Presence, Proof, SheetState, Statement},
};
use crate::{
    platform::{calendar::HalfDay, error::Result, scope::Scope},
    session::minutes_of,
};

/// A trainer's own presence on a half-day.
#[derive(Debug, Clone, Object)]
pub struct TrainerMarkOut {
    /// The trainer.
    pub trainer_id: Uuid,
    /// First and last name of the trainer.
    pub name: String,
    /// Minutes taught; absent until it is recorded.
    pub minutes: Option<i32>,
    /// What proves it; absent until it is recorded.
    pub proof: Option<Proof>,
}

/// The state of a half-day's record (feuille d'émargement).
#[derive(Debug, Clone, Object)]
pub struct SlotRecord {
    /// The half-day.
    pub slot_id: Uuid,
    /// Its day in Paris.
    pub day: NaiveDate,
    /// Morning or afternoon, in French.
    pub half: String,
    /// Its beginning.
    pub starts_at: DateTime<Utc>,
    /// Its end.
    pub ends_at: DateTime<Utc>,
    /// Its minutes of training, without the break.
    pub minutes: i32,
    /// Where its record stands.
    pub state: SheetState,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// Why it was closed although some presences are missing.
    pub gaps: Option<String>,
    /// Why it was reopened, the last time.
    pub reopened_reason: Option<String>,
    /// When it was corrected after its closing, the last time.
    pub amended_at: Option<DateTime<Utc>>,
    /// Who corrected it.
    pub amended_by: Option<String>,
    /// Why.
    pub amended_reason: Option<String>,
    /// The scan of its paper sheet.
    pub scan_file_id: Option<Uuid>,
    /// How many presences it counted at closing.
    pub mark_count: Option<i32>,
    /// SHA-256 of what it counted at closing; the sheet prints its beginning.
    pub head_hash: Option<String>,
    /// Who teaches it, and their own presence.
    pub trainers: Vec<TrainerMarkOut>,
}

/// A trainee's presence on a half-day.
#[derive(Debug, Clone, Object)]
pub struct MarkOut {
    /// The half-day.
    pub slot_id: Uuid,
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// Whether a presence is expected.
    pub expected: bool,
    /// What the presence was; absent until it is recorded.
    pub presence: Option<Presence>,
    /// Minutes attended.
    pub minutes: Option<i32>,
    /// What proves it.
    pub proof: Option<Proof>,
    /// Why the trainee was absent, or left; never shown to the client.
    pub reason: Option<String>,
    /// The mark; absent until it is recorded.
    pub id: Option<Uuid>,
    /// The minutes that it counts: none while a trainer's statement waits for the cooperative.
    pub counted_minutes: Option<i32>,
    /// Why the trainer states it without a signature.
    pub statement: Option<Statement>,
    /// Whether the cooperative confirmed that statement.
    pub confirmed: Option<bool>,
    /// The number of the paper sheet that was signed.
    pub paper_reference: Option<String>,
    /// The act of signing that proves it.
    pub evidence_id: Option<Uuid>,
    /// Who recorded it.
    pub recorded_by: Option<String>,
    /// When it was recorded.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// A trainee's row.
#[derive(Debug, Clone, Object)]
pub struct TraineeAttendance {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// The booking that they belong to.
    pub booking_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// Minutes attended, from closed half-days only.
    pub attended_minutes: i32,
    /// Minutes planned, on the half-days that they follow.
    pub planned_minutes: i32,
    /// One presence for each half-day that they follow.
    pub marks: Vec<MarkOut>,
}

/// A session's presences: half-days, and a row for each trainee.
#[derive(Debug, Clone, Object)]
pub struct AttendanceOut {
    /// The session.
    pub session_id: Uuid,
    /// Its half-days, in order.
    pub slots: Vec<SlotRecord>,
    /// Its trainees, by name.
    pub trainees: Vec<TraineeAttendance>,
}

/// A half-day's presences.
#[derive(Debug, Clone, Object)]
pub struct SlotAttendance {
    /// The session.
    pub session_id: Uuid,
    /// The half-day.
    pub slot: SlotRecord,
    /// A presence for each trainee who follows it, by name.
    pub marks: Vec<MarkOut>,
}

fn slot_record(slot: &session_slot::Model, records: &Records) -> SlotRecord {
    let sheet = records.sheets.get(&slot.id);
    SlotRecord {
        slot_id: slot.id,
        day: slot.day,
        half: half_of(slot).word().to_owned(),
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        minutes: minutes_of(slot).0,
        state: records.state(slot.id),
        closed_at: sheet.and_then(|sheet| sheet.closed_at),
        closed_by: sheet.and_then(|sheet| sheet.closed_by.clone()),
        gaps: sheet.and_then(|sheet| sheet.gaps.clone()),
        reopened_reason: sheet.and_then(|sheet| sheet.reopened_reason.clone()),
        amended_at: sheet.and_then(|sheet| sheet.amended_at),
        amended_by: sheet.and_then(|sheet| sheet.amended_by.clone()),
        amended_reason: sheet.and_then(|sheet| sheet.amended_reason.clone()),
        scan_file_id: sheet.and_then(|sheet| sheet.scan_file_id),
        mark_count: sheet.and_then(|sheet| sheet.mark_count),
        head_hash: sheet.and_then(|sheet| sheet.head_hash.clone()),
        trainers: records
            .teaching(slot.id)
            .map(|one| TrainerMarkOut {
                trainer_id: one.trainer,
                name: one.name.clone(),
                minutes: one.mark.as_ref().map(|mark| mark.minutes),
                proof: one.mark.as_ref().and_then(|mark| Proof::of(&mark.proof).ok()),
            })
            .collect(),
    }
}

/// The half of the day that it is.
pub(super) fn half_of(slot: &session_slot::Model) -> HalfDay {
    if slot.half == "afternoon" { HalfDay::Afternoon } else { HalfDay::Morning }
}

fn mark_out(slot: Uuid, trainee: &Trainee, records: &Records) -> MarkOut {
    let mark = records.mark(slot, trainee.enrolment.id);
    MarkOut {
        slot_id: slot,
        enrolment_id: trainee.enrolment.id,
        name: trainee.name.clone(),
        expected: trainee.expected(slot),
        presence: mark.and_then(|mark| Presence::of(&mark.presence).ok()),
        minutes: mark.map(|mark| mark.minutes),
        proof: mark.and_then(|mark| Proof::of(&mark.proof).ok()),
        reason: mark.and_then(|mark| mark.reason.clone()),
        id: mark.map(|mark| mark.id),
        counted_minutes: mark.map(counted_of),
        statement: mark.and_then(|mark| Statement::of(mark.statement.as_deref()?).ok()),
        confirmed: mark.and_then(|mark| mark.statement.as_ref().map(|_| mark.confirmed_at.is_some())),
        paper_reference: mark.and_then(|mark| mark.paper_reference.clone()),
        evidence_id: mark.and_then(|mark| mark.evidence_id),
        recorded_by: mark.map(|mark| mark.recorded_by.clone()),
        recorded_at: mark.map(|mark| mark.recorded_at),
    }
}

/// The presences of a session.
pub async fn of_session(scope: &Scope<'_>, id: Uuid) -> Result<AttendanceOut> {
    let session = scope.get::<session::Entity>(id).await?;
    let slots = crate::session::slots_of_session(scope, session.id).await?;
    let roll = trainees(scope, session.id, None).await?;
    let records = records(scope, &slots).await?;
    let enrolments: Vec<_> = roll.iter().map(|trainee| trainee.enrolment.clone()).collect();
    let counted = attended_by(scope, &enrolments).await?;
    let rows = roll
        .iter()
        .map(|trainee| TraineeAttendance {
            enrolment_id: trainee.enrolment.id,
            booking_id: trainee.enrolment.booking_id,
            name: trainee.name.clone(),
            attended_minutes: counted.get(&trainee.enrolment.id).map_or(0, |all| all.minutes.0),
            planned_minutes: counted.get(&trainee.enrolment.id).map_or(0, |all| all.planned.0),
            marks: slots
                .iter()
                .filter(|slot| trainee.follows(slot.id))
                .map(|slot| mark_out(slot.id, trainee, &records))
                .collect(),
        })
        .collect();
    Ok(AttendanceOut {
        session_id: session.id,
        slots: slots.iter().map(|slot| slot_record(slot, &records)).collect(),
        trainees: rows,
    })
}

/// The presences of a half-day.
pub async fn of_slot(scope: &Scope<'_>, id: Uuid) -> Result<SlotAttendance> {
    let slot = scope.get::<session_slot::Entity>(id).await?;
    let roll = trainees(scope, slot.session_id, None).await?;
    let records = records(scope, std::slice::from_ref(&slot)).await?;
    Ok(SlotAttendance {
        session_id: slot.session_id,
        slot: slot_record(&slot, &records),
        marks: roll
            .iter()
            .filter(|trainee| trainee.follows(slot.id))
            .map(|trainee| mark_out(slot.id, trainee, &records))
            .collect(),
    })
}

/// Half-days in words: « lundi 2 mars 2026, matin ».
pub(super) async fn named(scope: &Scope<'_>, slots: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, String>> {
    let rows = scope.map::<session_slot::Entity>(slots).await?;
    let words = |slot: &session_slot::Model| {
        format!("{}, {}", crate::platform::calendar::long_date(slot.day), half_of(slot).word())
    };
    Ok(rows.iter().map(|(id, slot)| (*id, words(slot))).collect())
}
