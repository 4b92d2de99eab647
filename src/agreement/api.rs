//! Operations on agreements.

use entity::{
    agreement::{Column, Entity},
    booking,
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    agreement::{AgreementOut, AgreementReason, NewAgreement, SignOnPaper},
    drafting,
    rules::State,
    signing,
};
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

/// Agreements.
pub struct AgreementsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Agreements")]
impl AgreementsApi {
    /// List agreements, newest first.
    #[oai(path = "/agreements", method = "get", operation_id = "list_agreements")]
    async fn list_agreements(
        &self,
        auth: Allow<AgreementsRead>,
        /// Only those of this booking.
        booking_id: Query<Option<Uuid>>,
        /// Only those in this state.
        state: Query<Option<State>>,
        page: PageQuery,
    ) -> Result<View<Page<AgreementOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<booking::Entity>(booking_id.0).await?;
        let query = scope
            .find::<Entity>()
            .filter_some(booking_id.0.map(|id| Column::BookingId.eq(id)))
            .filter_some(state.0.map(|state| Column::State.eq(state.name())));
        let (rows, next) = query.page_rows(&page).await?;
        let items = rows.into_iter().map(AgreementOut::try_from).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Read an agreement.
    #[oai(path = "/agreements/:id", method = "get", operation_id = "get_agreement")]
    async fn get_agreement(&self, auth: Allow<AgreementsRead>, id: Path<Uuid>) -> Result<Found<AgreementOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Draft the agreement of a booking: freeze the twelve items of art. D6353-1 (and those of art. L6353-4 for an
    /// individual); refused, naming each, when one is missing.
    #[oai(path = "/bookings/:id/agreement", method = "post", operation_id = "draft_agreement")]
    async fn draft_agreement(
        &self,
        mut auth: Allow<AgreementsManage>,
        id: Path<Uuid>,
        body: Valid<NewAgreement>,
    ) -> Result<Made<AgreementOut>> {
        let row = drafting::draft(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(drafting::place(row.id), row.try_into()?))
    }

    /// Send an agreement to be signed: its paper is issued, a draft booking becomes proposed.
    #[oai(path = "/agreements/:id/send", method = "post", operation_id = "send_agreement")]
    async fn send_agreement(&self, mut auth: Allow<AgreementsManage>, id: Path<Uuid>) -> Result<Found<AgreementOut>> {
        Ok(Found(signing::send(&mut auth.ctx, id.0).await?.try_into()?))
    }

    /// Write down that both sides signed on paper: the scan, the dates as written, a delegate of the cooperative.
    /// Signed on the first day or later, it is kept and flagged.
    #[oai(path = "/agreements/:id/sign-on-paper", method = "post", operation_id = "sign_agreement_on_paper")]
    async fn sign_agreement_on_paper(
        &self,
        mut auth: Allow<AgreementsManage>,
        id: Path<Uuid>,
        body: Valid<SignOnPaper>,
    ) -> Result<Found<AgreementOut>> {
        Ok(Found(signing::sign_on_paper(&mut auth.ctx, id.0, body.0).await?.try_into()?))
    }

    /// Void an agreement, with a reason; its booking can then have another one.
    #[oai(path = "/agreements/:id/void", method = "post", operation_id = "void_agreement")]
    async fn void_agreement(
        &self,
        mut auth: Allow<AgreementsManage>,
        id: Path<Uuid>,
        body: Valid<AgreementReason>,
    ) -> Result<Found<AgreementOut>> {
        Ok(Found(signing::void(&mut auth.ctx, id.0, body.0.reason).await?.try_into()?))
    }
}
