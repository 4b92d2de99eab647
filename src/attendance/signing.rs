//! Somebody signs a half-day: the front door of pages, devices and programs.
//!
//! Sent twice (same `client_uuid`), kept once. Before closing it is a mark; after, or against what was recorded, it waits
//! as a late mark for somebody to decide.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    attendance_sheet, enrolment, late_mark, mark, mark_evidence, person, session, session_slot, trainer_mark, walk_in,
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    events::Event,
    evidence::{self, drafted, to_insert, who_of},
    record::{locked, may_start, open_sheet, sheet_of},
    roll::{records, state_of, trainees},
    rules::{self, Met},
    times::{self, presence_of},
    words::{LateKind, LateState, Means, Proof, SheetState, SigningAct, WalkInState},
};
use crate::{
    enrolment::mark_started,
    organisation::settings,
    people::name_of,
    platform::{
        error::{Error, Result},
        tx::Tx,
    },
    session::{mark_running, minutes_of},
};

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A trainee: their enrolment.
    Trainee(Uuid),
    /// A trainer of the half-day.
    Trainer(Uuid),
    /// Somebody who was added on the spot.
    WalkIn(Uuid),
}

/// An act of signing, as a page or a device brings it.
#[derive(Debug, Clone)]
pub struct Signing {
    /// The half-day.
    pub slot: Uuid,
    /// Who signs.
    pub who: Who,
    /// How they were known.
    pub means: Means,
    /// SHA-256 of the drawn signature, kept before ([`super::keep_picture`]).
    pub picture: Option<String>,
    /// The name that was typed instead of a drawing.
    pub typed_name: Option<String>,
    /// The words that were agreed to.
    pub consent: String,
    /// Made by the device: the same act sent twice is kept once.
    pub client_uuid: Uuid,
    /// The instant of the device, when it says one.
    pub device_at: Option<DateTime<Utc>>,
    /// The address of the device.
    pub ip: Option<String>,
    /// Its browser.
    pub user_agent: Option<String>,
    /// A random name that the device keeps, so that one device for several people shows.
    pub device: Option<String>,
    /// Whether it was signed without network and sent later.
    pub offline: bool,
    /// The number of the paper sheet, for a signature on paper.
    pub paper_reference: Option<String>,
}

/// What became of an act of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A mark.
    Marked,
    /// A late mark that somebody must decide.
    Waits(LateKind),
    /// Kept for somebody who is not attached to a booking yet.
    WalkedIn,
}

/// An act of signing that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The evidence.
    pub evidence: Uuid,
    /// What became of it.
    pub outcome: Outcome,
    /// When the server received it.
    pub at: DateTime<Utc>,
    /// Its digest.
    pub digest: String,
    /// Whether it had been received before: nothing was written now.
    pub repeated: bool,
}

/// Somebody signs.
pub async fn sign(tx: &mut Tx<'_>, signing: Signing) -> Result<Signed> {
    receive(tx, signing, SigningAct::Signature).await
}

/// A trainee states later, with a date, that they were there: the cooperative decides.
pub async fn state_late(tx: &mut Tx<'_>, signing: Signing) -> Result<Signed> {
    receive(tx, signing, SigningAct::LateStatement).await
}

async fn receive(tx: &mut Tx<'_>, signing: Signing, act: SigningAct) -> Result<Signed> {
    let (session, slot) = locked(tx, signing.slot, false).await?;
    if let Some(signed) = repeated(tx, &signing).await? {
        return Ok(signed);
    }
    if signing.picture.is_none()
        && signing.typed_name.as_deref().is_none_or(|name| name.trim().is_empty())
        && signing.means != Means::Paper
    {
        return Err(Error::refused(
            "attendance.not_signed",
            "Rien n’a été signé : dessinez votre signature ou écrivez votre nom.",
            "Nothing was signed: draw your signature or type your name.",
        ));
    }
    let sheet = sheet_of(tx, slot.id).await?;
    let rules = settings(&tx.scope()).await?;
    let opens_at = slot.starts_at - TimeDelta::minutes(i64::from(rules.signing_opens_minutes));
    let last = slot.ends_at + TimeDelta::hours(i64::from(rules.late_mark_hours));
    match signing.who {
        Who::Trainee(id) => {
            let at = At { act, sheet, opens_at, last };
            by_trainee(tx, session, slot, at, id, &signing).await
        }
        Who::Trainer(id) => {
            rules::may_record(state_of(sheet.as_ref()), slot.state == "cancelled", opens_at, tx.now())?;
            by_trainer(tx, session, slot, sheet.is_none(), id, &signing).await
        }
        Who::WalkIn(id) => {
            rules::may_record(state_of(sheet.as_ref()), slot.state == "cancelled", opens_at, tx.now())?;
            by_walk_in(tx, &session, &slot, id, &signing).await
        }
    }
}

