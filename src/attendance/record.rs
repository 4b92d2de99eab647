//! Record a half-day in one call: everybody is present, except those who are named.

use std::collections::{HashMap, HashSet};

use entity::{attendance_sheet, booking, enrolment, mark, session, session_slot, stored_file, trainer, trainer_mark};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    close,
    events::Event,
    matrix::{self, SlotAttendance},
    roll::{Records, Trainee, records, state_of, trainees},
    rules,
    words::{Presence, Proof, SheetState, Statement},
};
use crate::{
    agreement,
    enrolment::mark_started,
    platform::{
        access::Ctx,
        error::{Error, Fault, Result},
        tx::Tx,
    },
    session::{mark_running, minutes_of},
};

/// A trainee whose presence is not the default one.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewException {
    /// The trainee; expected on this half-day.
    pub enrolment_id: Uuid,
    /// What their presence was.
    pub presence: Presence,
    /// Minutes attended, for a partial presence: more than zero, less than the half-day.
    #[oai(validator(minimum(value = "0"), maximum(value = "720")))]
    pub minutes: Option<i32>,
    /// Why they were absent, or left; never shown to the client.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub reason: Option<String>,
    /// What proves it, when it differs from the others'.
    pub proof: Option<Proof>,
    /// Why the trainer states it without a signature (proof `trainer_statement`): it counts once the cooperative
    /// confirms it.
    pub statement: Option<Statement>,
}

/// A trainer's own presence.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewTrainerMark {
    /// The trainer; one of those who teach this half-day.
    pub trainer_id: Uuid,
    /// Minutes taught; the whole half-day when absent.
    #[oai(validator(minimum(value = "1"), maximum(value = "720")))]
    pub minutes: Option<i32>,
    /// What proves it, when it differs from the trainees'.
    pub proof: Option<Proof>,
}

/// A half-day's presences, all at once.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewAttendance {
    /// The presence of everybody who is expected and not named below. When absent: present, for those of whom nothing is
    /// recorded yet; the others keep what was recorded.
    pub default: Option<Presence>,
    /// Only those who are named are recorded: to correct, or to leave gaps that the closing will have to explain.
    #[oai(default)]
    pub only_named: bool,
    /// What proves the presences.
    pub proof: Proof,
    /// Those whose presence is not the default one.
    #[oai(validator(max_items = 500))]
    #[validate(nested)]
    pub exceptions: Option<Vec<NewException>>,
    /// The trainers' own presence, needed to close the half-day.
    #[oai(validator(max_items = 20))]
    #[validate(nested)]
    pub trainers: Option<Vec<NewTrainerMark>>,
    /// Close the half-day in the same call.
    pub close: Option<bool>,
    /// Why it is closed although some presences are missing.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub gaps: Option<String>,
    /// The number of the paper sheet that was signed: `EMG-2026-0003`.
    #[oai(validator(min_length = 1, max_length = 60))]
    pub paper_reference: Option<String>,
    /// The scan of that sheet, a file received before.
    pub scan_file_id: Option<Uuid>,
}

/// What a mark is about to say.
pub(super) struct Said {
    pub presence: Presence,
    pub minutes: i32,
    pub proof: Proof,
    pub reason: Option<String>,
    pub statement: Option<Statement>,
    pub evidence: Option<Uuid>,
    pub paper: Option<String>,
}

