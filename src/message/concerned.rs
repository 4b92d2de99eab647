//! Who is concerned by what happens to a session: trainees, clients' contacts, trainers.

use std::collections::{HashMap, HashSet};

use entity::{booking, client, client_contact, enrolment, person, session, session_slot, slot_trainer, trainer};
use sea_orm::ColumnTrait;
use serde_json::Value;
use uuid::Uuid;

use super::letter::Recipient;
use crate::{
    people::name_of,
    platform::{calendar, codes::stored, error::Result, scope::Scope},
    session::slots_of_session,
};

/// What a contact does for a client, as its roles are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Signs.
    Signatory,
    /// Follows the trainings.
    Training,
    /// Pays.
    Accounting,
}

impl Role {
    fn stored(self) -> &'static str {
        match self {
            Self::Signatory => "signatory",
            Self::Training => "training_lead",
            Self::Accounting => "accounting",
        }
    }

    fn named(self, booking: &booking::Model) -> Option<Uuid> {
        match self {
            Self::Signatory => booking.signatory_contact_id,
            Self::Training => booking.training_contact_id,
            Self::Accounting => booking.accounting_contact_id,
        }
    }
}

/// A person, as somebody to write to.
pub fn person(row: &person::Model) -> Recipient {
    Recipient { id: row.id, name: name_of(row), address: row.email.clone() }
}

/// A client's contact for a role: the booking's, the one who has the role, anybody who can be reached, the client.
pub async fn contact(
    scope: &Scope<'_>,
    client: &client::Model,
    booking: Option<&booking::Model>,
    role: Role,
) -> Result<Recipient> {
    let contacts = scope
        .find::<client_contact::Entity>()
        .filter(client_contact::Column::ClientId.eq(client.id))
        .ascending(client_contact::Column::Id)
        .all()
        .await?;
    let people = scope.map::<person::Entity>(contacts.iter().map(|row| row.person_id).chain(client.person_id)).await?;
    let named = booking.and_then(|booking| role.named(booking));
    let has = |row: &&client_contact::Model| {
        stored::<Vec<String>>(&row.roles).is_ok_and(|roles| roles.iter().any(|one| one == role.stored()))
    };
    let in_order = contacts
        .iter()
        .filter(|row| Some(row.id) == named)
        .chain(contacts.iter().filter(has))
        .map(|row| row.person_id)
        .chain(client.person_id)
        .chain(contacts.iter().map(|row| row.person_id));
    let reachable = in_order.filter_map(|id| people.get(&id)).find(|one| one.email.is_some());
    Ok(reachable
        .map_or_else(|| Recipient { id: client.id, name: String::new(), address: client.email.clone() }, person))
}

/// A trainee, with whom the training was sold to.
#[derive(Debug, Clone)]
pub struct Trainee {
    /// Their enrolment.
    pub enrolment: enrolment::Model,
    /// Who they are.
    pub person: person::Model,
    /// The booking that they follow under.
    pub booking: booking::Model,
}

/// What a session is made of, for those who are written to.
pub struct Meeting {
    /// The session.
    pub session: session::Model,
    /// Its half-days, those that are not cancelled, in order.
    pub slots: Vec<session_slot::Model>,
    /// Its live bookings.
    pub bookings: Vec<booking::Model>,
    /// Who bought them.
    pub clients: HashMap<Uuid, client::Model>,
}

impl Meeting {
    /// A session that takes place.
    pub async fn of(scope: &Scope<'_>, session: Uuid) -> Result<Self> {
        let slots = slots_of_session(scope, session).await?;
        Self::with(scope, session, slots, &["proposed", "agreed"]).await
    }

    /// A session that was called off, as it was planned.
    pub async fn called_off(scope: &Scope<'_>, session: Uuid) -> Result<Self> {
        let slots = scope
            .find::<session_slot::Entity>()
            .filter(session_slot::Column::SessionId.eq(session))
            .ascending(session_slot::Column::StartsAt)
            .all()
            .await?;
        Self::with(scope, session, slots, &["proposed", "agreed", "cancelled"]).await
    }