/// The same act sent again gets the same answer; another act under its name is refused.
async fn repeated(tx: &Tx<'_>, signing: &Signing) -> Result<Option<Signed>> {
    let found = tx
        .scope()
        .find::<mark_evidence::Entity>()
        .filter(mark_evidence::Column::ClientUuid.eq(signing.client_uuid))
        .one()
        .await?;
    let Some(row) = found else { return Ok(None) };
    if row.slot_id != signing.slot || who_of(&row) != Some(signing.who) {
        return Err(Error::refused(
            "attendance.act_reused",
            "Cet envoi porte le numéro d’une autre signature : rechargez la page et signez de nouveau.",
            "This act carries the number of another signature: reload the page and sign again.",
        ));
    }
    let late = tx.scope().find::<late_mark::Entity>().filter(late_mark::Column::EvidenceId.eq(row.id)).one().await?;
    let outcome = match (late, row.walk_in_id) {
        (Some(late), _) => Outcome::Waits(LateKind::of(&late.kind)?),
        (None, Some(_)) => Outcome::WalkedIn,
        (None, None) => Outcome::Marked,
    };
    Ok(Some(Signed { evidence: row.id, outcome, at: row.signed_at, digest: row.digest, repeated: true }))
}

/// When an act is received.
struct At {
    act: SigningAct,
    sheet: Option<attendance_sheet::Model>,
    opens_at: DateTime<Utc>,
    last: DateTime<Utc>,
}

