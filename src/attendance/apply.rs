//! Presences that are corrected: on an open half-day they are written; on a closed one they amend it visibly, its digest
//! is made anew and its papers become outdated. Nothing is reopened silently.

use std::collections::HashMap;

use entity::{attendance_sheet, session, session_slot};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{
    close::{counted_digest, invoiced},
    events::Event,
    issue::outdate_sheets,
    record::{Said, may_start, open_sheet, sheet_of, write},
    roll::{Trainee, records, state_of},
    rules,
    words::SheetState,
};
use crate::{
    document::{Kind, outdate},
    enrolment::mark_started,
    platform::{
        error::{Error, Result},
        tx::Tx,
    },
    session::mark_running,
};

/// Why presences are corrected, and by whom.
pub(super) struct Why {
    /// The reason, kept with the half-day.
    pub reason: String,
    /// Whether the cooperative asks for it: once invoiced, it alone may.
    pub cooperative: bool,
}

/// Write these presences, once session and half-day are locked.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    session: session::Model,
    slot: &session_slot::Model,
    roll: &[Trainee],
    event: Event,
    said: HashMap<Uuid, Said>,
    why: Why,
) -> Result<()> {
    let ids: Vec<Uuid> = said.keys().copied().collect();
    let there: Vec<Uuid> = said.iter().filter(|(_, said)| said.minutes > 0).map(|(id, _)| *id).collect();
    let sheet = sheet_of(tx, slot.id).await?;
    let closed = state_of(sheet.as_ref()) == SheetState::Closed;
    if closed {
        may_amend(tx, session.id, why.cooperative).await?;
    } else {
        rules::may_record(state_of(sheet.as_ref()), slot.state == "cancelled", slot.starts_at, tx.now())?;
    }
    may_start(tx, roll, &ids).await?;
    if sheet.is_none() {
        open_sheet(tx, slot).await?;
    }
    let before = records(&tx.scope(), std::slice::from_ref(slot)).await?;
    write(tx, slot, event, &before, said).await?;
    if !there.is_empty() && !closed {
        mark_started(tx, &there).await?;
    }
    if closed {
        return amended(tx, session.id, slot, &ids, why.reason).await;
    }
    mark_running(tx, session).await?;
    Ok(())
}

/// Once a funder was invoiced, a closed half-day is corrected by the cooperative alone.
pub(super) async fn may_amend(tx: &Tx<'_>, session: Uuid, cooperative: bool) -> Result<()> {
    rules::may_reopen(SheetState::Closed, invoiced(tx, session).await?, cooperative)
}

/// A closed half-day was corrected: it stays closed, its digest is made anew, its papers are outdated.
pub(super) async fn amended(
    tx: &mut Tx<'_>,
    session: Uuid,
    slot: &session_slot::Model,
    enrolments: &[Uuid],
    reason: String,
) -> Result<()> {
    let now_there = records(&tx.scope(), std::slice::from_ref(slot)).await?;
    let (count, head) = counted_digest(tx, slot.id, &now_there).await?;
    let sheet = sheet_of(tx, slot.id).await?.ok_or_else(|| Error::internal("a closed half-day has a sheet"))?;
    let (now, actor, kept) = (tx.now(), tx.actor().to_owned(), reason.clone());
    tx.act(slot.activity_id, Event::Amended { slot: slot.id, session }.into())
        .update(sheet, |edit: &mut attendance_sheet::ActiveModel| {
            edit.mark_count = Set(Some(count));
            edit.head_hash = Set(Some(head));
            edit.amended_at = Set(Some(now));
            edit.amended_by = Set(Some(actor));
            edit.amended_reason = Set(Some(kept));
        })
        .await?;
    let why = format!("Demi-journée corrigée après sa clôture : {reason}");
    outdate_sheets(tx, session, &why).await?;
    outdate(tx, session, &[Kind::Certificate, Kind::Attestation, Kind::Assiduity], Some(enrolments), &why).await?;
    Ok(())
}
