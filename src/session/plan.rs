//! Plan sessions: create with half-days, change, copy, delete.

use chrono::{Datelike, NaiveDate};
use entity::{booking, programme, programme_version, session, session_slot, slot_trainer};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    diary::{self, Teaching},
    events::Event,
    input::{Format, Modality, NewSession, NewSessionTerms, NewSlot, SessionKind, SlotState, State},
    out::{self, SessionOut, Warning},
    place,
    rules::{self, Span, Times, Whereabouts},
    slots::{period, slots_of_session},
};
use crate::{
    activity::still_sells,
    platform::{
        access::Ctx,
        calendar,
        codes::store,
        contract::Patch,
        error::{Error, Fault, Result},
        text::fold,
        tx::Tx,
    },
};

/// What a schema cannot say of a session as a whole.
fn check(terms: &NewSessionTerms) -> Result<()> {
    let mut faults = place::faults(terms.place.as_ref(), "/place");
    if let (Some(min), Some(max)) = (terms.min_heads, terms.max_heads)
        && min > max
    {
        faults.push(Fault::new(
            "/min_heads",
            "session.heads",
            format!("Le minimum ({min}) dépasse le maximum ({max})."),
            format!("The minimum ({min}) is more than the maximum ({max})."),
        ));
    }
    if terms.received_from.is_some() != (terms.kind == Some(SessionKind::Received)) {
        faults.push(Fault::new(
            "/received_from",
            "session.received_from",
            "Une session reçue d’un autre organisme le nomme, et elle seule.",
            "A session received from another training body names it, and no other session does.",
        ));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::Invalid(faults)) }
}

/// The published version that is taught, and the title of its programme.
async fn version(tx: &Tx<'_>, id: Uuid) -> Result<(programme_version::Model, String)> {
    let version = tx.scope().get::<programme_version::Entity>(id).await?;
    if version.published_at.is_none() {
        return Err(Error::refused(
            "session.version_unpublished",
            "Cette version du programme n’est pas publiée : publiez-la d’abord.",
            "This version of the programme is not published: publish it first.",
        ));
    }
    let title = tx.scope().get::<programme::Entity>(version.programme_id).await?.title;
    Ok((version, title))
}

fn fill(terms: NewSessionTerms, reference: &str, edit: &mut session::ActiveModel) -> Result<()> {
    let NewSessionTerms {
        activity_id: _,
        external_id,
        programme_version_id,
        title,
        kind,
        format,
        place,
        link,
        min_heads,
        max_heads,
        received_from,
    } = terms;
    let title = title.unwrap_or_default();
    edit.search = Set(fold(&format!("{title} {reference}")));
    edit.external_id = Set(external_id);
    edit.programme_version_id = Set(programme_version_id);
    edit.title = Set(title);
    edit.kind = Set(kind.unwrap_or(SessionKind::Training).into());
    edit.format = Set(format.unwrap_or(Format::Intra).into());
    edit.place = Set(place.map(|place| store(&place)).transpose()?);
    edit.link = Set(link);
    edit.min_heads = Set(min_heads);
    edit.max_heads = Set(max_heads);
    edit.received_from = Set(received_from.map(|from| store(&from)).transpose()?);
    Ok(())
}

pub(super) fn whereabouts(row: &session::Model) -> Whereabouts {
    Whereabouts { place: row.place.is_some(), link: row.link.is_some() }
}

/// Create a session with its half-days, all or nothing.
pub async fn create(ctx: &mut Ctx, input: NewSession) -> Result<SessionOut> {
    let mut tx = ctx.begin().await?;
    let (row, warnings) = insert(&mut tx, input).await?;
    tx.answers_at(at(row.id), 201);
    tx.commit().await?;
    read(ctx, row.id, warnings).await
}

