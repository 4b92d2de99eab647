//! A session and its half-days, as they are answered.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{person, session, session_slot, slot_trainer, trainer};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    input::{Format, Half, Modality, NewSessionTerms, ReceivedFrom, SessionKind, SlotState, State},
    place::Place,
    slots::minutes_of,
};
use crate::platform::{answer::Versioned, calendar, codes::stored, error::Result, scope::Scope};

/// Something to know that refuses nothing.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Warning {
    /// Stable, for programs: `trainer.also_planned`.
    pub code: String,
    /// In French.
    pub text: String,
    /// The instant from which it matters.
    pub starts_at: DateTime<Utc>,
    /// The instant until which it matters.
    pub ends_at: DateTime<Utc>,
}

/// Who teaches a half-day.
#[derive(Debug, Clone, Object)]
pub struct SlotTrainer {
    /// The trainer.
    pub trainer_id: Uuid,
    /// First and last name.
    pub name: String,
}

/// A half-day of a session.
#[derive(Debug, Clone, Object)]
pub struct SlotOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The session.
    pub session_id: Uuid,
    /// Where it is in its life.
    pub state: SlotState,
    /// Its day.
    pub day: NaiveDate,
    /// Which half of the day.
    pub half: Half,
    /// When it starts, Paris time, `HH:MM`.
    pub starts: String,
    /// When it ends, Paris time, `HH:MM`.
    pub ends: String,
    /// The instant at which it starts.
    pub starts_at: DateTime<Utc>,
    /// The instant at which it ends.
    pub ends_at: DateTime<Utc>,
    /// Minutes of break that are not training.
    pub break_minutes: i32,
    /// Minutes of training: from start to end, without the break.
    pub minutes: i32,
    /// How it is taught.
    pub modality: Modality,
    /// Its place, when it is not the session's.
    pub place: Option<Place>,
    /// Its video link, when it is not the session's.
    pub link: Option<String>,
    /// Why it was moved or cancelled.
    pub reason: Option<String>,
    /// When it was to start before it was moved.
    pub previous_starts_at: Option<DateTime<Utc>>,
    /// Who teaches it.
    pub trainers: Vec<SlotTrainer>,
    /// What to know about the change that was just made.
    #[oai(skip_serializing_if_is_empty, default)]
    pub warnings: Vec<Warning>,
}

impl Versioned for SlotOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A session with its half-days.
#[derive(Debug, Clone, Object)]
pub struct SessionOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// Its number: `SES-2026-0001`.
    pub reference: String,
    /// Where it is in its life.
    pub state: State,
    /// What was written.
    #[oai(flatten)]
    pub terms: NewSessionTerms,
    /// First day of its half-days.
    pub first_day: Option<NaiveDate>,
    /// Last day of its half-days.
    pub last_day: Option<NaiveDate>,
    /// Minutes of training of its half-days, cancelled ones left out.
    pub planned_minutes: i32,
    /// The part of these minutes that is taught at a distance, in basis points (10 000 is all).
    pub distance_rate: i32,
    /// The day on which it was decided that it takes place (inter).
    pub go_decided_on: Option<NaiveDate>,
    /// Why it was decided below the minimum head-count.
    pub go_reason: Option<String>,
    /// Why it was cancelled.
    pub cancelled_reason: Option<String>,
    /// When the trainees were convoked.
    pub convoked_at: Option<DateTime<Utc>>,
    /// Its half-days, in order.
    pub slots: Vec<SlotOut>,
    /// What to know about the change that was just made.
    #[oai(skip_serializing_if_is_empty, default)]
    pub warnings: Vec<Warning>,
}

impl Versioned for SessionOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// What was written of a session.
pub(super) fn terms(row: &session::Model) -> Result<NewSessionTerms> {
    Ok(NewSessionTerms {
        activity_id: Some(row.activity_id),
        external_id: row.external_id.clone(),
        programme_version_id: row.programme_version_id,
        title: Some(row.title.clone()),
        kind: Some(SessionKind::of(&row.kind)?),
        format: Some(Format::of(&row.format)?),
        place: place_of(row.place.as_deref())?,
        link: row.link.clone(),
        min_heads: row.min_heads,
        max_heads: row.max_heads,
        received_from: row.received_from.as_deref().map(stored::<ReceivedFrom>).transpose()?,
    })
}

/// A stored place.
pub(super) fn place_of(text: Option<&str>) -> Result<Option<Place>> {
    text.map(stored).transpose()
}

