//! To which trainees of a session a personal link may go, and why not to the others.

use std::collections::HashMap;

use entity::{
    activity, booking, client, client_contact, enrolment, membership, person, session as sessions, slot_trainer,
    trainer, user_account,
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::rules::{Held, may_hold};
use crate::{
    platform::{error::Result, scope::Scope},
    session::slots_of_session,
};

/// Where a trainee's personal link goes.
pub type Address = std::result::Result<String, Held>;

/// The address of each trainee of a session, by enrolment, or why none may be used.
pub async fn addresses(scope: &Scope<'_>, session: Uuid) -> Result<HashMap<Uuid, Address>> {
    let rows = scope
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::SessionId.eq(session))
        .filter(enrolment::Column::State.is_not_in(["abandoned", "replaced", "cancelled"]))
        .all()
        .await?;
    let bookings = scope.map::<booking::Entity>(rows.iter().map(|row| row.booking_id)).await?;
    let clients = scope.map::<client::Entity>(bookings.values().map(|row| row.client_id)).await?;
    let contacts = scope
        .find::<client_contact::Entity>()
        .filter(client_contact::Column::ClientId.is_in(clients.keys().copied()))
        .all()
        .await?;
    let people = scope
        .map::<person::Entity>(
            rows.iter()
                .map(|row| row.person_id)
                .chain(contacts.iter().map(|row| row.person_id))
                .chain(clients.values().filter_map(|row| row.person_id)),
        )
        .await?;
    let trainers = of_trainers(scope, session).await?;
    let email = |person: Uuid| people.get(&person).and_then(|row| row.email.as_deref());
    let mut found = HashMap::new();
    for row in &rows {
        // Whoever is both trainee and contact, or both trainee and client, reads their own mail.
        let others: Vec<&str> = rows
            .iter()
            .filter(|other| other.person_id != row.person_id)
            .filter_map(|other| email(other.person_id))
            .collect();
        let client = bookings.get(&row.booking_id).and_then(|booking| clients.get(&booking.client_id));
        let mut theirs: Vec<&str> = vec![];
        if let Some(client) = client {
            let of_client = contacts.iter().filter(|contact| contact.client_id == client.id).map(|one| one.person_id);
            theirs.extend(of_client.chain(client.person_id).filter(|id| *id != row.person_id).filter_map(email));
            theirs.extend(client.email.as_deref().filter(|_| client.person_id != Some(row.person_id)));
        }
        let training: Vec<&str> = trainers
            .iter()
            .filter(|(whose, _)| !whose.contains(&row.person_id))
            .map(|(_, address)| address.as_str())
            .collect();
        let own = email(row.person_id);
        let address = may_hold(own, &others, &theirs, &training).map(|()| own.unwrap_or_default().to_owned());
        found.insert(row.id, address);
    }
    Ok(found)
}

/// The addresses of those who train in a session and of those who work in its activity, and whose they are, as far as it is
/// known: they must not sign for others, and may read their own mail. A member is a known person where a trainer's record
/// names both; the address of another member is nobody's in particular.
async fn of_trainers(scope: &Scope<'_>, session: Uuid) -> Result<Vec<(Vec<Uuid>, String)>> {
    let session = scope.get::<sessions::Entity>(session).await?;
    let slots = slots_of_session(scope, session.id).await?;
    let teaching = scope
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .all()
        .await?;
    let trainers = scope.map::<trainer::Entity>(teaching.iter().map(|row| row.trainer_id)).await?;
    let people = scope.map::<person::Entity>(trainers.values().map(|row| row.person_id)).await?;
    let members =
        scope.find::<membership::Entity>().filter(membership::Column::ActivityId.eq(session.activity_id)).all().await?;
    let users = members.iter().map(|row| row.user_id).chain(trainers.values().filter_map(|row| row.user_id));
    let users = scope.map::<user_account::Entity>(users).await?;
    let activity = scope.get::<activity::Entity>(session.activity_id).await?;
    let accounts =
        scope.find::<trainer::Entity>().filter(trainer::Column::UserId.is_in(users.keys().copied())).all().await?;
    let whose = |user: Uuid| accounts.iter().filter(|row| row.user_id == Some(user)).map(|row| row.person_id).collect();
    let own = people.into_values().filter_map(|row| Some((vec![row.id], row.email?)));
    let known = own.chain(users.into_values().map(|row| (whose(row.id), row.email)));
    Ok(known.chain(activity.email.map(|address| (vec![], address))).collect())
}
