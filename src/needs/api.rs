//! Operations on needs analyses and adaptations.

use entity::needs_analysis::{Column, Entity};
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    adaptation::{self, AdaptationOut, NewAdaptation},
    analysis::{self, Conclude, NeedsAnalysis, NeedsAnalysisOut, NewNeedsAnalysis},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, Upserted, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{AdaptationsManage, AdaptationsRead, NeedsManage, NeedsRead},
        resource::{self, Whole, place},
    },
};

/// Needs.
pub struct NeedsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Needs")]
impl NeedsApi {
    /// List needs analyses, newest first; `q` searches subjects.
    #[oai(path = "/needs-analyses", method = "get", operation_id = "list_needs_analyses")]
    async fn list_needs_analyses(
        &self,
        auth: Allow<NeedsRead>,
        page: PageQuery,
    ) -> Result<View<Page<NeedsAnalysisOut>>> {
        let query = auth.ctx.scope().find::<Entity>().search(Column::Search, page.q.as_deref());
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: rows.iter().map(NeedsAnalysisOut::from_row).collect::<Result<_>>()?, next }))
    }

    /// Write a needs analysis; it asks nothing but what bears on the training (art. L6353-9).
    #[oai(path = "/needs-analyses", method = "post", operation_id = "create_needs_analysis")]
    async fn create_needs_analysis(
        &self,
        mut auth: Allow<NeedsManage>,
        body: Valid<NewNeedsAnalysis>,
    ) -> Result<Made<NeedsAnalysisOut>> {
        let row = analysis::create(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<NeedsAnalysis>(row.id), NeedsAnalysisOut::from_row(&row)?))
    }

    /// Read a needs analysis.
    #[oai(path = "/needs-analyses/:id", method = "get", operation_id = "get_needs_analysis")]
    async fn get_needs_analysis(&self, auth: Allow<NeedsRead>, id: Path<Uuid>) -> Result<Found<NeedsAnalysisOut>> {
        Ok(Found(NeedsAnalysisOut::from_row(&auth.ctx.scope().get::<Entity>(id.0).await?)?))
    }

    /// Change a needs analysis: what is absent stays, what is null goes.
    #[oai(path = "/needs-analyses/:id", method = "patch", operation_id = "change_needs_analysis")]
    async fn change_needs_analysis(
        &self,
        mut auth: Allow<NeedsManage>,
        id: Path<Uuid>,
        body: Patch<NewNeedsAnalysis>,
    ) -> Result<Found<NeedsAnalysisOut>> {
        let row = resource::change::<NeedsAnalysis>(&mut auth.ctx, id.0, &body).await?;
        Ok(Found(NeedsAnalysisOut::from_row(&row)?))
    }

    /// Delete a needs analysis to which nothing refers.
    #[oai(path = "/needs-analyses/:id", method = "delete", operation_id = "delete_needs_analysis")]
    async fn delete_needs_analysis(&self, mut auth: Allow<NeedsManage>, id: Path<Uuid>) -> Result<Gone> {
        resource::delete::<NeedsAnalysis>(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Create or replace the needs analysis that you call by this name.
    #[oai(path = "/needs-analyses/by-external-id/:external_id", method = "put", operation_id = "upsert_needs_analysis")]
    async fn upsert_needs_analysis(
        &self,
        mut auth: Allow<NeedsManage>,
        external_id: Path<String>,
        body: Whole<NewNeedsAnalysis>,
    ) -> Result<Upserted<NeedsAnalysisOut>> {
        let (row, made) = resource::upsert::<NeedsAnalysis>(&mut auth.ctx, &external_id.0, body.0).await?;
        let out = NeedsAnalysisOut::from_row(&row)?;
        Ok(if made { Upserted::Made(place::<NeedsAnalysis>(row.id), out) } else { Upserted::Changed(out) })
    }

    /// Decide: go ahead, adapt, or do not start; the last two with a reason.
    #[oai(path = "/needs-analyses/:id/conclude", method = "post", operation_id = "conclude_needs_analysis")]
    async fn conclude_needs_analysis(
        &self,
        mut auth: Allow<NeedsManage>,
        id: Path<Uuid>,
        body: Valid<Conclude>,
    ) -> Result<Found<NeedsAnalysisOut>> {
        let row = analysis::conclude(&mut auth.ctx, id.0, body.0).await?;
        Ok(Found(NeedsAnalysisOut::from_row(&row)?))
    }

    /// List what a person needs because of a disability; under a permission of its own.
    #[oai(path = "/people/:id/adaptations", method = "get", operation_id = "list_adaptations")]
    async fn list_adaptations(
        &self,
        auth: Allow<AdaptationsRead>,
        id: Path<Uuid>,
        page: PageQuery,
    ) -> Result<View<Page<AdaptationOut>>> {
        Ok(View(adaptation::list(&auth.ctx.scope(), id.0, &page).await?))
    }

    /// Note what a person needs, with their consent; never a diagnosis (art. L6353-9).
    #[oai(path = "/people/:id/adaptations", method = "post", operation_id = "create_adaptation")]
    async fn create_adaptation(
        &self,
        mut auth: Allow<AdaptationsManage>,
        id: Path<Uuid>,
        body: Valid<NewAdaptation>,
    ) -> Result<Made<AdaptationOut>> {
        let row = adaptation::note(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(format!("/v1/adaptations/{}", row.id), row.into()))
    }

    /// Read what a person needs.
    #[oai(path = "/adaptations/:id", method = "get", operation_id = "get_adaptation")]
    async fn get_adaptation(&self, auth: Allow<AdaptationsRead>, id: Path<Uuid>) -> Result<Found<AdaptationOut>> {
        Ok(Found(auth.ctx.scope().get::<entity::adaptation::Entity>(id.0).await?.into()))
    }

    /// Change what a person needs, or say what was arranged.
    #[oai(path = "/adaptations/:id", method = "patch", operation_id = "change_adaptation")]
    async fn change_adaptation(
        &self,
        mut auth: Allow<AdaptationsManage>,
        id: Path<Uuid>,
        body: Patch<NewAdaptation>,
    ) -> Result<Found<AdaptationOut>> {
        Ok(Found(adaptation::change(&mut auth.ctx, id.0, &body).await?.into()))
    }

    /// Record that a person withdrew their consent: the texts are erased at once.
    #[oai(path = "/adaptations/:id/withdraw", method = "post", operation_id = "withdraw_adaptation")]
    async fn withdraw_adaptation(
        &self,
        mut auth: Allow<AdaptationsManage>,
        id: Path<Uuid>,
    ) -> Result<Found<AdaptationOut>> {
        Ok(Found(adaptation::withdraw(&mut auth.ctx, id.0).await?.into()))
    }
}
