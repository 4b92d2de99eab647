//! To which trainees of a session a personal link may go, and why not to the others.

use std::collections::HashMap;

use entity::{booking, client, client_contact, enrolment, person};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::rules::{Held, may_hold};
use crate::platform::{error::Result, scope::Scope};

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
        let own = email(row.person_id);
        let address = may_hold(own, &others, &theirs).map(|()| own.unwrap_or_default().to_owned());
        found.insert(row.id, address);
    }
    Ok(found)
}
