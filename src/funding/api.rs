//! Operations on funding files.

use entity::{
    booking,
    funding_file::{Column, Entity},
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    actions,
    dossier::{FundingFileOut, NewFundingFile, shown, shown_one},
    moves::{self, FileRequest, FunderDecision, InvoiceFile, PayFile, WithdrawFile},
    pieces::{self, NewPiece, PiecesOut, SendPieces},
    words::State,
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Made, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{FundingManage, FundingRead},
    },
};

/// Funding.
pub struct FundingApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Funding")]
impl FundingApi {
    /// List funding files, newest first; `q` searches funders and numbers.
    #[oai(path = "/funding-files", method = "get", operation_id = "list_funding_files")]
    async fn list_funding_files(
        &self,
        auth: Allow<FundingRead>,
        booking_id: Query<Option<Uuid>>,
        state: Query<Option<State>>,
        page: PageQuery,
    ) -> Result<View<Page<FundingFileOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<booking::Entity>(booking_id.0).await?;
        let query = scope
            .find::<Entity>()
            .search(Column::Search, page.q.as_deref())
            .filter_some(booking_id.0.map(|id| Column::BookingId.eq(id)))
            .filter_some(state.0.map(|state| Column::State.eq(state.name())));
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: shown(&scope, rows).await?, next }))
    }

    /// Draft a funding file; its funder must cover its trainees, and the booking's files never exceed its price.
    #[oai(path = "/funding-files", method = "post", operation_id = "create_funding_file")]
    async fn create_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        body: Valid<NewFundingFile>,
    ) -> Result<Made<FundingFileOut>> {
        let out = actions::create(&mut auth.ctx, body.0).await?;
        Ok(Made(format!("/v1/funding-files/{}", out.id), out))
    }

    /// Read a funding file, with what its trainees attended.
    #[oai(path = "/funding-files/:id", method = "get", operation_id = "get_funding_file")]
    async fn get_funding_file(&self, auth: Allow<FundingRead>, id: Path<Uuid>) -> Result<Found<FundingFileOut>> {
        let scope = auth.ctx.scope();
        let row = scope.get::<Entity>(id.0).await?;
        Ok(Found(shown_one(&scope, row).await?))
    }

    /// Change a funding file; once it is filed, only numbers, mode and deadlines.
    #[oai(path = "/funding-files/:id", method = "patch", operation_id = "change_funding_file")]
    async fn change_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Patch<NewFundingFile>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(actions::change(&mut auth.ctx, id.0, &body).await?))
    }

    /// Say that a file is complete and waits to be filed.
    #[oai(path = "/funding-files/:id/prepare", method = "post", operation_id = "prepare_funding_file")]
    async fn prepare_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(moves::prepare(&mut auth.ctx, id.0).await?))
    }

    /// Say that a file went to its funder, before the training began (`funding.filed_late` otherwise).
    #[oai(path = "/funding-files/:id/file", method = "post", operation_id = "file_funding_file")]
    async fn file_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Valid<FileRequest>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(moves::file(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Record the funder's decision (accord de prise en charge, art. R6332-24).
    #[oai(path = "/funding-files/:id/decide", method = "post", operation_id = "decide_funding_file")]
    async fn decide_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Valid<FunderDecision>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(moves::decide(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Give a file up, with a reason.
    #[oai(path = "/funding-files/:id/withdraw", method = "post", operation_id = "withdraw_funding_file")]
    async fn withdraw_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Valid<WithdrawFile>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(moves::withdraw(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Record the invoice, once every half-day is closed (art. R6332-25).
    #[oai(path = "/funding-files/:id/invoice", method = "post", operation_id = "invoice_funding_file")]
    async fn invoice_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Valid<InvoiceFile>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(moves::invoice(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Record the payment.
    #[oai(path = "/funding-files/:id/pay", method = "post", operation_id = "pay_funding_file")]
    async fn pay_funding_file(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Valid<PayFile>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(moves::pay(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Read the pieces of a file: those that the system holds (current papers only), those that are missing.
    #[oai(path = "/funding-files/:id/pieces", method = "get", operation_id = "get_funding_pieces")]
    async fn get_funding_pieces(&self, auth: Allow<FundingRead>, id: Path<Uuid>) -> Result<View<PiecesOut>> {
        Ok(View(pieces::of_file(&auth.ctx.scope(), id.0).await?))
    }

    /// Bring a piece to a file: a file from outside, or an issued paper.
    #[oai(path = "/funding-files/:id/pieces", method = "post", operation_id = "add_funding_piece")]
    async fn add_funding_piece(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Valid<NewPiece>,
    ) -> Result<View<PiecesOut>> {
        Ok(View(pieces::add(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Send the pieces that are held to the funder; each is recorded as provided.
    #[oai(path = "/funding-files/:id/send-pieces", method = "post", operation_id = "send_funding_pieces")]
    async fn send_funding_pieces(
        &self,
        mut auth: Allow<FundingManage>,
        id: Path<Uuid>,
        body: Valid<SendPieces>,
    ) -> Result<Found<FundingFileOut>> {
        Ok(Found(pieces::send(&mut auth.ctx, id.0, body.0).await?))
    }
}
