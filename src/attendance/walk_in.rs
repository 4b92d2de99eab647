//! Somebody who comes unannounced: added on the spot, may sign, counts nowhere until they are attached to a booking.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{enrolment, session_slot, walk_in};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    apply::{Why, apply},
    events::Event,
    evidence,
    record::{Said, locked, sheet_of},
    roll::{state_of, trainees},
    rules,
    signing::already_signed,
    times::{self, presence_of},
    words::{Means, Proof, WalkInState},
};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    error::{Error, Result},
    permission::OverridesGrant,
    scope::Scope,
    tx::Tx,
};

/// Somebody to add on the spot.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewWalkIn {
    /// First name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub first_name: String,
    /// Last name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub last_name: String,
    /// Where to write to them.
    #[oai(validator(max_length = 254))]
    pub email: Option<String>,
    /// Who employs them, as they say.
    #[oai(validator(max_length = 200))]
    pub employer: Option<String>,
}

/// Somebody who was added on the spot.
#[derive(Debug, Clone, Object)]
#[oai(rename = "WalkIn")]
pub struct WalkInOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The half-day.
    pub slot_id: Uuid,
    /// First and last name.
    pub name: String,
    /// Where to write to them.
    pub email: Option<String>,
    /// Who employs them, as they say.
    pub employer: Option<String>,
    /// Where they stand.
    pub state: WalkInState,
    /// The enrolment to which they were attached.
    pub enrolment_id: Option<Uuid>,
    /// Whether they signed.
    pub signed: bool,
    /// Who added them.
    pub added_by: String,
    /// When.
    pub added_at: DateTime<Utc>,
    /// Why they were dismissed.
    pub reason: Option<String>,
}

impl Versioned for WalkInOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// To which enrolment somebody is attached.
#[derive(Debug, Clone, Object, Validate)]
pub struct AttachWalkIn {
    /// Their enrolment, in a booking of the same session, made meanwhile.
    pub enrolment_id: Uuid,
    /// Why, when the half-day is closed already: the sheet shows it.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: Option<String>,
}

