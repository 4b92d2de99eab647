//! Operations on amendments.

use entity::{
    agreement,
    amendment::{Column, Entity},
};
use poem_openapi::{OpenApi, param::Path};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::amendment::{self, AmendmentOut, NewAmendment, SignAmendment};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Made, View},
        contract::Valid,
        error::Result,
        page::{Page, PageQuery},
        permission::{AgreementsManage, AgreementsRead},
    },
};

/// Amendments.
pub struct AmendmentsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl AmendmentsApi {
    /// List the amendments of an agreement, newest first.
    #[oai(path = "/agreements/:id/amendments", method = "get", operation_id = "list_amendments")]
    async fn list_amendments(
        &self,
        auth: Allow<AgreementsRead>,
        id: Path<Uuid>,
        page: PageQuery,
    ) -> Result<View<Page<AmendmentOut>>> {
        let scope = auth.ctx.scope();
        scope.get::<agreement::Entity>(id.0).await?;
        let query = scope.find::<Entity>().filter(Column::AgreementId.eq(id.0));
        let (rows, next) = query.page_rows(&page).await?;
        let items = rows.into_iter().map(AmendmentOut::try_from).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Propose an amendment of a signed agreement: what is said, or whatever differs from what is planned today.
    #[oai(path = "/agreements/:id/amendments", method = "post", operation_id = "create_amendment")]
    async fn create_amendment(
        &self,
        mut auth: Allow<AgreementsManage>,
        id: Path<Uuid>,
        body: Valid<NewAmendment>,
    ) -> Result<Made<AmendmentOut>> {
        let row = amendment::create(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(amendment::place(row.id), row.try_into()?))
    }

    /// Read an amendment.
    #[oai(path = "/amendments/:id", method = "get", operation_id = "get_amendment")]
    async fn get_amendment(&self, auth: Allow<AgreementsRead>, id: Path<Uuid>) -> Result<Found<AmendmentOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Send a proposed amendment to be signed: its paper (avenant) is issued, with old and new, and leaves by mail.
    #[oai(path = "/amendments/:id/send", method = "post", operation_id = "send_amendment")]
    async fn send_amendment(&self, mut auth: Allow<AgreementsManage>, id: Path<Uuid>) -> Result<Found<AmendmentOut>> {
        Ok(Found(amendment::send(&mut auth.ctx, id.0).await?.try_into()?))
    }

    /// Write down that both sides signed an amendment on paper.
    #[oai(path = "/amendments/:id/sign-on-paper", method = "post", operation_id = "sign_amendment_on_paper")]
    async fn sign_amendment_on_paper(
        &self,
        mut auth: Allow<AgreementsManage>,
        id: Path<Uuid>,
        body: Valid<SignAmendment>,
    ) -> Result<Found<AmendmentOut>> {
        Ok(Found(amendment::sign(&mut auth.ctx, id.0, body.0).await?.try_into()?))
    }

    /// Withdraw an amendment that is not signed.
    #[oai(path = "/amendments/:id/withdraw", method = "post", operation_id = "withdraw_amendment")]
    async fn withdraw_amendment(
        &self,
        mut auth: Allow<AgreementsManage>,
        id: Path<Uuid>,
    ) -> Result<Found<AmendmentOut>> {
        Ok(Found(amendment::withdraw(&mut auth.ctx, id.0).await?.try_into()?))
    }
}
