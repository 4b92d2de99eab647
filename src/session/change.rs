//! Change the plan of half-days: add, change, move, cancel, say who teaches.

use entity::{attendance_sheet, session, session_slot, slot_trainer};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    diary::{self, Teaching},
    events::Event,
    input::{Half, Modality, MoveSlot, NewSlot, SlotState, State},
    out::{self, SessionOut, SlotOut, Warning},
    place, plan,
    proved::proved,
    rules::{self, Span, Times},
    slots::{period, slots_of_session},
};
use crate::platform::{
    access::Ctx,
    calendar,
    codes::store,
    contract::Patch,
    error::{Error, Result},
    tx::Tx,
};

/// The session of a half-day, then the half-day, locked in this order; neither is over.
async fn lock(tx: &Tx<'_>, slot: Uuid) -> Result<(session::Model, session_slot::Model)> {
    let found = tx.scope().get::<session_slot::Entity>(slot).await?;
    let session = tx.lock::<session::Entity>(found.session_id).await?;
    rules::plan_is_open(State::of(&session.state)?)?;
    let row = tx.lock::<session_slot::Entity>(slot).await?;
    Ok((session, row))
}

async fn require_movable(tx: &Tx<'_>, slot: &session_slot::Model) -> Result<()> {
    let begun = proved(&tx.scope(), &[slot.id]).await?.contains(&slot.id);
    let closed = tx
        .scope()
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.eq(slot.id))
        .filter(attendance_sheet::Column::State.eq("closed"))
        .count()
        .await?;
    rules::slot_is_movable(SlotState::of(&slot.state)?, begun, closed > 0)
}

fn span(slot: &session_slot::Model) -> Span {
    Span { starts_at: slot.starts_at, ends_at: slot.ends_at }
}

/// Refuse times that overlap another half-day of the session.
async fn require_room(tx: &Tx<'_>, slot: &session_slot::Model, times: Times) -> Result<()> {
    let others = slots_of_session(&tx.scope(), slot.session_id).await?;
    let clash = others
        .iter()
        .filter(|other| other.id != slot.id)
        .find_map(|other| rules::overlap(times.span, span(other), "/starts"));
    clash.map_or(Ok(()), |fault| Err(Error::Invalid(vec![fault])))
}

async fn trainers_of(tx: &Tx<'_>, slot: Uuid) -> Result<Vec<slot_trainer::Model>> {
    tx.scope().find::<slot_trainer::Entity>().filter(slot_trainer::Column::SlotId.eq(slot)).all().await
}

/// First and last day again, and the session's own version: its half-days are part of it.
async fn settle(tx: &mut Tx<'_>, session: session::Model, event: Event) -> Result<()> {
    let days = period(&slots_of_session(&tx.scope(), session.id).await?);
    tx.act(session.activity_id, event.into())
        .update(session, |edit: &mut session::ActiveModel| {
            edit.first_day = Set(days.map(|(first, _)| first));
            edit.last_day = Set(days.map(|(_, last)| last));
        })
        .await?;
    Ok(())
}

async fn read(ctx: &Ctx, id: Uuid, warnings: Vec<Warning>) -> Result<SlotOut> {
    let scope = ctx.scope();
    let row = scope.get::<session_slot::Entity>(id).await?;
    let mut out = out::load_slot(&scope, row).await?;
    out.warnings = warnings;
    Ok(out)
}

fn at(slot: Uuid) -> String {
    format!("/v1/slots/{slot}")
}

/// Add half-days to a session, all or nothing.
pub async fn add(ctx: &mut Ctx, id: Uuid, slots: Vec<NewSlot>) -> Result<SessionOut> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(id).await?;
    rules::plan_is_open(State::of(&session.state)?)?;
    let present: Vec<Span> = slots_of_session(&tx.scope(), id).await?.iter().map(span).collect();
    let planned = rules::plan(&slots, &present, plan::whereabouts(&session))?;
    let warnings = diary::reserve(&tx, session.activity_id, &plan::wanted(&slots, &planned), &[]).await?;
    for (slot, times) in slots.into_iter().zip(planned) {
        plan::insert_slot(&mut tx, &session, slot, times).await?;
    }
    settle(&mut tx, session, Event::Changed { session: id }).await?;
    tx.answers_at(plan::at(id), 200);
    tx.commit().await?;
    plan::read(ctx, id, warnings).await
}