/// Why somebody is dismissed.
#[derive(Debug, Clone, Object, Validate)]
pub struct DismissWalkIn {
    /// The reason, kept with them.
    #[oai(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

fn shown(row: walk_in::Model, signed: bool) -> Result<WalkInOut> {
    Ok(WalkInOut {
        id: row.id,
        version: row.version,
        slot_id: row.slot_id,
        name: format!("{} {}", row.first_name, row.last_name),
        email: row.email,
        employer: row.employer,
        state: WalkInState::of(&row.state)?,
        enrolment_id: row.enrolment_id,
        signed,
        added_by: row.added_by,
        added_at: row.added_at,
        reason: row.reason,
    })
}

/// Those who were added on the spot to a half-day, oldest first.
pub async fn walk_ins(scope: &Scope<'_>, slot: Uuid) -> Result<Vec<WalkInOut>> {
    scope.get::<session_slot::Entity>(slot).await?;
    let rows = scope
        .find::<walk_in::Entity>()
        .filter(walk_in::Column::SlotId.eq(slot))
        .ascending(walk_in::Column::Id)
        .all()
        .await?;
    let kept = evidence::of_slots(scope, &[slot]).await?;
    rows.into_iter()
        .map(|row| {
            let signed = kept.iter().any(|one| one.walk_in_id == Some(row.id));
            shown(row, signed)
        })
        .collect()
}

/// Those who are added on the spot to one half-day, whatever became of them: a personal link writes no more.
const MOST: u64 = 100;

/// Add somebody on the spot, as part of a larger act.
pub async fn add_walk_in(tx: &mut Tx<'_>, slot: Uuid, input: NewWalkIn) -> Result<WalkInOut> {
    let NewWalkIn { first_name, last_name, email, employer } = input;
    let (session, slot) = locked(tx, slot, false).await?;
    let sheet = sheet_of(tx, slot.id).await?;
    rules::may_record(state_of(sheet.as_ref()), slot.state == "cancelled", slot.starts_at, tx.now())?;
    let here = tx.scope().find::<walk_in::Entity>().filter(walk_in::Column::SlotId.eq(slot.id)).count().await?;
    if here >= MOST {
        return Err(Error::refused(
            "attendance.too_many_walk_ins",
            format!("{MOST} personnes ont déjà été ajoutées sur place à cette demi-journée : inscrivez les autres."),
            format!("{MOST} people were added on the spot to this half-day already: enrol the others."),
        ));
    }
    let (id, now, actor) = (tx.new_id(), tx.now(), tx.actor().to_owned());
    let row = tx
        .act(slot.activity_id, Event::WalkedIn { slot: slot.id, session: session.id, walk_in: id }.into())
        .insert(walk_in::ActiveModel {
            id: Set(id),
            slot_id: Set(slot.id),
            first_name: Set(first_name),
            last_name: Set(last_name),
            email: Set(email),
            employer: Set(employer),
            state: Set(WalkInState::Pending.into()),
            added_by: Set(actor),
            added_at: Set(now),
            ..Default::default()
        })
        .await?;
    shown(row, false)
}

/// Add somebody on the spot.
pub async fn add(ctx: &mut Ctx, slot: Uuid, input: NewWalkIn) -> Result<WalkInOut> {
    let mut tx = ctx.begin().await?;
    let out = add_walk_in(&mut tx, slot, input).await?;
    tx.answers_at(format!("/v1/slots/{slot}/walk-ins"), 200);
    tx.commit().await?;
    Ok(out)
}

/// Attach somebody to their enrolment: what they signed becomes their mark.
pub async fn attach(ctx: &mut Ctx, id: Uuid, input: AttachWalkIn) -> Result<WalkInOut> {
    let AttachWalkIn { enrolment_id, reason } = input;
    let cooperative = ctx.may::<OverridesGrant>();
    let mut tx = ctx.begin().await?;
    let (row, session, slot) = pending(&tx, id).await?;
    let trainee = tx.scope().get::<enrolment::Entity>(enrolment_id).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    if !roll.iter().any(|one| one.enrolment.id == trainee.id && one.expected(slot.id)) {
        return Err(Error::refused(
            "attendance.not_expected",
            "Cette inscription n’attend personne sur cette demi-journée.",
            "This enrolment expects nobody on this half-day.",
        ));
    }
    let kept = evidence::of_slots(&tx.scope(), &[slot.id]).await?;
    let signed = kept.into_iter().find(|one| one.walk_in_id == Some(id));
    if super::signing::mark_of(&tx, slot.id, enrolment_id).await?.is_some_and(|mark| mark.minutes > 0) {
        return Err(already_signed());
    }
    let row = settle(&mut tx, &slot, row, WalkInState::Attached, Some(enrolment_id), None).await?;
    let has_signed = signed.is_some();
    if let Some(signed) = signed {
        let noted = times::of_one(&tx.scope(), slot.id, enrolment_id).await?;
        let (presence, minutes) = presence_of(&slot, noted.as_ref());
        let proof = if signed.means == Means::Paper.name() { Proof::Paper } else { Proof::Signed };
        let said = Said {
            presence,
            minutes: minutes.0,
            proof,
            reason: reason.clone(),
            statement: None,
            evidence: Some(signed.id),
            paper: signed.paper_reference,
        };
        let event = Event::Recorded { slot: slot.id, session: session.id };
        let why = reason.unwrap_or_else(|| "personne ajoutée sur place, rattachée à son inscription".into());
        let why = Why { reason: why, cooperative };
        apply(&mut tx, session, &slot, &roll, event, HashMap::from([(enrolment_id, said)]), why).await?;
    }
    tx.answers_at(format!("/v1/slots/{}/walk-ins", slot.id), 200);
    tx.commit().await?;
    shown(row, has_signed)
}

/// Dismiss somebody who was added on the spot, with a reason.
pub async fn dismiss(ctx: &mut Ctx, id: Uuid, input: DismissWalkIn) -> Result<WalkInOut> {
    let mut tx = ctx.begin().await?;
    let (row, _, slot) = pending(&tx, id).await?;
    let row = settle(&mut tx, &slot, row, WalkInState::Dismissed, None, Some(input.reason)).await?;
    let signed = evidence::of_slots(&tx.scope(), &[slot.id]).await?.iter().any(|one| one.walk_in_id == Some(id));
    tx.answers_at(format!("/v1/slots/{}/walk-ins", slot.id), 200);
    tx.commit().await?;
    shown(row, signed)
}

async fn pending(tx: &Tx<'_>, id: Uuid) -> Result<(walk_in::Model, entity::session::Model, session_slot::Model)> {
    let slot = tx.scope().get::<walk_in::Entity>(id).await?.slot_id;
    let (session, slot) = locked(tx, slot, true).await?;
    let row = tx.lock::<walk_in::Entity>(id).await?;
    if row.state == WalkInState::Pending.name() {
        return Ok((row, session, slot));
    }
    Err(Error::no_move("attendance.walk_in_state", &row.state, "settle", &[]))
}

async fn settle(
    tx: &mut Tx<'_>,
    slot: &session_slot::Model,
    row: walk_in::Model,
    state: WalkInState,
    enrolment: Option<Uuid>,
    reason: Option<String>,
) -> Result<walk_in::Model> {
    let (now, actor) = (tx.now(), tx.actor().to_owned());
    let event = Event::WalkInSettled { slot: slot.id, session: slot.session_id, walk_in: row.id };
    tx.act(slot.activity_id, event.into())
        .update(row, |edit: &mut walk_in::ActiveModel| {
            edit.state = Set(state.into());
            edit.enrolment_id = Set(enrolment);
            edit.settled_at = Set(Some(now));
            edit.settled_by = Set(Some(actor));
            edit.reason = Set(reason);
        })
        .await
}