    async fn with(scope: &Scope<'_>, session: Uuid, slots: Vec<session_slot::Model>, states: &[&str]) -> Result<Self> {
        let session = scope.get::<session::Entity>(session).await?;
        let bookings = scope
            .find::<booking::Entity>()
            .filter(booking::Column::SessionId.eq(session.id))
            .filter(booking::Column::State.is_in(states.iter().copied()))
            .ascending(booking::Column::Id)
            .all()
            .await?;
        let clients = scope.map::<client::Entity>(bookings.iter().map(|row| row.client_id)).await?;
        Ok(Self { session, slots, bookings, clients })
    }

    /// Its days.
    pub fn days(&self) -> Vec<chrono::NaiveDate> {
        let mut days: Vec<_> = self.slots.iter().map(|slot| slot.day).collect();
        days.dedup();
        days
    }

    /// One line a half-day: « mardi 3 mars 2026, de 9 h à 12 h 30, Maison des associations ».
    pub fn schedule(&self) -> Vec<String> {
        self.slots.iter().map(|slot| self.line(slot)).collect()
    }

    /// The line of one half-day.
    pub fn line(&self, slot: &session_slot::Model) -> String {
        let (start, end) = (calendar::local(slot.starts_at).time(), calendar::local(slot.ends_at).time());
        let mut line =
            format!("{}, de {} à {}", calendar::long_date(slot.day), calendar::time(start), calendar::time(end));
        let place = slot.place.as_ref().or(slot.link.as_ref());
        if let Some(place) = place.or(self.session.place.as_ref()).or(self.session.link.as_ref()) {
            line.push_str(&format!(", {}", place_line(place)));
        }
        line
    }

    /// The client of a booking.
    pub fn client(&self, booking: &booking::Model) -> Option<&client::Model> {
        self.clients.get(&booking.client_id)
    }

    /// Its trainees who are still expected.
    pub async fn trainees(&self, scope: &Scope<'_>) -> Result<Vec<Trainee>> {
        self.trainees_in(scope, &["enrolled", "started", "completed"]).await
    }

    /// Its trainees in some states.
    pub async fn trainees_in(&self, scope: &Scope<'_>, states: &[&str]) -> Result<Vec<Trainee>> {
        let enrolments = scope
            .find::<enrolment::Entity>()
            .filter(enrolment::Column::SessionId.eq(self.session.id))
            .filter(enrolment::Column::State.is_in(states.iter().copied()))
            .ascending(enrolment::Column::Id)
            .all()
            .await?;
        let people = scope.map::<person::Entity>(enrolments.iter().map(|row| row.person_id)).await?;
        let of = |enrolment: enrolment::Model| {
            let booking = self.bookings.iter().find(|row| row.id == enrolment.booking_id)?.clone();
            let person = people.get(&enrolment.person_id)?.clone();
            Some(Trainee { enrolment, person, booking })
        };
        Ok(enrolments.into_iter().filter_map(of).collect())
    }

    /// Its trainers.
    pub async fn trainers(&self, scope: &Scope<'_>) -> Result<Vec<Recipient>> {
        let slots = self.slots.iter().map(|slot| slot.id);
        let teaching =
            scope.find::<slot_trainer::Entity>().filter(slot_trainer::Column::SlotId.is_in(slots)).all().await?;
        let ids: HashSet<Uuid> = teaching.into_iter().map(|row| row.trainer_id).collect();
        let trainers = scope.map::<trainer::Entity>(ids).await?;
        let people = scope.map::<person::Entity>(trainers.values().map(|row| row.person_id)).await?;
        let mut all: Vec<Recipient> = people.values().map(person).collect();
        all.sort_by_key(|one| one.id);
        Ok(all)
    }
}

/// A place on one line, whether it was stored as words or in parts.
fn place_line(place: &str) -> String {
    let Ok(Value::Object(parts)) = serde_json::from_str(place) else { return place.to_owned() };
    let part = |name: &str| parts.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let town = format!("{} {}", part("postcode"), part("city"));
    let all = [part("name"), part("address"), town.trim().to_owned()];
    all.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(", ")
}