/// The input that would make a half-day.
fn written(row: &session_slot::Model, trainers: Vec<Uuid>) -> Result<NewSlot> {
    let clock = |instant| calendar::local(instant).format("%H:%M").to_string();
    Ok(NewSlot {
        day: row.day,
        starts: clock(row.starts_at),
        ends: clock(row.ends_at),
        half: Some(Half::of(&row.half)?),
        break_minutes: Some(row.break_minutes),
        modality: Some(Modality::of(&row.modality)?),
        place: out::place_of(row.place.as_deref())?,
        link: row.link.clone(),
        trainers: Some(trainers),
    })
}

/// Change a planned half-day before anything is recorded on it; once the session is open its times only move.
pub async fn change(ctx: &mut Ctx, id: Uuid, patch: &Patch<NewSlot>) -> Result<SlotOut> {
    let mut tx = ctx.begin().await?;
    let (session, _) = lock(&tx, id).await?;
    let row = tx.edit::<session_slot::Entity>(id).await?;
    require_movable(&tx, &row).await?;
    let links = trainers_of(&tx, id).await?;
    let before = written(&row, links.iter().map(|link| link.trainer_id).collect())?;
    let input = patch.apply(&before)?;
    let moved = (input.day, &input.starts, &input.ends) != (before.day, &before.starts, &before.ends);
    if moved && session.state != State::Planned.name() {
        return Err(Error::refused(
            "slot.move_instead",
            "La session est ouverte : déplacez la demi-journée avec un motif (« move »), pour que chacun soit prévenu.",
            "The session is open: move the half-day with a reason (“move”), so that everybody is told.",
        ));
    }
    let half = if moved && !patch.names("half") { None } else { input.half };
    let times = rules::times(input.day, &input.starts, &input.ends, half, input.break_minutes)
        .map_err(|fault| Error::Invalid(vec![fault]))?;
    let mut faults = place::faults(input.place.as_ref(), "/place");
    faults.extend(rules::whereabouts(&input, plan::whereabouts(&session)));
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    require_room(&tx, &row, times).await?;
    let NewSlot { modality, place, link, trainers, .. } = input;
    let trainers = trainers.unwrap_or_default();
    let wanted = [Teaching { span: times.span, trainers: trainers.clone() }];
    let warnings = diary::reserve(&tx, session.activity_id, &wanted, &[id]).await?;
    let place = place.map(|place| store(&place)).transpose()?;
    tx.act(session.activity_id, Event::SlotChanged { session: session.id, slot: id }.into())
        .update(row, |edit: &mut session_slot::ActiveModel| {
            edit.day = Set(times.day);
            edit.half = Set(times.half.into());
            edit.starts_at = Set(times.span.starts_at);
            edit.ends_at = Set(times.span.ends_at);
            edit.break_minutes = Set(times.break_minutes);
            edit.modality = Set(modality.unwrap_or(Modality::FaceToFace).into());
            edit.place = Set(place);
            edit.link = Set(link);
        })
        .await?;
    replace_trainers(&mut tx, &session, id, links, &trainers).await?;
    let changed = Event::Changed { session: session.id };
    settle(&mut tx, session, changed).await?;
    tx.commit().await?;
    read(ctx, id, warnings).await
}

