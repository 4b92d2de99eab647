//! A half-day as it happens: who is expected, who signed, who is missing, what waits, what is unusual.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{mark_evidence, person, session, session_slot};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    evidence::{self, network_of},
    late::{self, LateMarkOut},
    matrix::half_of,
    roll::{Trainee, records, trainees},
    signals::{Seen, Signal, signals},
    signing::short_name,
    times,
    walk_in::{self, WalkInOut},
    words::{LateState, Means, Presence, Proof, SheetState, SigningAct, Statement},
};
use crate::{
    organisation::settings,
    platform::{error::Result, scope::Scope},
    session::minutes_of,
};

/// A trainee who is expected.
#[derive(Debug, Clone, Object)]
pub struct LiveTrainee {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name.
    pub name: String,
    /// First name and initial, as a page shows it to the others.
    pub short_name: String,
    /// The mark, once there is one.
    pub mark_id: Option<Uuid>,
    /// Whether the presence is proved: signed, on paper, by a connection.
    pub proved: bool,
    /// What the presence was.
    pub presence: Option<Presence>,
    /// Its minutes.
    pub minutes: Option<i32>,
    /// What proves it.
    pub proof: Option<Proof>,
    /// Why the trainer states it without a signature.
    pub statement: Option<Statement>,
    /// Whether the cooperative confirmed that statement.
    pub confirmed: bool,
    /// When it was signed, as the server received it.
    pub signed_at: Option<DateTime<Utc>>,
    /// When they arrived, if late.
    pub arrived_at: Option<DateTime<Utc>>,
    /// When they left, if early.
    pub left_at: Option<DateTime<Utc>>,
    /// Whether a late signature of theirs waits for a decision.
    pub waiting: bool,
}

/// A trainer of the half-day.
#[derive(Debug, Clone, Object)]
pub struct LiveTrainer {
    /// The trainer.
    pub trainer_id: Uuid,
    /// First and last name.
    pub name: String,
    /// Whether they signed.
    pub proved: bool,
    /// When, as the server received it.
    pub signed_at: Option<DateTime<Utc>>,
}

/// A half-day as it happens.
#[derive(Debug, Clone, Object)]
pub struct Live {
    /// The session.
    pub session_id: Uuid,
    /// The half-day.
    pub slot_id: Uuid,
    /// The title of the action.
    pub title: String,
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
    /// When signing opens.
    pub opens_at: DateTime<Utc>,
    /// Until when late signatures are received once it is closed.
    pub late_until: DateTime<Utc>,
    /// Where its record stands.
    pub state: SheetState,
    /// Whether the half-day was cancelled.
    pub cancelled: bool,
    /// How many are expected.
    pub expected: i32,
    /// How many proved their presence.
    pub signed: i32,
    /// The names of those of whom nothing is recorded.
    pub missing: Vec<String>,
    /// The trainees who are expected, by name.
    pub trainees: Vec<LiveTrainee>,
    /// The trainers.
    pub trainers: Vec<LiveTrainer>,
    /// Those who were added on the spot.
    pub walk_ins: Vec<WalkInOut>,
    /// Signatures that wait for a decision.
    pub late_marks: Vec<LateMarkOut>,
    /// What is unusual about the signatures; shown, never blocking.
    pub signals: Vec<Signal>,
}

