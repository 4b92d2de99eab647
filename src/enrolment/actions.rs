//! Enrol people, inform them, replace them, say how it ended.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::{booking, enrolment, enrolment_slot, mark, mark_evidence, person, session, session_slot};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    events::Event,
    funded::unfunded,
    input::{NewEnrolmentTerms, NewTrainee, State},
};
use crate::{
    people::{NewPerson, Person, name_of},
    platform::{
        access::Ctx,
        calendar::dates,
        contract::Patch,
        error::{Error, Fault, Result},
        resource,
        text::fold,
        tx::Tx,
    },
    session::{LIVE, State as SessionState, heads, plan_is_open, slots_of_session},
};

/// The session, then the booking, locked in this order as everywhere: nobody else enrols in the session until the
/// transaction ends.
pub(super) async fn lock(tx: &Tx<'_>, booking: Uuid) -> Result<(booking::Model, session::Model)> {
    let session = tx.scope().get::<booking::Entity>(booking).await?.session_id;
    let session = tx.lock::<session::Entity>(session).await?;
    Ok((tx.lock::<booking::Entity>(booking).await?, session))
}

/// The same, and neither is over: nobody is enrolled for good in what was called off.
pub(super) async fn require_open(tx: &Tx<'_>, booking: Uuid) -> Result<(booking::Model, session::Model)> {
    let (booking, session) = lock(tx, booking).await?;
    plan_is_open(SessionState::of(&session.state)?)?;
    if !matches!(booking.state.as_str(), "declined" | "cancelled") {
        return Ok((booking, session));
    }
    Err(Error::refused(
        "enrolment.booking_closed",
        format!("La réservation {} est close : personne ne s’y inscrit plus.", booking.reference),
        format!("Booking {} is closed: nobody is enrolled in it any more.", booking.reference),
    ))
}

pub(super) fn at(id: Uuid) -> String {
    format!("/v1/enrolments/{id}")
}

/// Where the enrolments of a booking are listed.
pub(super) fn list_at(booking: Uuid) -> String {
    format!("/v1/enrolments?booking_id={booking}&limit=200")
}

/// Who it is: somebody known in the activity, or somebody new.
pub(super) async fn who(
    tx: &mut Tx<'_>,
    activity: Uuid,
    known: Option<Uuid>,
    new: Option<NewPerson>,
    line: &str,
) -> Result<person::Model> {
    match (known, new) {
        (Some(id), None) => {
            let row = tx.scope().get::<person::Entity>(id).await?;
            if row.activity_id == activity { Ok(row) } else { Err(Error::Missing("person")) }
        }
        (None, Some(person)) => {
            if person.activity_id.is_some_and(|named| named != activity) {
                return Err(Error::Missing("activity"));
            }
            resource::insert::<Person>(tx, Some(activity), person).await
        }
        (Some(_), Some(_)) | (None, None) => Err(Error::invalid(
            format!("{line}/person"),
            "enrolment.one_person",
            "Donnez « person_id » ou « person », l’un des deux.",
            "Give “person_id” or “person”, one of the two.",
        )),
    }
}

/// Enrol trainees in a booking, all or nothing; `at` is the place of the line in the body.
pub async fn invite(
    tx: &mut Tx<'_>,
    booking_id: Uuid,
    trainees: Vec<NewTrainee>,
    at: impl Fn(usize) -> String,
) -> Result<Vec<enrolment::Model>> {
    let (booking, session) = lock(tx, booking_id).await?;
    plan_is_open(SessionState::of(&session.state)?)?;
    if matches!(booking.state.as_str(), "declined" | "cancelled") {
        return Err(Error::refused(
            "booking.closed",
            "Cette inscription commerciale est refusée ou annulée : on n’y inscrit plus personne.",
            "This booking was declined or cancelled: nobody is enrolled in it any more.",
        ));
    }
    require_seats(tx, &session, trainees.len()).await?;
    let mut present: HashSet<Uuid> = people_of(tx, session.id).await?;
    let slots: HashSet<Uuid> = slots_of_session(&tx.scope(), session.id).await?.iter().map(|slot| slot.id).collect();
    let (mut rows, mut faults) = (vec![], vec![]);
    for (index, trainee) in trainees.into_iter().enumerate() {
        let line = at(index);
        let NewTrainee { external_id, person_id, person, status, slots: chosen } = trainee;
        let person = who(tx, session.activity_id, person_id, person, &line).await?;
        if !present.insert(person.id) {
            faults.push(twice(&person, &line));
            continue;
        }
        let new = New { external_id, status: status.into(), chosen };
        rows.push(insert(tx, &booking, &person, new, &slots).await?);
    }
    if faults.is_empty() { Ok(rows) } else { Err(Error::Invalid(faults)) }
}

