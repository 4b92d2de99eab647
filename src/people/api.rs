//! Operations on people.

use entity::person::{Column, Entity};
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::person::{NewPerson, Person, PersonOut};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, Upserted, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{PeopleManage, PeopleRead},
        resource::{self, Whole, place},
    },
};

/// People.
pub struct PeopleApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::People")]
impl PeopleApi {
    /// List people, newest first; `q` searches names and addresses.
    #[oai(path = "/people", method = "get", operation_id = "list_people")]
    async fn list_people(&self, auth: Allow<PeopleRead>, page: PageQuery) -> Result<View<Page<PersonOut>>> {
        let query = auth.ctx.scope().find::<Entity>().search(Column::Search, page.q.as_deref());
        Ok(View(query.page(&page, PersonOut::from).await?))
    }

    /// Add a person to the activity.
    #[oai(path = "/people", method = "post", operation_id = "create_person")]
    async fn create_person(&self, mut auth: Allow<PeopleManage>, body: Valid<NewPerson>) -> Result<Made<PersonOut>> {
        let row = resource::create::<Person>(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<Person>(row.id), row.into()))
    }

    /// Read a person.
    #[oai(path = "/people/:id", method = "get", operation_id = "get_person")]
    async fn get_person(&self, auth: Allow<PeopleRead>, id: Path<Uuid>) -> Result<Found<PersonOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.into()))
    }

    /// Change a person: what is absent stays, what is null goes.
    #[oai(path = "/people/:id", method = "patch", operation_id = "change_person")]
    async fn change_person(
        &self,
        mut auth: Allow<PeopleManage>,
        id: Path<Uuid>,
        body: Patch<NewPerson>,
    ) -> Result<Found<PersonOut>> {
        Ok(Found(resource::change::<Person>(&mut auth.ctx, id.0, &body).await?.into()))
    }

    /// Delete a person to whom nothing refers (RGPD art. 17, as far as no duty to keep applies).
    #[oai(path = "/people/:id", method = "delete", operation_id = "delete_person")]
    async fn delete_person(&self, mut auth: Allow<PeopleManage>, id: Path<Uuid>) -> Result<Gone> {
        resource::delete::<Person>(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Create or replace the person that you call by this name.
    #[oai(path = "/people/by-external-id/:external_id", method = "put", operation_id = "upsert_person")]
    async fn upsert_person(
        &self,
        mut auth: Allow<PeopleManage>,
        external_id: Path<String>,
        body: Whole<NewPerson>,
    ) -> Result<Upserted<PersonOut>> {
        let (row, made) = resource::upsert::<Person>(&mut auth.ctx, &external_id.0, body.0).await?;
        Ok(if made { Upserted::Made(place::<Person>(row.id), row.into()) } else { Upserted::Changed(row.into()) })
    }
}