/// The half-day as it is now.
pub async fn live(scope: &Scope<'_>, slot: Uuid) -> Result<Live> {
    let slot = scope.get::<session_slot::Entity>(slot).await?;
    let session = scope.get::<session::Entity>(slot.session_id).await?;
    let rules = settings(scope).await?;
    let roll: Vec<Trainee> =
        trainees(scope, session.id, None).await?.into_iter().filter(|one| one.expected(slot.id)).collect();
    let people = scope.map::<person::Entity>(roll.iter().map(|one| one.enrolment.person_id)).await?;
    let known = records(scope, std::slice::from_ref(&slot)).await?;
    let kept = evidence::of_slots(scope, &[slot.id]).await?;
    let noted = times::of_slots(scope, [slot.id]).await?;
    let late = late::of_slots(scope, &[slot.id]).await?;
    let walk_ins = walk_in::walk_ins(scope, slot.id).await?;
    let signed: HashMap<Uuid, DateTime<Utc>> = kept.iter().map(|row| (row.id, row.signed_at)).collect();
    let received = |id: Option<Uuid>| id.and_then(|id| signed.get(&id)).copied();
    let pending = late.iter().filter(|late| late.state == LateState::Pending.name());
    let waiting: HashSet<Uuid> = pending.map(|late| late.enrolment_id).collect();
    let mut rows = vec![];
    for one in &roll {
        let id = one.enrolment.id;
        let mark = known.mark(slot.id, id);
        let times = noted.get(&(slot.id, id));
        let proof = mark.map(|mark| Proof::of(&mark.proof)).transpose()?;
        rows.push(LiveTrainee {
            enrolment_id: id,
            name: one.name.clone(),
            short_name: people.get(&one.enrolment.person_id).map(short_name).unwrap_or_default(),
            mark_id: mark.map(|mark| mark.id),
            proved: mark.is_some_and(|mark| mark.minutes > 0) && proof != Some(Proof::TrainerStatement),
            presence: mark.map(|mark| Presence::of(&mark.presence)).transpose()?,
            minutes: mark.map(|mark| mark.minutes),
            proof,
            statement: mark.and_then(|mark| mark.statement.as_deref()).map(Statement::of).transpose()?,
            confirmed: mark.is_some_and(|mark| mark.confirmed_at.is_some()),
            signed_at: received(mark.and_then(|mark| mark.evidence_id)),
            arrived_at: times.and_then(|times| times.arrived_at),
            left_at: times.and_then(|times| times.left_at),
            waiting: waiting.contains(&id),
        });
    }
    let trainers = known
        .teaching(slot.id)
        .map(|one| LiveTrainer {
            trainer_id: one.trainer,
            name: one.name.clone(),
            proved: one.mark.is_some(),
            signed_at: received(one.mark.as_ref().and_then(|mark| mark.evidence_id)),
        })
        .collect();
    let seen = seen(&kept, &rows, &walk_ins);
    let waiting = late.into_iter().filter(|late| late.state == LateState::Pending.name()).collect();
    let count = |many: usize| i32::try_from(many).unwrap_or(i32::MAX);
    Ok(Live {
        session_id: session.id,
        slot_id: slot.id,
        title: session.title,
        day: slot.day,
        half: half_of(&slot).word().to_owned(),
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        minutes: minutes_of(&slot).0,
        opens_at: slot.starts_at - TimeDelta::minutes(i64::from(rules.signing_opens_minutes)),
        late_until: slot.ends_at + TimeDelta::hours(i64::from(rules.late_mark_hours)),
        state: known.state(slot.id),
        cancelled: slot.state == "cancelled",
        expected: count(rows.len()),
        signed: count(rows.iter().filter(|row| row.proved).count()),
        missing: rows.iter().filter(|row| row.presence.is_none()).map(|row| row.name.clone()).collect(),
        signals: signals(slot.starts_at, slot.ends_at, &seen),
        trainees: rows,
        trainers,
        walk_ins,
        late_marks: late::shown(scope, waiting).await?,
    })
}

fn seen(kept: &[mark_evidence::Model], trainees: &[LiveTrainee], walk_ins: &[WalkInOut]) -> Vec<Seen> {
    let names: HashMap<Uuid, &String> = walk_ins
        .iter()
        .map(|one| (one.id, &one.name))
        .chain(trainees.iter().map(|one| (one.enrolment_id, &one.name)))
        .collect();
    let of = |row: &mark_evidence::Model| {
        let who = row.enrolment_id.or(row.walk_in_id)?;
        Some(Seen {
            who,
            name: (*names.get(&who)?).clone(),
            means: Means::of(&row.means).ok()?,
            signed_at: row.signed_at,
            device_at: row.device_at,
            offline: row.offline,
            device: network_of(row).device,
            picture: row.picture.clone(),
        })
    };
    kept.iter().filter(|row| row.act == SigningAct::Signature.name()).filter_map(of).collect()
}

/// What changes whenever anything about the half-day does, in one cheap question for each table: several instances
/// watch the same database.
pub(super) async fn pulse(scope: &Scope<'_>, slot: Uuid) -> Result<i64> {
    macro_rules! newest {
        ($($name:ident),*) => {{
            let mut newest = 0_i64;
            $(
                let row = scope
                    .find::<entity::$name::Entity>()
                    .filter(entity::$name::Column::SlotId.eq(slot))
                    .descending(entity::$name::Column::Seq)
                    .one()
                    .await?;
                newest = newest.max(row.map_or(0, |row| row.seq));
            )*
            newest
        }};
    }
    Ok(newest!(mark, trainer_mark, late_mark, presence_time, walk_in, attendance_sheet))
}
