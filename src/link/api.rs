//! Operations on personal links: who holds one, and taking one back. They are made where they are for.

use entity::link::{Column, Entity};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{LinkOut, Purpose, revoke_with_alike};
use crate::{
    api::Tag,
    platform::{
        access::{Allow, Ctx},
        answer::{Found, View},
        error::Result,
        page::{Page, PageQuery},
        permission::{LinksManage, LinksRead},
    },
};

/// Links.
pub struct LinksApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Links")]
impl LinksApi {
    /// List personal links, newest first; never their tokens.
    #[oai(path = "/links", method = "get", operation_id = "list_links")]
    async fn list_links(
        &self,
        auth: Allow<LinksRead>,
        purpose: Query<Option<Purpose>>,
        session_id: Query<Option<Uuid>>,
        object_id: Query<Option<Uuid>>,
        page: PageQuery,
    ) -> Result<View<Page<LinkOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<entity::session::Entity>(session_id.0).await?;
        let (rows, next) = scope
            .find::<Entity>()
            .filter_some(purpose.0.map(|purpose| Column::Purpose.eq(purpose.name())))
            .filter_some(session_id.0.map(|id| Column::SessionId.eq(id)))
            .filter_some(object_id.0.map(|id| Column::ObjectId.eq(id)))
            .page_rows(&page)
            .await?;
        Ok(View(Page { items: rows.into_iter().map(LinkOut::try_from).collect::<Result<_>>()?, next }))
    }

    /// Read a personal link: what it opens, for whom, until when.
    #[oai(path = "/links/:id", method = "get", operation_id = "get_link")]
    async fn get_link(&self, auth: Allow<LinksRead>, id: Path<Uuid>) -> Result<Found<LinkOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Take a personal link back, with all those that its holder has for the same: none opens anything any more.
    ///
    /// The same is the same purpose and object: every link of this trainee to sign this session, of this signatory for this
    /// paper; for a trainer, the pages of all their days of the session. Whoever lost a phone is then sent another. Doing it
    /// twice changes nothing.
    #[oai(path = "/links/:id/revoke", method = "post", operation_id = "revoke_link")]
    async fn revoke_link(&self, mut auth: Allow<LinksManage>, id: Path<Uuid>) -> Result<Found<LinkOut>> {
        Ok(Found(take_back(&mut auth.ctx, id.0).await?))
    }
}

async fn take_back(ctx: &mut Ctx, id: Uuid) -> Result<LinkOut> {
    let mut tx = ctx.begin().await?;
    let row = revoke_with_alike(&mut tx, id).await?;
    tx.answers_at(format!("/v1/links/{id}"), 200);
    tx.commit().await?;
    row.try_into()
}
