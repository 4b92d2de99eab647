//! Who is concerned by what happens to a session: trainees, clients' contacts, trainers.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    booking, client, client_contact, document, enrolment, enrolment_slot, person, session, session_slot, slot_trainer,
    trainer,
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::letter::Recipient;
use crate::{
    document::{Kind, State},
    people::name_of,
    platform::{calendar, codes::stored, error::Result, scope::Scope},
    session::{slots_of_session, venue},
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
    /// The half-days that they follow, when not all of them.
    pub chosen: HashSet<Uuid>,
}

impl Trainee {
    /// Whether they follow this half-day.
    pub fn follows(&self, slot: Uuid) -> bool {
        self.enrolment.all_slots || self.chosen.contains(&slot)
    }
}

/// A trainer, and the half-days that they teach.
pub struct Teacher {
    /// Who they are, as somebody to write to.
    pub to: Recipient,
    /// The half-days.
    pub teaches: HashSet<Uuid>,
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

    /// Its half-days that somebody is concerned by, in order.
    pub fn of_them(&self, concerned: impl Fn(Uuid) -> bool) -> Vec<&session_slot::Model> {
        self.slots.iter().filter(|slot| concerned(slot.id)).collect()
    }

    /// One line a half-day: « mardi 3 mars 2026, de 9 h à 12 h 30, Maison des associations ».
    pub fn schedule(&self, slots: &[&session_slot::Model]) -> Result<Vec<String>> {
        slots.iter().map(|slot| self.line(slot)).collect()
    }

    /// The line of one half-day: when, and where that one is.
    pub fn line(&self, slot: &session_slot::Model) -> Result<String> {
        let (start, end) = (calendar::local(slot.starts_at).time(), calendar::local(slot.ends_at).time());
        let mut line =
            format!("{}, de {} à {}", calendar::long_date(slot.day), calendar::time(start), calendar::time(end));
        if let Some(venue) = venue(&self.session, slot)? {
            line.push_str(&format!(", {}", venue.line()));
        }
        Ok(line)
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
        let mut chosen = chosen(scope, &enrolments).await?;
        let mut of = |enrolment: enrolment::Model| {
            let booking = self.bookings.iter().find(|row| row.id == enrolment.booking_id)?.clone();
            let person = people.get(&enrolment.person_id)?.clone();
            let chosen = chosen.remove(&enrolment.id).unwrap_or_default();
            Some(Trainee { enrolment, person, booking, chosen })
        };
        Ok(enrolments.into_iter().filter_map(&mut of).collect())
    }

    /// Its trainers who can be written to, and what each of them teaches.
    pub async fn trainers(&self, scope: &Scope<'_>) -> Result<Vec<Teacher>> {
        let slots = self.slots.iter().map(|slot| slot.id);
        let rows = scope.find::<slot_trainer::Entity>().filter(slot_trainer::Column::SlotId.is_in(slots)).all().await?;
        teachers(scope, rows).await
    }
}

/// The trainers who can be written to, and what each of them teaches.
pub async fn teachers(scope: &Scope<'_>, rows: Vec<slot_trainer::Model>) -> Result<Vec<Teacher>> {
    let mut teaching: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    for row in rows {
        teaching.entry(row.trainer_id).or_default().insert(row.slot_id);
    }
    let trainers = scope.map::<trainer::Entity>(teaching.keys().copied()).await?;
    let people = scope.map::<person::Entity>(trainers.values().map(|row| row.person_id)).await?;
    let of = |(id, teaches): (Uuid, HashSet<Uuid>)| {
        let to = person(people.get(&trainers.get(&id)?.person_id)?);
        to.address.is_some().then_some(Teacher { to, teaches })
    };
    let mut all: Vec<Teacher> = teaching.into_iter().filter_map(of).collect();
    all.sort_by_key(|one| one.to.id);
    Ok(all)
}

/// The half-days that those who do not follow all of them have chosen.
async fn chosen(scope: &Scope<'_>, enrolments: &[enrolment::Model]) -> Result<HashMap<Uuid, HashSet<Uuid>>> {
    let some = enrolments.iter().filter(|row| !row.all_slots).map(|row| row.id);
    let rows =
        scope.find::<enrolment_slot::Entity>().filter(enrolment_slot::Column::EnrolmentId.is_in(some)).all().await?;
    let mut chosen: HashMap<Uuid, HashSet<Uuid>> = HashMap::new();
    for row in rows {
        chosen.entry(row.enrolment_id).or_default().insert(row.slot_id);
    }
    Ok(chosen)
}

/// The convocations of a session's trainees, in these states: trainee and paper, oldest first.
pub async fn convocations(scope: &Scope<'_>, session: Uuid, states: &[State]) -> Result<Vec<(Uuid, Uuid)>> {
    let papers = scope
        .find::<document::Entity>()
        .filter(document::Column::SessionId.eq(session))
        .filter(document::Column::Kind.eq(Kind::Convocation.name()))
        .filter(document::Column::State.is_in(states.iter().map(|state| state.name())))
        .ascending(document::Column::Id)
        .all()
        .await?;
    Ok(papers.into_iter().filter_map(|paper| Some((paper.enrolment_id?, paper.id))).collect())
}

/// Somebody who is enrolled and was not convoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uninvited {
    /// Their enrolment.
    pub enrolment: Uuid,
    /// The day of the next half-day that they follow.
    pub day: NaiveDate,
    /// When it begins.
    pub begins: DateTime<Utc>,
}

/// Who is enrolled in a session, was not convoked, and has half-days to come.
pub async fn uninvited(
    scope: &Scope<'_>,
    session: Uuid,
    slots: &[session_slot::Model],
    now: DateTime<Utc>,
) -> Result<Vec<Uninvited>> {
    let mut rows = scope
        .find::<enrolment::Entity>()
        .filter(enrolment::Column::SessionId.eq(session))
        .filter(enrolment::Column::State.eq("enrolled"))
        .ascending(enrolment::Column::Id)
        .all()
        .await?;
    let told = convocations(scope, session, &[State::Current, State::Outdated]).await?;
    rows.retain(|row| !told.iter().any(|(enrolment, _)| *enrolment == row.id));
    let chosen = chosen(scope, &rows).await?;
    let next = |row: &enrolment::Model| {
        let follows = |slot: &&session_slot::Model| {
            slot.starts_at > now && (row.all_slots || chosen.get(&row.id).is_some_and(|own| own.contains(&slot.id)))
        };
        let slot = slots.iter().filter(follows).min_by_key(|slot| slot.starts_at)?;
        Some(Uninvited { enrolment: row.id, day: slot.day, begins: slot.starts_at })
    };
    Ok(rows.iter().filter_map(next).collect())
}