/// Move a half-day with a reason: collisions are looked for again, what is signed stays where it was signed.
pub async fn move_slot(ctx: &mut Ctx, id: Uuid, input: MoveSlot) -> Result<SlotOut> {
    let MoveSlot { day, starts, ends, reason } = input;
    let mut tx = ctx.begin().await?;
    let (session, row) = lock(&tx, id).await?;
    require_movable(&tx, &row).await?;
    let times = rules::times(day, &starts, &ends, None, Some(row.break_minutes))
        .map_err(|fault| Error::Invalid(vec![fault]))?;
    require_room(&tx, &row, times).await?;
    let trainers = trainers_of(&tx, id).await?.into_iter().map(|link| link.trainer_id).collect();
    let wanted = [Teaching { span: times.span, trainers }];
    let warnings = diary::reserve(&tx, session.activity_id, &wanted, &[id]).await?;
    let was = row.starts_at;
    tx.act(session.activity_id, Event::SlotMoved { session: session.id, slot: id }.into())
        .update(row, |edit: &mut session_slot::ActiveModel| {
            edit.day = Set(times.day);
            edit.half = Set(times.half.into());
            edit.starts_at = Set(times.span.starts_at);
            edit.ends_at = Set(times.span.ends_at);
            edit.reason = Set(Some(reason));
            edit.previous_starts_at = Set(Some(was));
        })
        .await?;
    let changed = Event::Changed { session: session.id };
    settle(&mut tx, session, changed).await?;
    tx.answers_at(at(id), 200);
    tx.commit().await?;
    read(ctx, id, warnings).await
}

/// Cancel a half-day with a reason.
pub async fn cancel_slot(ctx: &mut Ctx, id: Uuid, reason: String) -> Result<SlotOut> {
    let mut tx = ctx.begin().await?;
    let (session, row) = lock(&tx, id).await?;
    require_movable(&tx, &row).await?;
    tx.act(session.activity_id, Event::SlotCancelled { session: session.id, slot: id }.into())
        .update(row, |edit: &mut session_slot::ActiveModel| {
            edit.state = Set(SlotState::Cancelled.into());
            edit.reason = Set(Some(reason));
        })
        .await?;
    let changed = Event::Changed { session: session.id };
    settle(&mut tx, session, changed).await?;
    tx.answers_at(at(id), 200);
    tx.commit().await?;
    read(ctx, id, vec![]).await
}

/// Say who teaches a half-day.
pub async fn set_trainers(ctx: &mut Ctx, id: Uuid, trainers: &[Uuid]) -> Result<SlotOut> {
    let mut tx = ctx.begin().await?;
    let (session, row) = lock(&tx, id).await?;
    require_movable(&tx, &row).await?;
    let wanted = [Teaching { span: span(&row), trainers: trainers.to_vec() }];
    let warnings = diary::reserve(&tx, session.activity_id, &wanted, &[id]).await?;
    let links = trainers_of(&tx, id).await?;
    replace_trainers(&mut tx, &session, id, links, trainers).await?;
    let touched = Event::TrainerChanged { session: session.id, slot: id };
    tx.act(session.activity_id, touched.into()).touch::<session_slot::ActiveModel>(row).await?;
    let changed = Event::Changed { session: session.id };
    settle(&mut tx, session, changed).await?;
    tx.answers_at(at(id), 200);
    tx.commit().await?;
    read(ctx, id, warnings).await
}

async fn replace_trainers(
    tx: &mut Tx<'_>,
    session: &session::Model,
    slot: Uuid,
    before: Vec<slot_trainer::Model>,
    after: &[Uuid],
) -> Result<()> {
    let had: Vec<Uuid> = before.iter().map(|link| link.trainer_id).collect();
    let gone: Vec<slot_trainer::Model> = before.into_iter().filter(|link| !after.contains(&link.trainer_id)).collect();
    let mut added: Vec<Uuid> = vec![];
    for trainer in after.iter().filter(|trainer| !had.contains(trainer)) {
        if !added.contains(trainer) {
            added.push(*trainer);
        }
    }
    if gone.is_empty() && added.is_empty() {
        return Ok(());
    }
    let mut act = tx.act(session.activity_id, Event::TrainerChanged { session: session.id, slot }.into());
    for link in gone {
        act.delete::<slot_trainer::Entity>(link).await?;
    }
    for trainer in added {
        let link = slot_trainer::ActiveModel { slot_id: Set(slot), trainer_id: Set(trainer), ..Default::default() };
        act.insert(link).await?;
    }
    Ok(())
}