/// The names of the trainers of half-days: slot → (trainer, name).
pub(super) async fn trainers_by_slot(scope: &Scope<'_>, slots: &[Uuid]) -> Result<HashMap<Uuid, Vec<SlotTrainer>>> {
    if slots.is_empty() {
        return Ok(HashMap::new());
    }
    let links = scope
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(slots.iter().copied()))
        .ascending(slot_trainer::Column::Id)
        .all()
        .await?;
    let trainers = scope.map::<trainer::Entity>(links.iter().map(|link| link.trainer_id)).await?;
    let people = scope.map::<person::Entity>(trainers.values().map(|trainer| trainer.person_id)).await?;
    let mut by_slot: HashMap<Uuid, Vec<SlotTrainer>> = HashMap::new();
    for link in links {
        let person = trainers.get(&link.trainer_id).and_then(|trainer| people.get(&trainer.person_id));
        let name = person.map(crate::people::name_of).unwrap_or_default();
        by_slot.entry(link.slot_id).or_default().push(SlotTrainer { trainer_id: link.trainer_id, name });
    }
    Ok(by_slot)
}

fn hhmm(instant: DateTime<Utc>) -> String {
    calendar::local(instant).format("%H:%M").to_string()
}

/// Where a half-day is, as it is shown: a planned one that was moved says so.
pub(super) fn shown_state(row: &session_slot::Model) -> Result<SlotState> {
    match SlotState::of(&row.state)? {
        SlotState::Planned if row.previous_starts_at.is_some() => Ok(SlotState::Moved),
        state => Ok(state),
    }
}

fn slot_out(row: session_slot::Model, trainers: Vec<SlotTrainer>) -> Result<SlotOut> {
    let minutes = minutes_of(&row).0;
    Ok(SlotOut {
        id: row.id,
        version: row.version,
        session_id: row.session_id,
        state: shown_state(&row)?,
        day: row.day,
        half: Half::of(&row.half)?,
        starts: hhmm(row.starts_at),
        ends: hhmm(row.ends_at),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        break_minutes: row.break_minutes,
        minutes,
        modality: Modality::of(&row.modality)?,
        place: place_of(row.place.as_deref())?,
        link: row.link,
        reason: row.reason,
        previous_starts_at: row.previous_starts_at,
        trainers,
        warnings: vec![],
    })
}

/// One half-day, with who teaches it.
pub(super) async fn load_slot(scope: &Scope<'_>, row: session_slot::Model) -> Result<SlotOut> {
    let mut trainers = trainers_by_slot(scope, &[row.id]).await?;
    let of = trainers.remove(&row.id).unwrap_or_default();
    slot_out(row, of)
}

/// Sessions with all that they hold: four queries however many they are.
pub(super) async fn load(scope: &Scope<'_>, rows: Vec<session::Model>) -> Result<Vec<SessionOut>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let slots = scope
        .find::<session_slot::Entity>()
        .filter(session_slot::Column::SessionId.is_in(ids))
        .ascending(session_slot::Column::StartsAt)
        .all()
        .await?;
    let slot_ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    let mut trainers = trainers_by_slot(scope, &slot_ids).await?;
    let mut by_session: HashMap<Uuid, Vec<session_slot::Model>> = HashMap::new();
    for slot in slots {
        by_session.entry(slot.session_id).or_default().push(slot);
    }
    let mut found = vec![];
    for row in rows {
        let slots = by_session.remove(&row.id).unwrap_or_default();
        let taught: Vec<session_slot::Model> =
            slots.iter().filter(|slot| slot.state != SlotState::Cancelled.name()).cloned().collect();
        let mut out = SessionOut {
            id: row.id,
            version: row.version,
            seq: row.seq,
            terms: terms(&row)?,
            reference: row.reference,
            state: State::of(&row.state)?,
            first_day: row.first_day,
            last_day: row.last_day,
            planned_minutes: super::slots::planned_minutes(&taught).0,
            distance_rate: super::slots::distance_rate(&taught).0,
            go_decided_on: row.go_decided_on,
            go_reason: row.go_reason,
            cancelled_reason: row.cancelled_reason,
            convoked_at: row.convoked_at,
            slots: vec![],
            warnings: vec![],
        };
        for slot in slots {
            let of = trainers.remove(&slot.id).unwrap_or_default();
            out.slots.push(slot_out(slot, of)?);
        }
        found.push(out);
    }
    Ok(found)
}

/// One session with all that it holds.
pub(super) async fn load_one(scope: &Scope<'_>, row: session::Model) -> Result<SessionOut> {
    let found = load(scope, vec![row]).await?;
    found.into_iter().next().ok_or(crate::platform::error::Error::Missing("session"))
}