/// Plan a session with its half-days as part of a larger act.
pub async fn insert(tx: &mut Tx<'_>, input: NewSession) -> Result<(session::Model, Vec<Warning>)> {
    let NewSession { mut terms, slots } = input;
    let (version, title) = version(tx, terms.programme_version_id).await?;
    let activity_id = version.activity_id;
    if terms.activity_id.is_some_and(|named| named != activity_id) {
        return Err(Error::Missing("programme_version"));
    }
    check(&terms)?;
    still_sells(&tx.scope(), activity_id, tx.today()).await?;
    terms.title.get_or_insert(title);
    let has = Whereabouts { place: terms.place.is_some(), link: terms.link.is_some() };
    let planned = rules::plan(&slots, &[], has)?;
    let year = tx.today().year();
    let number = tx.next_number(&format!("session:{activity_id}:{year}")).await?;
    let reference = format!("SES-{year}-{number:04}");
    let id = tx.new_id();
    let mut edit = session::ActiveModel {
        id: Set(id),
        reference: Set(reference.clone()),
        state: Set(State::Planned.into()),
        first_day: Set(planned.iter().map(|times| times.day).min()),
        last_day: Set(planned.iter().map(|times| times.day).max()),
        ..Default::default()
    };
    fill(terms, &reference, &mut edit)?;
    let warnings = diary::reserve(tx, activity_id, &wanted(&slots, &planned), &[]).await?;
    let row = tx.act(activity_id, Event::Planned { session: id }.into()).insert(edit).await?;
    for (slot, times) in slots.into_iter().zip(planned) {
        insert_slot(tx, &row, slot, times).await?;
    }
    Ok((row, warnings))
}

/// Who is to teach when.
pub(super) fn wanted(slots: &[NewSlot], planned: &[Times]) -> Vec<Teaching> {
    slots
        .iter()
        .zip(planned)
        .map(|(slot, times)| Teaching { span: times.span, trainers: slot.trainers.clone().unwrap_or_default() })
        .collect()
}

pub(super) async fn insert_slot(
    tx: &mut Tx<'_>,
    session: &session::Model,
    slot: NewSlot,
    times: Times,
) -> Result<session_slot::Model> {
    let NewSlot { day: _, starts: _, ends: _, half: _, break_minutes: _, modality, place, link, trainers } = slot;
    let id = tx.new_id();
    let (activity, session) = (session.activity_id, session.id);
    let row = tx
        .act(activity, Event::SlotPlanned { session, slot: id }.into())
        .insert(session_slot::ActiveModel {
            id: Set(id),
            session_id: Set(session),
            day: Set(times.day),
            half: Set(times.half.into()),
            starts_at: Set(times.span.starts_at),
            ends_at: Set(times.span.ends_at),
            break_minutes: Set(times.break_minutes),
            modality: Set(modality.unwrap_or(Modality::FaceToFace).into()),
            place: Set(place.map(|place| store(&place)).transpose()?),
            link: Set(link),
            state: Set(SlotState::Planned.into()),
            ..Default::default()
        })
        .await?;
    let trainers: std::collections::BTreeSet<Uuid> = trainers.into_iter().flatten().collect();
    for trainer in trainers {
        let link = slot_trainer::ActiveModel { slot_id: Set(id), trainer_id: Set(trainer), ..Default::default() };
        tx.act(activity, Event::TrainerChanged { session, slot: id }.into()).insert(link).await?;
    }
    Ok(row)
}

/// The session as it is, after a change.
pub async fn read(ctx: &Ctx, id: Uuid, warnings: Vec<Warning>) -> Result<SessionOut> {
    let scope = ctx.scope();
    let row = scope.get::<session::Entity>(id).await?;
    let mut out = out::load_one(&scope, row).await?;
    out.warnings = warnings;
    Ok(out)
}

/// Where a session is.
pub(super) fn at(id: Uuid) -> String {
    format!("/v1/sessions/{id}")
}

