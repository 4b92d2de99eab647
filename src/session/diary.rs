//! A trainer is in one place at a time: what planned half-days meet in their diaries.

use entity::{session, session_slot, slot_trainer, trainer, user_account};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    out::Warning,
    rules::{Collision, Span, collisions},
    slots::slots_of_session,
};
use crate::platform::{
    error::{Error, Result},
    scope::Scope,
    tx::Tx,
};

/// A half-day that somebody is to teach.
#[derive(Debug, Clone)]
pub struct Teaching {
    /// When.
    pub span: Span,
    /// Who.
    pub trainers: Vec<Uuid>,
}

/// The trainers of an activity, and their diaries locked: nobody else plans them until the transaction ends.
///
/// A trainer who is a user is locked as that user, because the same user may teach in several activities; the locks
/// are taken in one order, so that two transactions never wait for each other.
async fn lock_diaries(tx: &Tx<'_>, activity: Uuid, trainers: &[Uuid]) -> Result<()> {
    let (mut users, mut others) = (vec![], vec![]);
    for id in trainers {
        let row = tx.scope().get::<trainer::Entity>(*id).await?;
        if row.activity_id != activity {
            return Err(Error::Missing("trainer"));
        }
        match row.user_id {
            Some(user) => users.push(user),
            None => others.push(row.id),
        }
    }
    users.sort_unstable();
    users.dedup();
    for user in users {
        tx.lock::<user_account::Entity>(user).await?;
    }
    others.sort_unstable();
    others.dedup();
    for other in others {
        tx.lock::<trainer::Entity>(other).await?;
    }
    Ok(())
}

/// What these half-days meet; `but` are half-days that are being moved, or those of the session itself.
async fn look_up(scope: &Scope<'_>, planned: &[Teaching], but: &[Uuid]) -> Result<Vec<Collision>> {
    let spans: Vec<(Span, Uuid)> =
        planned.iter().flat_map(|one| one.trainers.iter().map(|trainer| (one.span, *trainer))).collect();
    let mut trainers: Vec<Uuid> = spans.iter().map(|(_, trainer)| *trainer).collect();
    trainers.sort_unstable();
    trainers.dedup();
    let (Some(from), Some(to)) =
        (spans.iter().map(|(span, _)| span.starts_at).min(), spans.iter().map(|(span, _)| span.ends_at).max())
    else {
        return Ok(vec![]);
    };
    let mut busy = scope.busy(&trainers, from, to).await?;
    busy.retain(|one| one.visible.is_none_or(|(slot, _)| !but.contains(&slot)));
    Ok(collisions(&spans, &busy))
}

/// Refuse half-days that meet a firm one, warn of those that meet a planned one.
pub(super) async fn reserve(tx: &Tx<'_>, activity: Uuid, planned: &[Teaching], but: &[Uuid]) -> Result<Vec<Warning>> {
    let trainers: Vec<Uuid> = planned.iter().flat_map(|one| one.trainers.iter().copied()).collect();
    lock_diaries(tx, activity, &trainers).await?;
    let found = look_up(&tx.scope(), planned, but).await?;
    let said = describe(&tx.scope(), &found).await?;
    let firm: Vec<&(Collision, String)> = said.iter().filter(|(collision, _)| collision.busy.firm).collect();
    if !firm.is_empty() {
        let fr: Vec<&str> = firm.iter().map(|(_, text)| text.as_str()).collect();
        let en: Vec<String> = firm.iter().map(|(collision, _)| collision.planned.words()).collect();
        return Err(Error::refused(
            "session.trainer_busy",
            fr.join(" "),
            format!("The trainer is already taken: {}.", en.join("; ")),
        ));
    }
    Ok(said
        .into_iter()
        .map(|(collision, text)| Warning {
            code: "trainer.also_planned".into(),
            text,
            starts_at: collision.busy.starts_at,
            ends_at: collision.busy.ends_at,
        })
        .collect())
}

async fn describe(scope: &Scope<'_>, found: &[Collision]) -> Result<Vec<(Collision, String)>> {
    let ids = found.iter().filter_map(|one| one.busy.visible).map(|(_, session)| session);
    let sessions = scope.map::<session::Entity>(ids).await?;
    let trainers = scope.map::<trainer::Entity>(found.iter().map(|one| one.busy.trainer)).await?;
    let people = scope.map::<entity::person::Entity>(trainers.values().map(|one| one.person_id)).await?;
    let text = |one: &Collision| {
        let who = trainers.get(&one.busy.trainer).and_then(|trainer| people.get(&trainer.person_id));
        let who = who.map_or_else(|| "Le formateur ou la formatrice".to_owned(), crate::people::name_of);
        let other = Span { starts_at: one.busy.starts_at, ends_at: one.busy.ends_at }.words();
        match one.busy.visible.and_then(|(_, id)| sessions.get(&id)) {
            Some(session) => format!(
                "Demi-journée du {} : {who} intervient déjà dans « {} » ({}), {other}.",
                one.planned.words(),
                session.title,
                session.reference
            ),
            None => format!("Demi-journée du {} : {who} est indisponible, {other}.", one.planned.words()),
        }
    };
    Ok(found.iter().map(|one| (one.clone(), text(one))).collect())
}

/// The half-days of a session with who teaches them.
pub(super) async fn teachings(scope: &Scope<'_>, slots: &[session_slot::Model]) -> Result<Vec<Teaching>> {
    let links = scope
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .all()
        .await?;
    let of = |slot: &session_slot::Model| {
        links.iter().filter(|link| link.slot_id == slot.id).map(|link| link.trainer_id).collect()
    };
    Ok(slots
        .iter()
        .map(|slot| Teaching { span: Span { starts_at: slot.starts_at, ends_at: slot.ends_at }, trainers: of(slot) })
        .collect())
}

/// Before a session becomes firm (a booking is agreed, it starts): refuse if a trainer is firmly taken elsewhere, tell
/// what else they have planned.
pub async fn require_free(tx: &Tx<'_>, session: &session::Model) -> Result<Vec<Warning>> {
    let slots: Vec<session_slot::Model> = slots_of_session(&tx.scope(), session.id)
        .await?
        .into_iter()
        .filter(|slot| slot.state == super::input::SlotState::Planned.name())
        .collect();
    let planned = teachings(&tx.scope(), &slots).await?;
    let own: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    reserve(tx, session.activity_id, &planned, &own).await
}