/// Record a half-day, and close it when asked to.
pub async fn record(ctx: &mut Ctx, slot: Uuid, input: NewAttendance) -> Result<SlotAttendance> {
    let NewAttendance { default, only_named, proof, exceptions, trainers, close, gaps, paper_reference, scan_file_id } =
        input;
    let close = close.unwrap_or(false);
    let mut tx = ctx.begin().await?;
    let (session, slot) = locked(&tx, slot, close).await?;
    let sheet = sheet_of(&tx, slot.id).await?;
    rules::may_record(state_of(sheet.as_ref()), slot.state == "cancelled", slot.starts_at, tx.now())?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let before = records(&tx.scope(), std::slice::from_ref(&slot)).await?;
    tx.scope().maybe::<stored_file::Entity>(scan_file_id).await?;
    let mut said = heard(
        &tx,
        &slot,
        &roll,
        (!only_named).then_some(&before),
        default,
        proof,
        ("/exceptions", exceptions.unwrap_or_default()),
    )
    .await?;
    let own = heard_trainers(&tx, &slot, &before, proof, trainers.unwrap_or_default()).await?;
    may_start(&tx, &roll, &said.keys().copied().collect::<Vec<_>>()).await?;
    for said in said.values_mut().filter(|said| said.proof == Proof::Paper) {
        said.paper.clone_from(&paper_reference);
    }
    let sheet = match sheet {
        Some(sheet) => sheet,
        None => open_sheet(&mut tx, &slot).await?,
    };
    let there: Vec<Uuid> = said.iter().filter(|(_, said)| said.minutes > 0).map(|(id, _)| *id).collect();
    let event = Event::Recorded { slot: slot.id, session: slot.session_id };
    write(&mut tx, &slot, event, &before, said).await?;
    write_trainers(&mut tx, &slot, &before, own, paper_reference).await?;
    if let Some(scan) = scan_file_id {
        tx.act(slot.activity_id, Event::Recorded { slot: slot.id, session: slot.session_id }.into())
            .update(sheet, |edit: &mut attendance_sheet::ActiveModel| edit.scan_file_id = Set(Some(scan)))
            .await?;
    }
    if !there.is_empty() {
        mark_started(&mut tx, &there).await?;
    }
    let session = mark_running(&mut tx, session).await?;
    if close {
        close::close_locked(&mut tx, session, slot.clone(), gaps).await?;
    }
    tx.answers_at(format!("/v1/slots/{}/attendance", slot.id), 200);
    let out = matrix::of_slot(&tx.scope(), slot.id).await?;
    tx.commit().await?;
    Ok(out)
}

/// The half-day, locked; its session too (first, as everywhere) when it is about to change.
pub(super) async fn locked(tx: &Tx<'_>, slot: Uuid, whole: bool) -> Result<(session::Model, session_slot::Model)> {
    let session = tx.scope().get::<session_slot::Entity>(slot).await?.session_id;
    let mut session = tx.scope().get::<session::Entity>(session).await?;
    if whole || session.state != "running" {
        session = tx.lock::<session::Entity>(session.id).await?;
    }
    if session.state == "cancelled" {
        return Err(Error::no_move("attendance.session_state", &session.state, "record", &[]));
    }
    let slot = tx.lock::<session_slot::Entity>(slot).await?;
    Ok((session, slot))
}

pub(super) async fn sheet_of(tx: &Tx<'_>, slot: Uuid) -> Result<Option<attendance_sheet::Model>> {
    tx.scope().find::<attendance_sheet::Entity>().filter(attendance_sheet::Column::SlotId.eq(slot)).one().await
}

pub(super) async fn open_sheet(tx: &mut Tx<'_>, slot: &session_slot::Model) -> Result<attendance_sheet::Model> {
    let now = tx.now();
    tx.act(slot.activity_id, Event::Opened { slot: slot.id, session: slot.session_id }.into())
        .insert(attendance_sheet::ActiveModel {
            slot_id: Set(slot.id),
            state: Set(SheetState::Open.name().into()),
            opened_at: Set(Some(now)),
            closed_at: Set(None),
            closed_by: Set(None),
            gaps: Set(None),
            mark_count: Set(None),
            head_seq: Set(None),
            head_hash: Set(None),
            reopened_reason: Set(None),
            ..Default::default()
        })
        .await
}