async fn by_trainee(
    tx: &mut Tx<'_>,
    session: session::Model,
    slot: session_slot::Model,
    at: At,
    id: Uuid,
    signing: &Signing,
) -> Result<Signed> {
    let At { act, sheet, opens_at, last } = at;
    tx.scope().get::<enrolment::Entity>(id).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let Some(trainee) = roll.iter().find(|one| one.enrolment.id == id && one.expected(slot.id)) else {
        return Err(not_expected());
    };
    let mark = mark_of(tx, slot.id, id).await?;
    let waiting = tx
        .scope()
        .find::<late_mark::Entity>()
        .filter(late_mark::Column::SlotId.eq(slot.id))
        .filter(late_mark::Column::EnrolmentId.eq(id))
        .filter(late_mark::Column::State.eq(LateState::Pending.name()))
        .count()
        .await?;
    let met = Met {
        act,
        state: state_of(sheet.as_ref()),
        cancelled: slot.state == "cancelled",
        opens_at,
        last,
        now: tx.now(),
        proof: mark.as_ref().map(|mark| Proof::of(&mark.proof)).transpose()?,
        there: mark.as_ref().is_some_and(|mark| mark.minutes > 0),
        waiting: waiting > 0,
    };
    let kind = rules::receive(&met)?;
    may_start(tx, &roll, &[id]).await?;
    let row = drafted(tx, &session, &slot, act, trainee.name.clone(), signing).await?;
    let signed =
        |outcome| Signed { evidence: row.id, outcome, at: row.signed_at, digest: row.digest.clone(), repeated: false };
    if let Some(kind) = kind {
        let (late, now) = (tx.new_id(), tx.now());
        let event = Event::SignedLate { slot: slot.id, session: session.id, late_mark: late };
        let mut act = tx.act(slot.activity_id, event.into());
        act.insert(to_insert(row.clone())).await?;
        act.insert(late_mark::ActiveModel {
            id: Set(late),
            slot_id: Set(slot.id),
            enrolment_id: Set(id),
            evidence_id: Set(row.id),
            kind: Set(kind.into()),
            state: Set(LateState::Pending.into()),
            received_at: Set(now),
            ..Default::default()
        })
        .await?;
        return Ok(signed(Outcome::Waits(kind)));
    }
    if sheet.is_none() {
        open_sheet(tx, &slot).await?;
    }
    let noted = times::of_one(&tx.scope(), slot.id, id).await?;
    let (presence, minutes) = presence_of(&slot, noted.as_ref());
    let declared = signing.means == Means::RotatingCodeDeclared;
    let event = Event::Signed { slot: slot.id, session: session.id, evidence: row.id, declared };
    let (now, actor, evidence) = (tx.now(), tx.actor().to_owned(), row.id);
    let proof = if signing.means == Means::Paper { Proof::Paper } else { Proof::Signed };
    let paper = signing.paper_reference.clone();
    let mut act = tx.act(slot.activity_id, event.into());
    act.insert(to_insert(row.clone())).await?;
    match mark {
        // What the trainer stated is signed after all: the signature proves it from now on.
        Some(mark) => {
            act.update(mark, |edit: &mut mark::ActiveModel| {
                edit.proof = Set(proof.into());
                edit.statement = Set(None);
                edit.confirmed_at = Set(None);
                edit.confirmed_by = Set(None);
                edit.evidence_id = Set(Some(evidence));
                edit.paper_reference = Set(paper);
                edit.recorded_by = Set(actor);
                edit.recorded_at = Set(now);
            })
            .await?;
        }
        None => {
            act.insert(mark::ActiveModel {
                slot_id: Set(slot.id),
                enrolment_id: Set(id),
                presence: Set(presence.into()),
                minutes: Set(minutes.0),
                proof: Set(proof.into()),
                recorded_by: Set(actor),
                recorded_at: Set(now),
                evidence_id: Set(Some(evidence)),
                paper_reference: Set(paper),
                ..Default::default()
            })
            .await?;
        }
    }
    mark_started(tx, &[id]).await?;
    mark_running(tx, session).await?;
    Ok(signed(Outcome::Marked))
}

fn not_expected() -> Error {
    Error::refused(
        "attendance.not_expected",
        "Cette personne n’est pas attendue sur cette demi-journée : pas inscrite, partie, ou sur d’autres dates.",
        "This person is not expected on this half-day: not enrolled, gone, or on other dates.",
    )
}

/// Somebody signed already, and another act of theirs is not a repetition of it.
pub(super) fn already_signed() -> Error {
    Error::refused(
        "attendance.already_signed",
        "Cette présence est déjà prouvée pour cette demi-journée : rien n’est à signer de plus.",
        "This presence is already proved for this half-day: nothing more is to be signed.",
    )
}

/// The mark of a trainee on a half-day.
pub(super) async fn mark_of(tx: &Tx<'_>, slot: Uuid, enrolment: Uuid) -> Result<Option<mark::Model>> {
    tx.scope()
        .find::<mark::Entity>()
        .filter(mark::Column::SlotId.eq(slot))
        .filter(mark::Column::EnrolmentId.eq(enrolment))
        .one()
        .await
}

