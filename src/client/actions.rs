//! Make a client with its contacts, all or nothing; change and remove contacts.

use entity::{client, client_contact};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::{
    buyer::{Client, ClientOut, NewClient},
    contact::{self, Contact, ContactOut, NewContact},
    events::Event,
};
use crate::{
    people::NewPerson,
    platform::{
        access::Ctx,
        codes::{store, stored},
        contract::Patch,
        error::Result,
        page::{Page, PageQuery},
        resource::{self, Resource, place},
        scope::Scope,
    },
};

/// A client with those who answer for it, in one call.
#[derive(Debug, Clone, Object)]
pub struct NewClientWithContacts {
    /// Who answers for it; new people are made along.
    #[oai(default, validator(max_items = 50))]
    pub contacts: Vec<NewContact>,
    /// The person, for an individual who is not known yet.
    pub person: Option<NewPerson>,
    /// The client itself.
    #[oai(flatten)]
    pub client: NewClient,
}

impl Validate for NewClientWithContacts {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let contacts = self.contacts.iter().map(|one| ValidationErrors::merge(Ok(()), "contacts", one.validate()));
        let faults = ValidationErrors::merge_all(self.client.validate(), "contacts", contacts.collect());
        match &self.person {
            Some(person) => ValidationErrors::merge(faults, "person", person.validate()),
            None => faults,
        }
    }
}

/// Make a client, its contacts and their people.
pub(super) async fn create(ctx: &mut Ctx, input: NewClientWithContacts) -> Result<ClientOut> {
    let NewClientWithContacts { contacts, person, mut client } = input;
    let activity = ctx.activity(client.activity_id)?;
    client.activity_id = Some(activity);
    let mut tx = ctx.begin().await?;
    if person.is_some() {
        client.person_id = Some(contact::person_of(&mut tx, activity, person, client.person_id, "").await?.id);
    }
    Client::check(&tx, &client, None).await?;
    let row = resource::insert::<Client>(&mut tx, Some(activity), client).await?;
    for (index, one) in contacts.into_iter().enumerate() {
        contact::add(&mut tx, activity, row.id, one, &format!("/contacts/{index}")).await?;
    }
    let out = out(&tx.scope(), &row).await?;
    tx.answers_at(place::<Client>(row.id), 201);
    tx.commit().await?;
    Ok(out)
}

/// Delete a client that nothing uses, with its contacts; the people stay.
pub(super) async fn delete(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<client::Entity>(id).await?;
    let activity = row.activity_id;
    let contacts =
        tx.scope().find::<client_contact::Entity>().filter(client_contact::Column::ClientId.eq(id)).all().await?;
    for contact in contacts {
        let event = Event::ContactRemoved { client: id, contact: contact.id };
        tx.act(activity, event.into()).delete::<client_contact::Entity>(contact).await?;
    }
    tx.act(activity, Event::Deleted { client: id }.into()).delete::<client::Entity>(row).await?;
    tx.commit().await
}

/// A client with its contacts.
pub(super) async fn out(scope: &Scope<'_>, row: &client::Model) -> Result<ClientOut> {
    let contacts = contact::of_clients(scope, vec![row.id]).await?.remove(&row.id);
    ClientOut::from_row(row, contacts.unwrap_or_default())
}

/// A page of clients with their contacts.
pub(super) async fn list(scope: &Scope<'_>, page: &PageQuery) -> Result<Page<ClientOut>> {
    let query = scope.find::<client::Entity>().search(client::Column::Search, page.q.as_deref());
    let (rows, next) = query.page_rows(page).await?;
    let mut contacts = contact::of_clients(scope, rows.iter().map(|row| row.id).collect()).await?;
    let items = rows.iter().map(|row| ClientOut::from_row(row, contacts.remove(&row.id).unwrap_or_default()));
    Ok(Page { items: items.collect::<Result<_>>()?, next })
}

/// The contacts of a client, as a page.
pub(super) async fn contacts(scope: &Scope<'_>, client: Uuid, page: &PageQuery) -> Result<Page<ContactOut>> {
    scope.get::<client::Entity>(client).await?;
    let query = scope.find::<client_contact::Entity>().filter(client_contact::Column::ClientId.eq(client));
    let (rows, next) = query.page_rows(page).await?;
    Ok(Page { items: contact::outs(scope, rows).await?, next })
}

/// One contact.
pub(super) async fn contact(scope: &Scope<'_>, id: Uuid) -> Result<ContactOut> {
    contact::out(scope, scope.get::<client_contact::Entity>(id).await?).await
}

/// Add a contact to a client; the client's version moves.
pub(super) async fn add_contact(ctx: &mut Ctx, client: Uuid, input: NewContact) -> Result<ContactOut> {
    let mut tx = ctx.begin().await?;
    let root = tx.lock::<client::Entity>(client).await?;
    let activity = root.activity_id;
    let row = contact::add(&mut tx, activity, client, input, "").await?;
    let event = Event::ContactAdded { client, contact: row.id };
    tx.act(activity, event.into()).touch::<client::ActiveModel>(root).await?;
    let out = contact::out(&tx.scope(), row).await?;
    tx.answers_at(format!("/v1/contacts/{}", out.id), 201);
    tx.commit().await?;
    Ok(out)
}

/// Change what a contact does for its client.
pub(super) async fn change_contact(ctx: &mut Ctx, id: Uuid, patch: &Patch<Contact>) -> Result<ContactOut> {
    let mut tx = ctx.begin().await?;
    let client = tx.scope().get::<client_contact::Entity>(id).await?.client_id;
    let root = tx.lock::<client::Entity>(client).await?;
    let before = tx.edit::<client_contact::Entity>(id).await?;
    let Contact { roles, quality } =
        patch.apply(&Contact { roles: stored(&before.roles)?, quality: before.quality.clone() })?;
    let roles = store(&contact::sorted(roles))?;
    let mut act = tx.act(root.activity_id, Event::ContactChanged { client, contact: id }.into());
    let row = act
        .update(before, |edit: &mut client_contact::ActiveModel| {
            edit.roles = Set(roles);
            edit.quality = Set(quality);
        })
        .await?;
    act.touch::<client::ActiveModel>(root).await?;
    let out = contact::out(&tx.scope(), row).await?;
    tx.commit().await?;
    Ok(out)
}

/// Remove a contact; the person stays.
pub(super) async fn remove_contact(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let client = tx.scope().get::<client_contact::Entity>(id).await?.client_id;
    let root = tx.lock::<client::Entity>(client).await?;
    let row = tx.lock::<client_contact::Entity>(id).await?;
    let mut act = tx.act(root.activity_id, Event::ContactRemoved { client, contact: id }.into());
    act.delete::<client_contact::Entity>(row).await?;
    act.touch::<client::ActiveModel>(root).await?;
    tx.commit().await
}
