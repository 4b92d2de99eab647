//! Operations on clients, their contacts, and funders.

use entity::client::Entity;
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    actions::{self, NewClientWithContacts},
    buyer::{Client, ClientOut, NewClient},
    contact::{Contact, ContactOut, NewContact},
    funder::{self, FunderOut},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, Upserted, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{ClientsManage, ClientsRead},
        resource::{self, Whole, place},
    },
};

/// Clients.
pub struct ClientApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Clients")]
impl ClientApi {
    /// List clients, newest first; `q` searches names, numbers, addresses and cities.
    #[oai(path = "/clients", method = "get", operation_id = "list_clients")]
    async fn list_clients(&self, auth: Allow<ClientsRead>, page: PageQuery) -> Result<View<Page<ClientOut>>> {
        Ok(View(actions::list(&auth.ctx.scope(), &page).await?))
    }

    /// Add a client with its contacts and their people, all or nothing.
    #[oai(path = "/clients", method = "post", operation_id = "create_client")]
    async fn create_client(
        &self,
        mut auth: Allow<ClientsManage>,
        body: Valid<NewClientWithContacts>,
    ) -> Result<Made<ClientOut>> {
        let out = actions::create(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<Client>(out.id), out))
    }

    /// Read a client.
    #[oai(path = "/clients/:id", method = "get", operation_id = "get_client")]
    async fn get_client(&self, auth: Allow<ClientsRead>, id: Path<Uuid>) -> Result<Found<ClientOut>> {
        let scope = auth.ctx.scope();
        Ok(Found(actions::out(&scope, &scope.get::<Entity>(id.0).await?).await?))
    }

    /// Change a client: what is absent stays, what is null goes.
    #[oai(path = "/clients/:id", method = "patch", operation_id = "change_client")]
    async fn change_client(
        &self,
        mut auth: Allow<ClientsManage>,
        id: Path<Uuid>,
        body: Patch<NewClient>,
    ) -> Result<Found<ClientOut>> {
        let row = resource::change::<Client>(&mut auth.ctx, id.0, &body).await?;
        Ok(Found(actions::out(&auth.ctx.scope(), &row).await?))
    }

    /// Delete a client to which nothing refers, with its contacts; the people stay.
    #[oai(path = "/clients/:id", method = "delete", operation_id = "delete_client")]
    async fn delete_client(&self, mut auth: Allow<ClientsManage>, id: Path<Uuid>) -> Result<Gone> {
        actions::delete(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Create or replace the client that you call by this name; its contacts stay.
    #[oai(path = "/clients/by-external-id/:external_id", method = "put", operation_id = "upsert_client")]
    async fn upsert_client(
        &self,
        mut auth: Allow<ClientsManage>,
        external_id: Path<String>,
        body: Whole<NewClient>,
    ) -> Result<Upserted<ClientOut>> {
        let (row, made) = resource::upsert::<Client>(&mut auth.ctx, &external_id.0, body.0).await?;
        let out = actions::out(&auth.ctx.scope(), &row).await?;
        Ok(if made { Upserted::Made(place::<Client>(row.id), out) } else { Upserted::Changed(out) })
    }

    /// List the contacts of a client, newest first.
    #[oai(path = "/clients/:id/contacts", method = "get", operation_id = "list_client_contacts")]
    async fn list_client_contacts(
        &self,
        auth: Allow<ClientsRead>,
        id: Path<Uuid>,
        page: PageQuery,
    ) -> Result<View<Page<ContactOut>>> {
        Ok(View(actions::contacts(&auth.ctx.scope(), id.0, &page).await?))
    }

    /// Add a contact to a client: a new person, or one who is known.
    #[oai(path = "/clients/:id/contacts", method = "post", operation_id = "create_contact")]
    async fn create_contact(
        &self,
        mut auth: Allow<ClientsManage>,
        id: Path<Uuid>,
        body: Valid<NewContact>,
    ) -> Result<Made<ContactOut>> {
        let out = actions::add_contact(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(format!("/v1/contacts/{}", out.id), out))
    }

    /// Read a contact.
    #[oai(path = "/contacts/:id", method = "get", operation_id = "get_contact")]
    async fn get_contact(&self, auth: Allow<ClientsRead>, id: Path<Uuid>) -> Result<Found<ContactOut>> {
        Ok(Found(actions::contact(&auth.ctx.scope(), id.0).await?))
    }

    /// Change what a contact does for the client.
    #[oai(path = "/contacts/:id", method = "patch", operation_id = "change_contact")]
    async fn change_contact(
        &self,
        mut auth: Allow<ClientsManage>,
        id: Path<Uuid>,
        body: Patch<Contact>,
    ) -> Result<Found<ContactOut>> {
        Ok(Found(actions::change_contact(&mut auth.ctx, id.0, &body).await?))
    }

    /// Remove a contact from its client; the person stays.
    #[oai(path = "/contacts/:id", method = "delete", operation_id = "delete_contact")]
    async fn delete_contact(&self, mut auth: Allow<ClientsManage>, id: Path<Uuid>) -> Result<Gone> {
        actions::remove_contact(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// List the funders that ship with the system: the 11 OPCO and the FAF.
    #[oai(path = "/funders", method = "get", operation_id = "list_funders")]
    async fn list_funders(&self, auth: Allow<ClientsRead>, page: PageQuery) -> Result<View<Page<FunderOut>>> {
        Ok(View(funder::list(&auth.ctx.scope(), &page).await?))
    }
}
