//! Operations on approvals: the cooperative's desk.

use entity::{
    approval::{Column, Entity},
    booking,
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    approval::{self, ApprovalOut},
    booking::BookingOut,
    moves::BookingReason,
    rules::Approval,
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, View},
        contract::Valid,
        error::Result,
        page::{Page, PageQuery},
        permission::{ApprovalsDecide, BookingsManage, BookingsRead},
    },
};

/// Approvals.
pub struct ApprovalsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Bookings")]
impl ApprovalsApi {
    /// List requests for approval, newest first: the cooperative's desk with `state=requested`.
    #[oai(path = "/approvals", method = "get", operation_id = "list_approvals")]
    async fn list_approvals(
        &self,
        auth: Allow<BookingsRead>,
        /// Only those in this state.
        state: Query<Option<Approval>>,
        /// Only those of this booking.
        booking_id: Query<Option<Uuid>>,
        page: PageQuery,
    ) -> Result<View<Page<ApprovalOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<booking::Entity>(booking_id.0).await?;
        let query = scope
            .find::<Entity>()
            .filter_some(state.0.map(|state| Column::State.eq(state.name())))
            .filter_some(booking_id.0.map(|id| Column::BookingId.eq(id)));
        let (rows, next) = query.page_rows(&page).await?;
        let items = rows.into_iter().map(ApprovalOut::try_from).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Read a request for approval.
    #[oai(path = "/approvals/:id", method = "get", operation_id = "get_approval")]
    async fn get_approval(&self, auth: Allow<BookingsRead>, id: Path<Uuid>) -> Result<Found<ApprovalOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Ask the cooperative to approve the present terms: price, duration, days, objectives, distance share, trainers.
    #[oai(path = "/bookings/:id/request-approval", method = "post", operation_id = "request_booking_approval")]
    async fn request_booking_approval(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
    ) -> Result<Found<BookingOut>> {
        Ok(Found(approval::request(&mut auth.ctx, id.0).await?.try_into()?))
    }

    /// Accept the terms that wait for approval; refused when they changed since they were asked.
    #[oai(path = "/bookings/:id/accept-approval", method = "post", operation_id = "accept_booking_approval")]
    async fn accept_booking_approval(
        &self,
        mut auth: Allow<ApprovalsDecide>,
        id: Path<Uuid>,
    ) -> Result<Found<BookingOut>> {
        Ok(Found(approval::decide(&mut auth.ctx, id.0, Approval::Accepted, None).await?.try_into()?))
    }

    /// Return the terms that wait for approval, with a reason.
    #[oai(path = "/bookings/:id/return-approval", method = "post", operation_id = "return_booking_approval")]
    async fn return_booking_approval(
        &self,
        mut auth: Allow<ApprovalsDecide>,
        id: Path<Uuid>,
        body: Valid<BookingReason>,
    ) -> Result<Found<BookingOut>> {
        let reason = Some(body.0.reason);
        Ok(Found(approval::decide(&mut auth.ctx, id.0, Approval::Returned, reason).await?.try_into()?))
    }
}