/// What the call says of each trainee.
pub(super) async fn heard(
    tx: &Tx<'_>,
    slot: &session_slot::Model,
    roll: &[Trainee],
    before: Option<&Records>,
    default: Option<Presence>,
    proof: Proof,
    (place, exceptions): (&str, Vec<NewException>),
) -> Result<HashMap<Uuid, Said>> {
    let length = minutes_of(slot);
    let known: HashMap<Uuid, &Trainee> = roll.iter().map(|trainee| (trainee.enrolment.id, trainee)).collect();
    let mut faults = vec![];
    let mut said = HashMap::new();
    for (index, exception) in exceptions.into_iter().enumerate() {
        let NewException { enrolment_id, presence, minutes, reason, proof: own, statement } = exception;
        let at = format!("{place}/{index}");
        if !known.contains_key(&enrolment_id) {
            tx.scope().get::<enrolment::Entity>(enrolment_id).await?;
        }
        if !known.get(&enrolment_id).is_some_and(|trainee| trainee.expected(slot.id)) {
            faults.push(Fault::new(
                format!("{at}/enrolment_id"),
                "attendance.not_expected",
                "Cette personne n’est pas attendue sur cette demi-journée : pas inscrite, partie, ou sur d’autres dates.",
                "This person is not expected on this half-day: not enrolled, gone, or on other dates.",
            ));
            continue;
        }
        match rules::minutes(&at, presence, minutes, length) {
            Err(fault) => faults.push(fault),
            Ok(minutes) => {
                let proof = own.unwrap_or(proof);
                faults.extend(rules::stated(&at, proof, minutes, statement, reason.as_deref()).err());
                let line = Said { presence, minutes, proof, reason, statement, evidence: None, paper: None };
                if said.insert(enrolment_id, line).is_some() {
                    faults.push(Fault::new(
                        format!("{at}/enrolment_id"),
                        "attendance.twice",
                        "Cette personne est nommée deux fois.",
                        "This person is named twice.",
                    ));
                }
            }
        }
    }
    let presence = default.unwrap_or(Presence::Present);
    let minutes = rules::minutes("/default", presence, None, length).map_err(|fault| Error::Invalid(vec![fault]))?;
    for trainee in roll.iter().filter(|trainee| trainee.expected(slot.id)) {
        let (id, Some(before)) = (trainee.enrolment.id, before) else { break };
        if default.is_some() || before.mark(slot.id, id).is_none() {
            if !said.contains_key(&id) {
                // Nobody is stated present without being named.
                rules::stated("/default", proof, minutes, None, None).map_err(|fault| Error::Invalid(vec![fault]))?;
            }
            said.entry(id).or_insert(Said {
                presence,
                minutes,
                proof,
                reason: None,
                statement: None,
                evidence: None,
                paper: None,
            });
        }
    }
    if faults.is_empty() { Ok(said) } else { Err(Error::Invalid(faults)) }
}

/// What the call says of each trainer.
async fn heard_trainers(
    tx: &Tx<'_>,
    slot: &session_slot::Model,
    before: &Records,
    proof: Proof,
    trainers: Vec<NewTrainerMark>,
) -> Result<HashMap<Uuid, (i32, Proof)>> {
    let length = minutes_of(slot).0;
    let mut faults = vec![];
    let mut own = HashMap::new();
    for (index, trainer) in trainers.into_iter().enumerate() {
        let NewTrainerMark { trainer_id, minutes, proof: said } = trainer;
        tx.scope().get::<trainer::Entity>(trainer_id).await?;
        if !before.teaching(slot.id).any(|one| one.trainer == trainer_id) {
            faults.push(Fault::new(
                format!("/trainers/{index}/trainer_id"),
                "attendance.not_teaching",
                "Cette personne ne forme pas sur cette demi-journée.",
                "This person does not teach this half-day.",
            ));
        }
        if minutes.is_some_and(|minutes| minutes > length) {
            faults.push(Fault::new(
                format!("/trainers/{index}/minutes"),
                "too_large",
                format!("La demi-journée dure {length} minutes."),
                format!("The half-day lasts {length} minutes."),
            ));
        }
        own.insert(trainer_id, (minutes.unwrap_or(length), said.unwrap_or(proof)));
    }
    if faults.is_empty() { Ok(own) } else { Err(Error::Invalid(faults)) }
}

/// A booking starts with its first recorded half-day: its agreement must allow it.
pub(super) async fn may_start(tx: &Tx<'_>, roll: &[Trainee], said: &[Uuid]) -> Result<()> {
    let said: HashSet<Uuid> = said.iter().copied().collect();
    let begins = |trainee: &&Trainee| said.contains(&trainee.enrolment.id);
    let mut bookings: HashSet<Uuid> = roll.iter().filter(begins).map(|trainee| trainee.enrolment.booking_id).collect();
    let theirs = roll.iter().map(|trainee| &trainee.enrolment).filter(|row| bookings.contains(&row.booking_id));
    let of: HashMap<Uuid, Uuid> = theirs.map(|row| (row.id, row.booking_id)).collect();
    let begun = tx.scope().find::<mark::Entity>().filter(mark::Column::EnrolmentId.is_in(of.keys().copied()));
    for enrolment in begun.distinct(mark::Column::EnrolmentId).await? {
        bookings.remove(of.get(&enrolment).unwrap_or(&enrolment));
    }
    for booking in bookings {
        let booking = tx.scope().get::<booking::Entity>(booking).await?;
        agreement::may_start(&tx.scope(), &booking, tx.today()).await?;
    }
    Ok(())
}