/// Change a session as a whole; half-days have their own operations.
pub async fn change(ctx: &mut Ctx, id: Uuid, patch: &Patch<NewSessionTerms>) -> Result<SessionOut> {
    let mut tx = ctx.begin().await?;
    let before = tx.edit::<session::Entity>(id).await?;
    rules::plan_is_open(State::of(&before.state)?)?;
    let mut terms = patch.apply(&out::terms(&before)?)?;
    if terms.activity_id.is_some_and(|named| named != before.activity_id) {
        return Err(Error::Missing("activity"));
    }
    check(&terms)?;
    let (version, title) = version(&tx, terms.programme_version_id).await?;
    if version.activity_id != before.activity_id {
        return Err(Error::Missing("programme_version"));
    }
    terms.title.get_or_insert(title);
    let slots = slots_of_session(&tx.scope(), id).await?;
    let lost = |modality: Modality, own: fn(&session_slot::Model) -> bool| {
        slots.iter().any(|slot| slot.modality == modality.name() && !own(slot))
    };
    if terms.place.is_none() && lost(Modality::FaceToFace, |slot| slot.place.is_some()) {
        return Err(needed("/place", "un lieu", "a place"));
    }
    if terms.link.is_none() && lost(Modality::Distance, |slot| slot.link.is_some()) {
        return Err(needed("/link", "un lien", "a link"));
    }
    let reference = before.reference.clone();
    let mut filled = session::ActiveModel::default();
    fill(terms, &reference, &mut filled)?;
    tx.act(before.activity_id, Event::Changed { session: id }.into())
        .update(before, |edit: &mut session::ActiveModel| {
            let session::ActiveModel {
                external_id,
                programme_version_id,
                title,
                kind,
                format,
                place,
                link,
                min_heads,
                max_heads,
                received_from,
                search,
                ..
            } = filled;
            edit.external_id = external_id;
            edit.programme_version_id = programme_version_id;
            edit.title = title;
            edit.kind = kind;
            edit.format = format;
            edit.place = place;
            edit.link = link;
            edit.min_heads = min_heads;
            edit.max_heads = max_heads;
            edit.received_from = received_from;
            edit.search = search;
        })
        .await?;
    tx.commit().await?;
    read(ctx, id, vec![]).await
}

fn needed(pointer: &str, fr: &str, en: &str) -> Error {
    Error::invalid(
        pointer,
        "required",
        format!("Des demi-journées comptent sur la session pour {fr}."),
        format!("Half-days rely on the session for {en}."),
    )
}

/// Copy a session from another first day: gaps, hours, places and trainers are kept, cancelled half-days are not.
pub async fn duplicate(ctx: &mut Ctx, id: Uuid, first_day: NaiveDate) -> Result<SessionOut> {
    let mut tx = ctx.begin().await?;
    let row = tx.scope().get::<session::Entity>(id).await?;
    let slots = slots_of_session(&tx.scope(), id).await?;
    let teachings = diary::teachings(&tx.scope(), &slots).await?;
    let Some((first, _)) = period(&slots) else {
        return Err(Error::refused(
            "session.no_slot",
            "Cette session n’a pas de demi-journée à copier.",
            "This session has no half-day to copy.",
        ));
    };
    let shift = first_day - first;
    let mut copies = vec![];
    for (slot, teaching) in slots.iter().zip(teachings) {
        let day = slot.day.checked_add_signed(shift).ok_or_else(|| {
            Error::invalid("/first_day", "slot.day", "Cette date est trop lointaine.", "This day is too far.")
        })?;
        let Span { starts_at, ends_at } = teaching.span;
        let clock = |instant| calendar::local(instant).format("%H:%M").to_string();
        copies.push(NewSlot {
            day,
            starts: clock(starts_at),
            ends: clock(ends_at),
            half: Some(super::input::Half::of(&slot.half)?),
            break_minutes: Some(slot.break_minutes),
            modality: Some(Modality::of(&slot.modality)?),
            place: out::place_of(slot.place.as_deref())?,
            link: slot.link.clone(),
            trainers: Some(teaching.trainers),
        });
    }
    let mut terms = out::terms(&row)?;
    terms.external_id = None;
    let (row, warnings) = insert(&mut tx, NewSession { terms, slots: copies }).await?;
    tx.answers_at(at(row.id), 201);
    tx.commit().await?;
    read(ctx, row.id, warnings).await
}

/// Delete a session that is only planned and that nobody booked.
pub async fn delete(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<session::Entity>(id).await?;
    let booked = tx.scope().find::<booking::Entity>().filter(booking::Column::SessionId.eq(id)).count().await?;
    if row.state != State::Planned.name() || booked > 0 {
        return Err(Error::refused(
            "session.in_use",
            "Seule une session prévue et sans inscription commerciale s’efface : annulez celle-ci.",
            "Only a planned session without a booking can be deleted: cancel this one.",
        ));
    }
    let slots = tx.scope().find::<session_slot::Entity>().filter(session_slot::Column::SessionId.eq(id)).all().await?;
    let links = tx
        .scope()
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .all()
        .await?;
    let mut act = tx.act(row.activity_id, Event::Deleted { session: id }.into());
    for link in links {
        act.delete::<slot_trainer::Entity>(link).await?;
    }
    for slot in slots {
        act.delete::<session_slot::Entity>(slot).await?;
    }
    act.delete::<session::Entity>(row).await?;
    tx.commit().await
}
