//! How an enrolment advances: informed, enrolled for good, begun, left, replaced.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::{enrolment, enrolment_slot, person};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    actions::{New, at, insert, list_at, lock, people_of, require_open, twice, who},
    events::Event,
    input::{Abandon, Enrol, NewInformationPack, Replace, State},
    out::last_packs,
    pack,
    rules::{self, Step},
};
use crate::{
    document::{Kind, current_of, revoke_paper},
    people::name_of,
    platform::{
        access::Ctx,
        calendar::date,
        error::{Error, Result},
        permission::OverridesGrant,
        tx::Tx,
    },
    session::slots_of_session,
};

/// What a step writes down beside the state.
#[derive(Default)]
struct Note {
    reason: Option<String>,
    on: Option<NaiveDate>,
    by: Option<Uuid>,
    pack_override: Option<String>,
}

async fn advance(tx: &mut Tx<'_>, row: enrolment::Model, step: Step, note: Note) -> Result<enrolment::Model> {
    let to = rules::step(State::of(&row.state)?, step)?;
    let enrolment = row.id;
    let event = match step {
        Step::Enrol => Event::Enrolled { enrolment },
        Step::Start => Event::Started { enrolment },
        Step::Complete => Event::Completed { enrolment },
        Step::Abandon => Event::Abandoned { enrolment },
        Step::NoShow => Event::NoShow { enrolment },
        Step::Replace => Event::Replaced { enrolment, by: note.by.unwrap_or(enrolment) },
    };
    let day = note.on.unwrap_or_else(|| tx.today());
    tx.act(row.activity_id, event.into())
        .update(row, |edit: &mut enrolment::ActiveModel| {
            edit.state = Set(to.into());
            edit.state_on = Set(Some(day));
            if note.reason.is_some() {
                edit.reason = Set(note.reason);
            }
            if note.by.is_some() {
                edit.replaced_by_id = Set(note.by);
            }
            if note.pack_override.is_some() {
                edit.pack_override = Set(note.pack_override);
            }
        })
        .await
}

/// Somebody begins, as part of a larger act that has asked whether they may.
pub async fn begin(tx: &mut Tx<'_>, row: enrolment::Model) -> Result<enrolment::Model> {
    advance(tx, row, Step::Start, Note::default()).await
}

/// A step without conditions of its own.
pub async fn take(ctx: &mut Ctx, id: Uuid, step: Step, abandon: Option<Abandon>) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<enrolment::Entity>(id).await?;
    let note = abandon.map_or_else(Note::default, |Abandon { reason, on }| Note {
        reason: Some(reason),
        on,
        ..Note::default()
    });
    if let Some(day) = note.on.filter(|day| *day > tx.today()) {
        return Err(Error::invalid(
            "/on",
            "dates.order",
            format!("La date de départ ({}) est à venir : nous sommes le {}.", date(day), date(tx.today())),
            format!("The day of leaving ({day}) is to come: today is {}.", tx.today()),
        ));
    }
    advance(&mut tx, row, step, note).await?;
    tx.answers_at(at(id), 200);
    tx.commit().await
}

/// Refuse those who were not informed (art. L6353-8), unless the cooperative gives a reason.
async fn require_packs(tx: &Tx<'_>, rows: &[enrolment::Model], override_reason: Option<&str>) -> Result<()> {
    if override_reason.is_some() {
        return Ok(());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let packs = last_packs(&tx.scope(), &ids).await?;
    let people = tx.scope().map::<person::Entity>(rows.iter().map(|row| row.person_id)).await?;
    let uninformed: Vec<String> = rows
        .iter()
        .filter(|row| !packs.contains_key(&row.id))
        .filter_map(|row| people.get(&row.person_id).map(name_of))
        .collect();
    if uninformed.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "enrolment.no_pack",
        format!(
            "L’information préalable à l’inscription (art. L6353-8) n’a pas été mise à disposition de : {}.",
            uninformed.join(", ")
        ),
        format!(
            "The information before enrolment (art. L6353-8) was not made available to: {}.",
            uninformed.join(", ")
        ),
    ))
}

/// Enrol somebody for good.
pub async fn enrol(ctx: &mut Ctx, id: Uuid, input: Enrol) -> Result<()> {
    let Enrol { override_reason, information_pack } = input;
    if override_reason.is_some() {
        ctx.require::<OverridesGrant>()?;
    }
    let mut tx = ctx.begin().await?;
    let found = tx.scope().get::<enrolment::Entity>(id).await?;
    require_open(&tx, found.booking_id).await?;
    let row = tx.lock::<enrolment::Entity>(id).await?;
    rules::step(State::of(&row.state)?, Step::Enrol)?;
    if let Some(pack) = &information_pack {
        inform_rows(&mut tx, std::slice::from_ref(&row), pack).await?;
    }
    // The pack counts as a change of the enrolment.
    let row = tx.lock::<enrolment::Entity>(id).await?;
    require_packs(&tx, std::slice::from_ref(&row), override_reason.as_deref()).await?;
    advance(&mut tx, row, Step::Enrol, Note { pack_override: override_reason, ..Note::default() }).await?;
    tx.answers_at(at(id), 200);
    tx.commit().await
}