/// Write marks under an act of this name: what is the same stays.
pub(super) async fn write(
    tx: &mut Tx<'_>,
    slot: &session_slot::Model,
    event: Event,
    before: &Records,
    said: HashMap<Uuid, Said>,
) -> Result<()> {
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let mut act = tx.act(slot.activity_id, event.into());
    let mut said: Vec<(Uuid, Said)> = said.into_iter().collect();
    said.sort_by_key(|(id, _)| *id);
    let mut new = vec![];
    for (enrolment, Said { presence, minutes, proof, reason, statement, evidence, paper }) in said {
        let statement = statement.map(String::from);
        let mut row = mark::ActiveModel {
            presence: Set(presence.into()),
            minutes: Set(minutes),
            proof: Set(proof.into()),
            reason: Set(reason),
            recorded_by: Set(actor.clone()),
            recorded_at: Set(now),
            evidence_id: Set(evidence),
            statement: Set(statement),
            confirmed_at: Set(None),
            confirmed_by: Set(None),
            paper_reference: Set(paper),
            ..Default::default()
        };
        match before.mark(slot.id, enrolment) {
            Some(old)
                if old.presence == presence.name()
                    && old.minutes == minutes
                    && old.proof == proof.name()
                    && row.reason == Set(old.reason.clone())
                    && row.statement == Set(old.statement.clone())
                    && (evidence.is_none() || old.evidence_id == evidence)
                    && row.paper_reference == Set(old.paper_reference.clone()) => {}
            Some(old) => {
                // What was signed stays proved by it, as long as it is said to be.
                let kept = old.evidence_id.filter(|_| evidence.is_none() && old.proof == proof.name());
                act.update(old.clone(), |edit: &mut mark::ActiveModel| {
                    edit.presence = row.presence;
                    edit.minutes = row.minutes;
                    edit.proof = row.proof;
                    edit.reason = row.reason;
                    edit.recorded_by = row.recorded_by;
                    edit.recorded_at = row.recorded_at;
                    edit.evidence_id = if kept.is_some() { Set(kept) } else { row.evidence_id };
                    edit.statement = row.statement;
                    edit.confirmed_at = row.confirmed_at;
                    edit.confirmed_by = row.confirmed_by;
                    edit.paper_reference = row.paper_reference;
                })
                .await?;
            }
            None => {
                row.slot_id = Set(slot.id);
                row.enrolment_id = Set(enrolment);
                new.push(row);
            }
        }
    }
    act.insert_all(new).await
}

async fn write_trainers(
    tx: &mut Tx<'_>,
    slot: &session_slot::Model,
    before: &Records,
    own: HashMap<Uuid, (i32, Proof)>,
    paper: Option<String>,
) -> Result<()> {
    if own.is_empty() {
        return Ok(());
    }
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let mut act = tx.act(slot.activity_id, Event::Recorded { slot: slot.id, session: slot.session_id }.into());
    let mut own: Vec<_> = own.into_iter().collect();
    own.sort_by_key(|(id, _)| *id);
    for (trainer, (minutes, proof)) in own {
        let paper = paper.clone().filter(|_| proof == Proof::Paper);
        let old = before.teaching(slot.id).find(|one| one.trainer == trainer).and_then(|one| one.mark.clone());
        match old {
            Some(old) if old.minutes == minutes && old.proof == proof.name() && old.paper_reference == paper => {}
            Some(old) => {
                act.update(old, |edit: &mut trainer_mark::ActiveModel| {
                    edit.minutes = Set(minutes);
                    edit.proof = Set(proof.into());
                    edit.paper_reference = Set(paper);
                    edit.recorded_by = Set(actor.clone());
                    edit.recorded_at = Set(now);
                })
                .await?;
            }
            None => {
                act.insert(trainer_mark::ActiveModel {
                    slot_id: Set(slot.id),
                    trainer_id: Set(trainer),
                    minutes: Set(minutes),
                    proof: Set(proof.into()),
                    paper_reference: Set(paper),
                    recorded_by: Set(actor.clone()),
                    recorded_at: Set(now),
                    ..Default::default()
                })
                .await?;
            }
        }
    }
    Ok(())
}