pub(super) fn twice(person: &person::Model, line: &str) -> Fault {
    let name = name_of(person);
    Fault::new(
        format!("{line}/person_id"),
        "enrolment.person_twice",
        format!("{name} est déjà dans cette session."),
        format!("{name} is already in this session."),
    )
}

pub(super) async fn people_of(tx: &Tx<'_>, session: Uuid) -> Result<HashSet<Uuid>> {
    let rows = tx
        .scope()
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::SessionId.eq(session))
        .filter(enrolment::Column::State.is_in(LIVE))
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

async fn require_seats(tx: &Tx<'_>, session: &session::Model, more: usize) -> Result<()> {
    let Some(max) = session.max_heads else { return Ok(()) };
    let present = heads(tx, session.id).await?;
    let wanted = present.saturating_add(more as u64);
    if i64::try_from(wanted).unwrap_or(i64::MAX) <= i64::from(max) {
        return Ok(());
    }
    Err(Error::refused(
        "session.full",
        format!("{max} stagiaires au plus dans cette session : {present} y sont, {more} de plus n’y tiennent pas."),
        format!("At most {max} trainees in this session: {present} are there, {more} more do not fit."),
    ))
}

pub(super) struct New {
    pub(super) external_id: Option<String>,
    pub(super) status: String,
    pub(super) chosen: Option<Vec<Uuid>>,
}

pub(super) async fn insert(
    tx: &mut Tx<'_>,
    booking: &booking::Model,
    person: &person::Model,
    new: New,
    slots: &HashSet<Uuid>,
) -> Result<enrolment::Model> {
    let New { external_id, status, chosen } = new;
    let (id, today) = (tx.new_id(), tx.today());
    let row = tx
        .act(booking.activity_id, Event::Invited { enrolment: id }.into())
        .insert(enrolment::ActiveModel {
            id: Set(id),
            external_id: Set(external_id),
            booking_id: Set(booking.id),
            session_id: Set(booking.session_id),
            person_id: Set(person.id),
            status: Set(status),
            state: Set(State::Invited.into()),
            all_slots: Set(chosen.is_none()),
            state_on: Set(Some(today)),
            search: Set(fold(&name_of(person))),
            ..Default::default()
        })
        .await?;
    choose(tx, &row, chosen, slots).await?;
    Ok(row)
}

/// Write down the half-days that a trainee follows, when not all of them.
async fn choose(
    tx: &mut Tx<'_>,
    row: &enrolment::Model,
    chosen: Option<Vec<Uuid>>,
    slots: &HashSet<Uuid>,
) -> Result<()> {
    let mut done = HashSet::new();
    for slot in chosen.into_iter().flatten() {
        if !slots.contains(&slot) {
            return Err(Error::Missing("session_slot"));
        }
        if done.insert(slot) {
            tx.act(row.activity_id, Event::Changed { enrolment: row.id }.into())
                .insert(enrolment_slot::ActiveModel {
                    enrolment_id: Set(row.id),
                    slot_id: Set(slot),
                    ..Default::default()
                })
                .await?;
        }
    }
    Ok(())
}