/// Enrol for good all those who are invited in a booking, or none.
pub async fn enrol_all(ctx: &mut Ctx, booking: Uuid, input: Enrol) -> Result<()> {
    let Enrol { override_reason, information_pack } = input;
    if override_reason.is_some() {
        ctx.require::<OverridesGrant>()?;
    }
    let mut tx = ctx.begin().await?;
    require_open(&tx, booking).await?;
    let rows = of_booking(&tx, booking, &[State::Invited]).await?;
    if let Some(pack) = &information_pack {
        inform_rows(&mut tx, &rows, pack).await?;
    }
    // The pack counts as a change of each enrolment.
    let rows = of_booking(&tx, booking, &[State::Invited]).await?;
    require_packs(&tx, &rows, override_reason.as_deref()).await?;
    for row in rows {
        let note = Note { pack_override: override_reason.clone(), ..Note::default() };
        advance(&mut tx, row, Step::Enrol, note).await?;
    }
    tx.answers_at(list_at(booking), 200);
    tx.commit().await
}

async fn of_booking(tx: &Tx<'_>, booking: Uuid, states: &[State]) -> Result<Vec<enrolment::Model>> {
    tx.scope()
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::BookingId.eq(booking))
        .filter(enrolment::Column::State.is_in(states.iter().map(|state| state.name())))
        .ascending(enrolment::Column::Id)
        .all()
        .await
}

/// Record that the information was made available to one trainee.
pub async fn inform(ctx: &mut Ctx, id: Uuid, input: &NewInformationPack) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<enrolment::Entity>(id).await?;
    pack::make_available(&mut tx, &row, input).await?;
    tx.answers_at(at(id), 200);
    tx.commit().await
}

/// Record that the information was made available to every trainee of a booking who has none yet.
pub async fn inform_all(ctx: &mut Ctx, booking: Uuid, input: &NewInformationPack) -> Result<()> {
    let mut tx = ctx.begin().await?;
    lock(&tx, booking).await?;
    let rows = of_booking(&tx, booking, &[State::Invited, State::Enrolled, State::Started]).await?;
    inform_rows(&mut tx, &rows, input).await?;
    tx.answers_at(list_at(booking), 200);
    tx.commit().await
}

async fn inform_rows(tx: &mut Tx<'_>, rows: &[enrolment::Model], input: &NewInformationPack) -> Result<()> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let informed = last_packs(&tx.scope(), &ids).await?;
    for row in rows.iter().filter(|row| !informed.contains_key(&row.id)) {
        pack::make_available(tx, row, input).await?;
    }
    Ok(())
}

/// Somebody else takes the place: same half-days, same status unless it is said otherwise.
pub async fn replace(ctx: &mut Ctx, id: Uuid, input: Replace) -> Result<Uuid> {
    let Replace { person_id, person, status, reason } = input;
    let mut tx = ctx.begin().await?;
    let found = tx.scope().get::<enrolment::Entity>(id).await?;
    let (booking, session) = require_open(&tx, found.booking_id).await?;
    let row = tx.lock::<enrolment::Entity>(id).await?;
    rules::step(State::of(&row.state)?, Step::Replace)?;
    let person = who(&mut tx, row.activity_id, person_id, person, "").await?;
    if people_of(&tx, session.id).await?.contains(&person.id) {
        return Err(Error::Invalid(vec![twice(&person, "")]));
    }
    let chosen = if row.all_slots {
        None
    } else {
        let links = tx
            .scope()
            .find::<enrolment_slot::Entity>()
            .filter(enrolment_slot::Column::EnrolmentId.eq(id))
            .all()
            .await?;
        Some(links.into_iter().map(|link| link.slot_id).collect::<Vec<_>>())
    };
    let slots: HashSet<Uuid> = slots_of_session(&tx.scope(), session.id).await?.iter().map(|slot| slot.id).collect();
    let chosen = chosen.map(|list| list.into_iter().filter(|slot| slots.contains(slot)).collect());
    let status = status.map_or_else(|| row.status.clone(), String::from);
    let new = insert(&mut tx, &booking, &person, New { external_id: None, status, chosen }, &slots).await?;
    advance(&mut tx, row, Step::Replace, Note { reason, by: Some(new.id), ..Note::default() }).await?;
    // Whoever received it is told that it no longer stands.
    for paper in current_of(&tx.scope(), id, Kind::Convocation).await? {
        let why = "une autre personne prend votre place : vous n’êtes plus attendu·e à cette formation";
        revoke_paper(&mut tx, paper, why).await?;
    }
    tx.answers_at(at(new.id), 201);
    tx.commit().await?;
    Ok(new.id)
}