async fn by_trainer(
    tx: &mut Tx<'_>,
    session: session::Model,
    slot: session_slot::Model,
    first: bool,
    id: Uuid,
    signing: &Signing,
) -> Result<Signed> {
    tx.scope().get::<entity::trainer::Entity>(id).await?;
    let known = records(&tx.scope(), std::slice::from_ref(&slot)).await?;
    let Some(teaching) = known.teaching(slot.id).find(|one| one.trainer == id) else {
        return Err(Error::refused(
            "attendance.not_teaching",
            "Cette personne ne forme pas sur cette demi-journée.",
            "This person does not teach this half-day.",
        ));
    };
    let mark = teaching.mark.clone();
    if mark.as_ref().is_some_and(|mark| mark.proof != Proof::TrainerStatement.name()) {
        return Err(already_signed());
    }
    let row = drafted(tx, &session, &slot, SigningAct::Signature, teaching.name.clone(), signing).await?;
    if first {
        open_sheet(tx, &slot).await?;
    }
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let (evidence, paper) = (row.id, signing.paper_reference.clone());
    let proof = if signing.means == Means::Paper { Proof::Paper } else { Proof::Signed };
    let declared = signing.means == Means::RotatingCodeDeclared;
    let event = Event::Signed { slot: slot.id, session: session.id, evidence, declared };
    let mut act = tx.act(slot.activity_id, event.into());
    act.insert(to_insert(row.clone())).await?;
    match mark {
        Some(mark) => {
            act.update(mark, |edit: &mut trainer_mark::ActiveModel| {
                edit.proof = Set(proof.into());
                edit.evidence_id = Set(Some(evidence));
                edit.paper_reference = Set(paper);
                edit.recorded_by = Set(actor);
                edit.recorded_at = Set(now);
            })
            .await?;
        }
        None => {
            act.insert(trainer_mark::ActiveModel {
                slot_id: Set(slot.id),
                trainer_id: Set(id),
                minutes: Set(minutes_of(&slot).0),
                proof: Set(proof.into()),
                recorded_by: Set(actor),
                recorded_at: Set(now),
                evidence_id: Set(Some(evidence)),
                paper_reference: Set(paper),
                ..Default::default()
            })
            .await?;
        }
    }
    mark_running(tx, session).await?;
    Ok(Signed { evidence, outcome: Outcome::Marked, at: row.signed_at, digest: row.digest, repeated: false })
}

async fn by_walk_in(
    tx: &mut Tx<'_>,
    session: &session::Model,
    slot: &session_slot::Model,
    id: Uuid,
    signing: &Signing,
) -> Result<Signed> {
    let guest = tx.scope().get::<walk_in::Entity>(id).await?;
    if guest.slot_id != slot.id {
        return Err(Error::Missing("walk_in"));
    }
    if guest.state != WalkInState::Pending.name() {
        return Err(not_expected());
    }
    let signed = evidence::of_slots(&tx.scope(), &[slot.id]).await?;
    if signed.iter().any(|row| row.walk_in_id == Some(id)) {
        return Err(already_signed());
    }
    let name = format!("{} {}", guest.first_name, guest.last_name);
    let row = drafted(tx, session, slot, SigningAct::Signature, name, signing).await?;
    let declared = signing.means == Means::RotatingCodeDeclared;
    let event = Event::Signed { slot: slot.id, session: session.id, evidence: row.id, declared };
    tx.act(slot.activity_id, event.into()).insert(to_insert(row.clone())).await?;
    Ok(Signed { evidence: row.id, outcome: Outcome::WalkedIn, at: row.signed_at, digest: row.digest, repeated: false })
}

/// Who a trainee is, as a page shows them to the others: « Zoé L. ».
pub fn short_name(person: &person::Model) -> String {
    let last = person.usage_name.as_deref().unwrap_or(&person.birth_name);
    let initial = last.chars().next().map(|letter| format!(" {}.", letter.to_uppercase())).unwrap_or_default();
    format!("{}{initial}", person.first_name)
}

/// First and last name of a trainee, as their own page shows them.
pub async fn name_of_trainee(tx: &Tx<'_>, enrolment: Uuid) -> Result<String> {
    let enrolment = tx.scope().get::<enrolment::Entity>(enrolment).await?;
    Ok(name_of(&tx.scope().get::<person::Entity>(enrolment.person_id).await?))
}

/// Open a half-day so that it can be signed; one that is open stays as it is.
pub async fn open(tx: &mut Tx<'_>, slot: Uuid) -> Result<attendance_sheet::Model> {
    let (_, slot) = locked(tx, slot, false).await?;
    let sheet = sheet_of(tx, slot.id).await?;
    let rules = settings(&tx.scope()).await?;
    let opens_at = slot.starts_at - TimeDelta::minutes(i64::from(rules.signing_opens_minutes));
    rules::may_record(state_of(sheet.as_ref()), slot.state == "cancelled", opens_at, tx.now())?;
    match sheet {
        Some(sheet) if sheet.state == SheetState::Open.name() => Ok(sheet),
        _ => open_sheet(tx, &slot).await,
    }
}
