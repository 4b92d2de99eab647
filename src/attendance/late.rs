//! Late marks: signatures that came after their half-day closed, or against what was recorded. Somebody accepts them
//! with a reason, or refuses them; nothing is merged silently.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{late_mark, mark_evidence, session_slot};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    apply::{Why, apply},
    events::Event,
    record::{Said, locked},
    roll::trainees,
    times::{self, presence_of},
    words::{LateKind, LateState, Means, Proof},
};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    error::{Error, Result},
    permission::{AttendanceConfirm, OverridesGrant},
    scope::Scope,
    tx::Tx,
};

/// A signature that waits, or waited, for a decision.
#[derive(Debug, Clone, Object)]
#[oai(rename = "LateMark")]
pub struct LateMarkOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The half-day.
    pub slot_id: Uuid,
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// What was kept of the act.
    pub evidence_id: Uuid,
    /// Why it waits.
    pub kind: LateKind,
    /// Where it stands.
    pub state: LateState,
    /// When the server received it.
    pub received_at: DateTime<Utc>,
    /// When it was signed, as the device says.
    pub device_at: Option<DateTime<Utc>>,
    /// Whether it was signed without network and sent later.
    pub offline: bool,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was accepted or refused.
    pub reason: Option<String>,
}

impl Versioned for LateMarkOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// Why a late mark is accepted or refused.
#[derive(Debug, Clone, Object, Validate)]
pub struct DecideLateMark {
    /// The reason, kept with it; the sheet shows it when it is accepted after closing.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// What is decided of a late mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The presence counts.
    Accept,
    /// It does not.
    Refuse,
}

/// Late marks of some half-days.
pub(super) async fn of_slots(scope: &Scope<'_>, slots: &[Uuid]) -> Result<Vec<late_mark::Model>> {
    scope
        .find::<late_mark::Entity>()
        .filter(late_mark::Column::SlotId.is_in(slots.iter().copied()))
        .ascending(late_mark::Column::Id)
        .all()
        .await
}

/// Late marks as they are shown.
pub(super) async fn shown(scope: &Scope<'_>, rows: Vec<late_mark::Model>) -> Result<Vec<LateMarkOut>> {
    let evidence = scope.map::<mark_evidence::Entity>(rows.iter().map(|row| row.evidence_id)).await?;
    let names = super::roll::names(scope, rows.iter().map(|row| row.enrolment_id)).await?;
    rows.into_iter()
        .map(|row| {
            let kept = evidence.get(&row.evidence_id);
            Ok(LateMarkOut {
                id: row.id,
                version: row.version,
                slot_id: row.slot_id,
                enrolment_id: row.enrolment_id,
                name: names.get(&row.enrolment_id).cloned().unwrap_or_default(),
                evidence_id: row.evidence_id,
                kind: LateKind::of(&row.kind)?,
                state: LateState::of(&row.state)?,
                received_at: row.received_at,
                device_at: kept.and_then(|kept| kept.device_at),
                offline: kept.is_some_and(|kept| kept.offline),
                decided_by: row.decided_by,
                decided_at: row.decided_at,
                reason: row.reason,
            })
        })
        .collect()
}

/// The late marks of a half-day, oldest first.
pub async fn late_marks(scope: &Scope<'_>, slot: Uuid) -> Result<Vec<LateMarkOut>> {
    scope.get::<session_slot::Entity>(slot).await?;
    let rows = of_slots(scope, &[slot]).await?;
    shown(scope, rows).await
}

/// Decide of a late mark, as somebody who calls.
pub async fn decide(ctx: &mut Ctx, id: Uuid, decision: Decision, input: DecideLateMark) -> Result<LateMarkOut> {
    let row = ctx.scope().get::<late_mark::Entity>(id).await?;
    if row.kind == LateKind::Statement.name() {
        // What a trainee states afterwards counts by the cooperative's word alone.
        ctx.require::<AttendanceConfirm>()?;
    }
    let cooperative = ctx.may::<OverridesGrant>();
    let mut tx = ctx.begin().await?;
    let row = decide_late(&mut tx, id, decision, input.reason, cooperative).await?;
    tx.answers_at(format!("/v1/slots/{}/late-marks", row.slot_id), 200);
    let mut out = shown(&tx.scope(), vec![row]).await?;
    tx.commit().await?;
    out.pop().ok_or(Error::Missing("late_mark"))
}

/// Decide of a late mark as part of a larger act; `cooperative` when it asks: once invoiced, it alone may accept.
pub async fn decide_late(
    tx: &mut Tx<'_>,
    id: Uuid,
    decision: Decision,
    reason: String,
    cooperative: bool,
) -> Result<late_mark::Model> {
    let slot = tx.scope().get::<late_mark::Entity>(id).await?.slot_id;
    let (session, slot) = locked(tx, slot, true).await?;
    let row = tx.lock::<late_mark::Entity>(id).await?;
    if row.state != LateState::Pending.name() {
        return Err(Error::no_move("attendance.late_mark_state", &row.state, "decide", &[]));
    }
    let kind = LateKind::of(&row.kind)?;
    let (now, actor, kept) = (tx.now(), tx.actor().to_owned(), reason.clone());
    let state = match decision {
        Decision::Accept => LateState::Accepted,
        Decision::Refuse => LateState::Refused,
    };
    let event = Event::LateMarkDecided { slot: slot.id, session: session.id, late_mark: id };
    let (enrolment, evidence) = (row.enrolment_id, row.evidence_id);
    let row = tx
        .act(slot.activity_id, event.into())
        .update(row, |edit: &mut late_mark::ActiveModel| {
            edit.state = Set(state.into());
            edit.decided_at = Set(Some(now));
            edit.decided_by = Set(Some(actor));
            edit.reason = Set(Some(kept));
        })
        .await?;
    if decision == Decision::Refuse {
        return Ok(row);
    }
    let signed = tx.scope().get::<mark_evidence::Entity>(evidence).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    if !roll.iter().any(|one| one.enrolment.id == enrolment && one.expected(slot.id)) {
        return Err(Error::refused(
            "attendance.not_expected",
            "Cette personne n’est plus attendue sur cette demi-journée : refusez sa signature, ou rétablissez son inscription.",
            "This person is not expected on this half-day any more: refuse the signature, or restore the enrolment.",
        ));
    }
    let noted = times::of_one(&tx.scope(), slot.id, enrolment).await?;
    let (presence, minutes) = presence_of(&slot, noted.as_ref());
    let proof = match (kind, Means::of(&signed.means)?) {
        (_, Means::Paper) => Proof::Paper,
        (LateKind::Late | LateKind::Conflict | LateKind::Statement, _) => Proof::Signed,
    };
    let said = Said {
        presence,
        minutes: minutes.0,
        proof,
        reason: Some(reason.clone()),
        statement: None,
        evidence: Some(evidence),
        paper: signed.paper_reference,
    };
    let event = Event::Recorded { slot: slot.id, session: session.id };
    let why = Why { reason: format!("signature tardive acceptée : {reason}"), cooperative };
    apply(tx, session, &slot, &roll, event, HashMap::from([(enrolment, said)]), why).await?;
    Ok(row)
}
