//! What a person is for a client: who signs, who leads its trainings, who pays.

use std::collections::HashMap;

use entity::{
    client_contact::{ActiveModel, Column, Entity, Model},
    person,
};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::{
    people::{self, NewPerson, PersonOut},
    platform::{
        answer::Versioned,
        codes::{store, stored},
        error::{Error, Result},
        resource,
        scope::Scope,
        tx::Tx,
    },
    words,
};

words! {
    /// What a contact does for the client.
    pub enum ContactRole {
        /// Signs its agreements (signataire).
        Signatory = "signatory",
        /// Follows its trainings (responsable de formation); trainees may turn to them (art. L6353-8).
        TrainingLead = "training_lead",
        /// Receives invoices (comptabilité).
        Accounting = "accounting",
    }
}

/// Somebody who answers for a client: a person who is already known, or a new one.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewContact {
    /// The person, when they are not known yet.
    #[validate(nested)]
    pub person: Option<NewPerson>,
    /// The person, when they are known.
    pub person_id: Option<Uuid>,
    /// What they do for the client.
    #[oai(default, validator(max_items = 3))]
    pub roles: Vec<ContactRole>,
    /// Their quality (qualité), as papers print it: « présidente ».
    #[oai(validator(min_length = 1, max_length = 150))]
    pub quality: Option<String>,
}

/// What a known contact does for the client.
#[derive(Debug, Clone, Object, Validate)]
pub struct Contact {
    /// What they do for the client.
    #[oai(default, validator(max_items = 3))]
    pub roles: Vec<ContactRole>,
    /// Their quality (qualité), as papers print it: « présidente ».
    #[oai(validator(min_length = 1, max_length = 150))]
    pub quality: Option<String>,
}

/// A contact, as the system knows them.
#[derive(Debug, Clone, Object)]
pub struct ContactOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The client.
    pub client_id: Uuid,
    /// The person.
    pub person: PersonOut,
    /// What they do for the client.
    pub roles: Vec<ContactRole>,
    /// Their quality (qualité), as papers print it.
    pub quality: Option<String>,
}

impl Versioned for ContactOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// Contacts with their people, in the order of the rows.
pub(super) async fn outs(scope: &Scope<'_>, rows: Vec<Model>) -> Result<Vec<ContactOut>> {
    let people = scope.map::<person::Entity>(rows.iter().map(|row| row.person_id)).await?;
    rows.into_iter()
        .map(|row| {
            let person = people.get(&row.person_id).cloned().ok_or(Error::Missing("person"))?;
            Ok(ContactOut {
                id: row.id,
                version: row.version,
                seq: row.seq,
                client_id: row.client_id,
                person: person.into(),
                roles: stored(&row.roles)?,
                quality: row.quality,
            })
        })
        .collect()
}

/// One contact.
pub(super) async fn out(scope: &Scope<'_>, row: Model) -> Result<ContactOut> {
    outs(scope, vec![row]).await?.pop().ok_or(Error::Missing("client_contact"))
}

/// The contacts of several clients.
pub(super) async fn of_clients(scope: &Scope<'_>, clients: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<ContactOut>>> {
    let mut by_client: HashMap<Uuid, Vec<ContactOut>> = HashMap::new();
    if !clients.is_empty() {
        let rows = scope.find::<Entity>().filter(Column::ClientId.is_in(clients)).ascending(Column::Id).all().await?;
        for contact in outs(scope, rows).await? {
            by_client.entry(contact.client_id).or_default().push(contact);
        }
    }
    Ok(by_client)
}

/// The contacts of a client who hold a role, oldest first, with their people.
pub async fn contacts_in_role(
    scope: &Scope<'_>,
    client: Uuid,
    role: ContactRole,
) -> Result<Vec<(Model, person::Model)>> {
    let rows = scope.find::<Entity>().filter(Column::ClientId.eq(client)).ascending(Column::Id).all().await?;
    let mut people = scope.map::<person::Entity>(rows.iter().map(|row| row.person_id)).await?;
    let mut found = vec![];
    for row in rows {
        let roles: Vec<ContactRole> = stored(&row.roles)?;
        if roles.contains(&role)
            && let Some(person) = people.remove(&row.person_id)
        {
            found.push((row, person));
        }
    }
    Ok(found)
}

pub(super) fn sorted(mut roles: Vec<ContactRole>) -> Vec<ContactRole> {
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Add a contact to a client; faults are told at `base`.
pub(super) async fn add(tx: &mut Tx<'_>, activity: Uuid, client: Uuid, input: NewContact, base: &str) -> Result<Model> {
    let NewContact { person, person_id, roles, quality } = input;
    let person = person_of(tx, activity, person, person_id, base).await?;
    let id = tx.new_id();
    let row = ActiveModel {
        id: Set(id),
        client_id: Set(client),
        person_id: Set(person.id),
        quality: Set(quality),
        roles: Set(store(&sorted(roles))?),
        ..Default::default()
    };
    tx.act(activity, Event::ContactAdded { client, contact: id }.into()).insert(row).await
}

/// The person that is named, or made: one or the other.
pub(super) async fn person_of(
    tx: &mut Tx<'_>,
    activity: Uuid,
    person: Option<NewPerson>,
    person_id: Option<Uuid>,
    base: &str,
) -> Result<person::Model> {
    match (person, person_id) {
        (None, Some(id)) => {
            let known = tx.scope().get::<person::Entity>(id).await?;
            if known.activity_id == activity { Ok(known) } else { Err(Error::Missing("person")) }
        }
        (Some(person), None) => {
            if person.activity_id.is_some_and(|id| id != activity) {
                return Err(Error::Missing("activity"));
            }
            resource::insert::<people::Person>(tx, Some(activity), person).await
        }
        (None, None) | (Some(_), Some(_)) => Err(Error::invalid(
            format!("{base}/person"),
            "client.one_person",
            "Indiquez « person » (une nouvelle personne) ou « person_id » (une personne connue), l’un des deux.",
            "Give “person” (somebody new) or “person_id” (somebody known), one of them.",
        )),
    }
}
