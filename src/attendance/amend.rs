//! Correct a presence: excuse, mark absent, amend, state without a signature, confirm what was stated. On a closed
//! half-day it needs a reason, stays visible and outdates the papers.

use std::collections::HashMap;

use entity::{mark, session_slot};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::Validate;

use super::{
    apply::{Why, amended, apply, may_amend},
    events::Event,
    matrix::{self, SlotAttendance},
    record::{NewException, heard, locked, sheet_of},
    roll::{records, state_of, trainees},
    rules,
    words::{Presence, Proof, SheetState, Statement},
};
use crate::platform::{
    access::Ctx,
    error::{Error, Fault, Result},
    permission::OverridesGrant,
    tx::Tx,
};

/// Presences to correct together, with one reason.
#[derive(Debug, Clone, Object, Validate)]
pub struct AmendSlot {
    /// The presences, as they should be. What proves them may be left out for somebody who has a mark.
    #[oai(validator(min_items = 1, max_items = 500))]
    #[validate(nested)]
    pub lines: Vec<NewException>,
    /// Why: kept with the half-day when it is closed, and shown on its sheet.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// How a mark should be.
#[derive(Debug, Clone, Object, Validate)]
pub struct AmendMark {
    /// What the presence was.
    pub presence: Presence,
    /// Minutes attended, for a partial presence: more than zero, less than the half-day.
    #[oai(validator(minimum(value = "0"), maximum(value = "720")))]
    pub minutes: Option<i32>,
    /// What proves it; as before when absent.
    pub proof: Option<Proof>,
    /// Why the trainer states it without a signature.
    pub statement: Option<Statement>,
    /// Why it is corrected.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// Why somebody is excused.
#[derive(Debug, Clone, Object, Validate)]
pub struct ExcuseMark {
    /// The reason; never shown to the client.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// Correct presences of a half-day.
pub async fn amend(ctx: &mut Ctx, slot: Uuid, input: AmendSlot) -> Result<SlotAttendance> {
    let AmendSlot { lines, reason } = input;
    let cooperative = ctx.may::<OverridesGrant>();
    let mut tx = ctx.begin().await?;
    amend_slot(&mut tx, slot, lines, reason, cooperative).await?;
    tx.answers_at(format!("/v1/slots/{slot}/attendance"), 200);
    let out = matrix::of_slot(&tx.scope(), slot).await?;
    tx.commit().await?;
    Ok(out)
}

/// Correct one mark.
pub async fn amend_mark(ctx: &mut Ctx, id: Uuid, input: AmendMark) -> Result<SlotAttendance> {
    let AmendMark { presence, minutes, proof, statement, reason } = input;
    let row = ctx.scope().get::<mark::Entity>(id).await?;
    let line = NewException {
        enrolment_id: row.enrolment_id,
        presence,
        minutes,
        reason: Some(reason.clone()),
        proof,
        statement,
    };
    // The reason of an absence is nobody's business: the sheet says that it was corrected, not why somebody was away.
    let reason = match presence {
        Presence::Absent | Presence::Excused => "absence notée".to_owned(),
        Presence::Present | Presence::Partial => reason,
    };
    amend(ctx, row.slot_id, AmendSlot { lines: vec![line], reason }).await
}

/// Excuse somebody: absent, and it was said why.
pub async fn excuse(ctx: &mut Ctx, id: Uuid, input: ExcuseMark) -> Result<SlotAttendance> {
    let ExcuseMark { reason } = input;
    let row = ctx.scope().get::<mark::Entity>(id).await?;
    let line = NewException {
        enrolment_id: row.enrolment_id,
        presence: Presence::Excused,
        minutes: None,
        reason: Some(reason.clone()),
        proof: None,
        statement: None,
    };
    // The sheet of a closed half-day says that it was corrected, never why somebody was away.
    amend(ctx, row.slot_id, AmendSlot { lines: vec![line], reason: "absence excusée".into() }).await
}

/// Correct presences as part of a larger act; `cooperative` when it asks: once invoiced, it alone may.
pub async fn amend_slot(
    tx: &mut Tx<'_>,
    slot: Uuid,
    mut lines: Vec<NewException>,
    reason: String,
    cooperative: bool,
) -> Result<()> {
    let (session, slot) = locked(tx, slot, true).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let before = records(&tx.scope(), std::slice::from_ref(&slot)).await?;
    complete(&slot, &before.marks, &mut lines)?;
    let said = heard(tx, &slot, &roll, None, None, Proof::Paper, ("/lines", lines)).await?;
    let event = Event::Recorded { slot: slot.id, session: session.id };
    apply(tx, session, &slot, &roll, event, said, Why { reason, cooperative }).await
}

/// What a line leaves out is as it was; nobody becomes present without a proof.
fn complete(slot: &session_slot::Model, marks: &[mark::Model], lines: &mut [NewException]) -> Result<()> {
    let mut faults = vec![];
    let by_trainee: HashMap<Uuid, &mark::Model> =
        marks.iter().filter(|mark| mark.slot_id == slot.id).map(|mark| (mark.enrolment_id, mark)).collect();
    for (index, line) in lines.iter_mut().enumerate() {
        let before = by_trainee.get(&line.enrolment_id);
        let away = matches!(line.presence, Presence::Absent | Presence::Excused);
        if line.proof.is_none() {
            let kept = before.filter(|mark| away || mark.minutes > 0).map(|mark| Proof::of(&mark.proof)).transpose()?;
            line.proof = kept.or(away.then_some(Proof::TrainerStatement));
        }
        match (line.proof, before) {
            (None, _) => faults.push(Fault::new(
                format!("/lines/{index}/proof"),
                "attendance.proof",
                "Dites ce qui prouve cette présence : signature, feuille papier, connexion ou déclaration.",
                "Say what proves this presence: a signature, a paper sheet, a connection or a statement.",
            )),
            (Some(Proof::TrainerStatement), Some(mark)) if line.statement.is_none() && !away => {
                line.statement = mark.statement.as_deref().map(Statement::of).transpose()?;
                line.reason = line.reason.take().or_else(|| mark.reason.clone());
            }
            (Some(_), _) => {}
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// The cooperative confirms a trainer's statement: it counts from now on.
pub async fn confirm(ctx: &mut Ctx, id: Uuid) -> Result<SlotAttendance> {
    let slot = ctx.scope().get::<mark::Entity>(id).await?.slot_id;
    let mut tx = ctx.begin().await?;
    confirm_statement(&mut tx, id).await?;
    tx.answers_at(format!("/v1/slots/{slot}/attendance"), 200);
    let out = matrix::of_slot(&tx.scope(), slot).await?;
    tx.commit().await?;
    Ok(out)
}

/// The same, as part of a larger act.
async fn confirm_statement(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let slot = tx.scope().get::<mark::Entity>(id).await?.slot_id;
    let (session, slot) = locked(tx, slot, true).await?;
    let row = tx.lock::<mark::Entity>(id).await?;
    let closed = state_of(sheet_of(tx, slot.id).await?.as_ref()) == SheetState::Closed;
    rules::may_confirm(Proof::of(&row.proof)?, row.minutes, row.confirmed_at.is_some())?;
    if closed {
        // Whoever confirms is the cooperative.
        may_amend(tx, session.id, true).await?;
    }
    let (now, actor, enrolment) = (tx.now(), tx.actor().to_owned(), row.enrolment_id);
    tx.act(slot.activity_id, Event::StatementConfirmed { slot: slot.id, session: session.id, mark: id }.into())
        .update(row, |edit: &mut mark::ActiveModel| {
            edit.confirmed_at = Set(Some(now));
            edit.confirmed_by = Set(Some(actor));
        })
        .await?;
    if closed {
        let why = "déclaration de présence confirmée par la coopérative".to_owned();
        amended(tx, session.id, &slot, &[enrolment], why).await?;
    }
    Ok(())
}
