//! Operations on programmes and their versions.

use entity::{
    programme::{Column, Entity},
    programme_version,
};
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    actions,
    programme::{NewProgramme, Programme, ProgrammeOut},
    version::ProgrammeVersionOut,
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, Upserted, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{ProgrammesManage, ProgrammesRead},
        resource::{self, Whole, place},
    },
};

/// The catalogue.
pub struct CatalogueApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Catalogue")]
impl CatalogueApi {
    /// List programmes, newest first; `q` searches titles.
    #[oai(path = "/programmes", method = "get", operation_id = "list_programmes")]
    async fn list_programmes(&self, auth: Allow<ProgrammesRead>, page: PageQuery) -> Result<View<Page<ProgrammeOut>>> {
        let query = auth.ctx.scope().find::<Entity>().search(Column::Search, page.q.as_deref());
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: rows.iter().map(ProgrammeOut::from_row).collect::<Result<_>>()?, next }))
    }

    /// Write the draft of a programme; it may still lack anything but its title.
    #[oai(path = "/programmes", method = "post", operation_id = "create_programme")]
    async fn create_programme(
        &self,
        mut auth: Allow<ProgrammesManage>,
        body: Valid<NewProgramme>,
    ) -> Result<Made<ProgrammeOut>> {
        let row = resource::create::<Programme>(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<Programme>(row.id), ProgrammeOut::from_row(&row)?))
    }

    /// Read a programme: its draft, and which version is sold.
    #[oai(path = "/programmes/:id", method = "get", operation_id = "get_programme")]
    async fn get_programme(&self, auth: Allow<ProgrammesRead>, id: Path<Uuid>) -> Result<Found<ProgrammeOut>> {
        Ok(Found(ProgrammeOut::from_row(&auth.ctx.scope().get::<Entity>(id.0).await?)?))
    }

    /// Change the draft of a programme: published versions stay as they are.
    #[oai(path = "/programmes/:id", method = "patch", operation_id = "change_programme")]
    async fn change_programme(
        &self,
        mut auth: Allow<ProgrammesManage>,
        id: Path<Uuid>,
        body: Patch<NewProgramme>,
    ) -> Result<Found<ProgrammeOut>> {
        let row = resource::change::<Programme>(&mut auth.ctx, id.0, &body).await?;
        Ok(Found(ProgrammeOut::from_row(&row)?))
    }

    /// Delete a programme that was never published; a published one is retired.
    #[oai(path = "/programmes/:id", method = "delete", operation_id = "delete_programme")]
    async fn delete_programme(&self, mut auth: Allow<ProgrammesManage>, id: Path<Uuid>) -> Result<Gone> {
        resource::delete::<Programme>(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Create or replace the draft that you call by this name.
    #[oai(path = "/programmes/by-external-id/:external_id", method = "put", operation_id = "upsert_programme")]
    async fn upsert_programme(
        &self,
        mut auth: Allow<ProgrammesManage>,
        external_id: Path<String>,
        body: Whole<NewProgramme>,
    ) -> Result<Upserted<ProgrammeOut>> {
        let (row, made) = resource::upsert::<Programme>(&mut auth.ctx, &external_id.0, body.0).await?;
        let out = ProgrammeOut::from_row(&row)?;
        Ok(if made { Upserted::Made(place::<Programme>(row.id), out) } else { Upserted::Changed(out) })
    }

    /// Publish the draft as a new version and issue its paper; refused while an item is missing (indicateur 1 du RNQ, art. D6353-1).
    #[oai(path = "/programmes/:id/publish", method = "post", operation_id = "publish_programme")]
    async fn publish_programme(
        &self,
        mut auth: Allow<ProgrammesManage>,
        id: Path<Uuid>,
    ) -> Result<Made<ProgrammeVersionOut>> {
        let row = actions::publish(&mut auth.ctx, id.0).await?;
        Ok(Made(format!("/v1/programme-versions/{}", row.id), ProgrammeVersionOut::from_row(&row)?))
    }

    /// Sell a programme no more; what was sold goes on.
    #[oai(path = "/programmes/:id/retire", method = "post", operation_id = "retire_programme")]
    async fn retire_programme(&self, mut auth: Allow<ProgrammesManage>, id: Path<Uuid>) -> Result<Found<ProgrammeOut>> {
        Ok(Found(ProgrammeOut::from_row(&actions::retire(&mut auth.ctx, id.0).await?)?))
    }

    /// Make a new draft that says the same as a programme.
    #[oai(path = "/programmes/:id/duplicate", method = "post", operation_id = "duplicate_programme")]
    async fn duplicate_programme(
        &self,
        mut auth: Allow<ProgrammesManage>,
        id: Path<Uuid>,
    ) -> Result<Made<ProgrammeOut>> {
        let row = actions::duplicate(&mut auth.ctx, id.0).await?;
        Ok(Made(place::<Programme>(row.id), ProgrammeOut::from_row(&row)?))
    }

    /// List the published versions of a programme, newest first.
    #[oai(path = "/programmes/:id/versions", method = "get", operation_id = "list_programme_versions")]
    async fn list_programme_versions(
        &self,
        auth: Allow<ProgrammesRead>,
        id: Path<Uuid>,
        page: PageQuery,
    ) -> Result<View<Page<ProgrammeVersionOut>>> {
        Ok(View(actions::versions(&auth.ctx.scope(), id.0, &page).await?))
    }

    /// Read a published version: it never changes.
    #[oai(path = "/programme-versions/:id", method = "get", operation_id = "get_programme_version")]
    async fn get_programme_version(
        &self,
        auth: Allow<ProgrammesRead>,
        id: Path<Uuid>,
    ) -> Result<Found<ProgrammeVersionOut>> {
        let row = auth.ctx.scope().get::<programme_version::Entity>(id.0).await?;
        Ok(Found(ProgrammeVersionOut::from_row(&row)?))
    }
}