/// Enrol one trainee.
pub async fn create(ctx: &mut Ctx, booking: Uuid, trainee: NewTrainee) -> Result<Uuid> {
    let mut tx = ctx.begin().await?;
    let rows = invite(&mut tx, booking, vec![trainee], |_| String::new()).await?;
    let id = rows.first().map(|row| row.id).ok_or(Error::Missing("enrolment"))?;
    tx.answers_at(at(id), 201);
    tx.commit().await?;
    Ok(id)
}

/// Enrol the trainees of a booking, all or nothing.
pub async fn create_all(ctx: &mut Ctx, booking: Uuid, trainees: Vec<NewTrainee>) -> Result<Vec<Uuid>> {
    let mut tx = ctx.begin().await?;
    let rows = invite(&mut tx, booking, trainees, |index| format!("/enrolments/{index}")).await?;
    tx.answers_at(list_at(booking), 200);
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Change status, half-days, external identifier.
pub async fn change(ctx: &mut Ctx, id: Uuid, patch: &Patch<NewEnrolmentTerms>) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let found = tx.scope().get::<enrolment::Entity>(id).await?;
    let (_, session) = lock(&tx, found.booking_id).await?;
    plan_is_open(SessionState::of(&session.state)?)?;
    let row = tx.edit::<enrolment::Entity>(id).await?;
    let links = tx
        .scope()
        .find::<enrolment_slot::Entity>()
        .filter(enrolment_slot::Column::EnrolmentId.eq(id))
        .ascending(enrolment_slot::Column::Id)
        .all()
        .await?;
    let before = NewEnrolmentTerms {
        external_id: row.external_id.clone(),
        status: super::input::Status::of(&row.status)?,
        slots: (!row.all_slots).then(|| links.iter().map(|link| link.slot_id).collect()),
    };
    let NewEnrolmentTerms { external_id, status, slots } = patch.apply(&before)?;
    if let Some(kept) = &slots {
        keeps_what_was_signed(&tx, id, kept).await?;
    }
    if status != before.status {
        unfunded(&tx, &row).await?;
    }
    let mut act = tx.act(row.activity_id, Event::Changed { enrolment: id }.into());
    for link in links {
        act.delete::<enrolment_slot::Entity>(link).await?;
    }
    let all = slots.is_none();
    let row = act
        .update(row, |edit: &mut enrolment::ActiveModel| {
            edit.external_id = Set(external_id);
            edit.status = Set(status.into());
            edit.all_slots = Set(all);
        })
        .await?;
    let present = slots_of_session(&tx.scope(), session.id).await?.iter().map(|slot| slot.id).collect();
    choose(&mut tx, &row, slots, &present).await?;
    tx.commit().await
}

/// Half-days that a trainee signed, or on which they were noted, stay theirs.
async fn keeps_what_was_signed(tx: &Tx<'_>, enrolment: Uuid, kept: &[Uuid]) -> Result<()> {
    let scope = tx.scope();
    let marks = scope.find::<mark::Entity>().filter(mark::Column::EnrolmentId.eq(enrolment)).all().await?;
    let signed = scope.find::<mark_evidence::Entity>().filter(mark_evidence::Column::EnrolmentId.eq(enrolment));
    let signed = signed.all().await?;
    let mut lost: Vec<Uuid> = marks.iter().map(|row| row.slot_id).chain(signed.iter().map(|row| row.slot_id)).collect();
    lost.retain(|slot| !kept.contains(slot));
    let slots = scope.map::<session_slot::Entity>(lost).await?;
    let mut days: Vec<NaiveDate> = slots.values().map(|slot| slot.day).collect();
    if days.is_empty() {
        return Ok(());
    }
    days.sort_unstable();
    days.dedup();
    Err(Error::refused(
        "enrolment.slot_signed",
        format!("Des demi-journées à retirer portent déjà une présence ({}) : elles restent.", dates(&days)),
        "Half-days that would be taken away bear attendance already: they stay.",
    ))
}
