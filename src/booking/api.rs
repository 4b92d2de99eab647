//! Operations on bookings.

use entity::{
    booking::{Column, Entity},
    client, session,
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    agree,
    booking::{BookingOut, NewBooking},
    making,
    moves::{self, BookingReason, Override},
    rules::{State, Step},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, Upserted, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{BookingsManage, BookingsRead, OverridesGrant},
        resource::Whole,
    },
};

/// Bookings.
pub struct BookingsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Bookings")]
impl BookingsApi {
    /// List bookings, newest first; `q` searches references, clients and sessions.
    #[oai(path = "/bookings", method = "get", operation_id = "list_bookings")]
    async fn list_bookings(
        &self,
        auth: Allow<BookingsRead>,
        /// Only those of this session.
        session_id: Query<Option<Uuid>>,
        /// Only those of this client.
        client_id: Query<Option<Uuid>>,
        /// Only those in this state.
        state: Query<Option<State>>,
        page: PageQuery,
    ) -> Result<View<Page<BookingOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<session::Entity>(session_id.0).await?;
        scope.maybe::<client::Entity>(client_id.0).await?;
        let query = scope
            .find::<Entity>()
            .search(Column::Search, page.q.as_deref())
            .filter_some(session_id.0.map(|id| Column::SessionId.eq(id)))
            .filter_some(client_id.0.map(|id| Column::ClientId.eq(id)))
            .filter_some(state.0.map(|state| Column::State.eq(state.name())));
        let (rows, next) = query.page_rows(&page).await?;
        let items = rows.into_iter().map(BookingOut::try_from).collect::<Result<_>>()?;
        Ok(View(Page { items, next }))
    }

    /// Draft a booking: a session for a client. An intra session has one live booking.
    #[oai(path = "/bookings", method = "post", operation_id = "create_booking")]
    async fn create_booking(
        &self,
        mut auth: Allow<BookingsManage>,
        body: Valid<NewBooking>,
    ) -> Result<Made<BookingOut>> {
        let row = making::create(&mut auth.ctx, body.0).await?;
        Ok(Made(making::place(row.id), row.try_into()?))
    }

    /// Read a booking.
    #[oai(path = "/bookings/:id", method = "get", operation_id = "get_booking")]
    async fn get_booking(&self, auth: Allow<BookingsRead>, id: Path<Uuid>) -> Result<Found<BookingOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Change a live booking; a new price voids the approval and asks for an amendment of what is signed.
    #[oai(path = "/bookings/:id", method = "patch", operation_id = "change_booking")]
    async fn change_booking(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Patch<NewBooking>,
    ) -> Result<Found<BookingOut>> {
        Ok(Found(making::change(&mut auth.ctx, id.0, &body).await?.try_into()?))
    }

    /// Delete a draft that nothing uses; what was proposed is kept and can be cancelled.
    #[oai(path = "/bookings/:id", method = "delete", operation_id = "delete_booking")]
    async fn delete_booking(&self, mut auth: Allow<BookingsManage>, id: Path<Uuid>) -> Result<Gone> {
        making::delete(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Create or replace the booking that you call by this name.
    #[oai(path = "/bookings/by-external-id/:external_id", method = "put", operation_id = "upsert_booking")]
    async fn upsert_booking(
        &self,
        mut auth: Allow<BookingsManage>,
        external_id: Path<String>,
        body: Whole<NewBooking>,
    ) -> Result<Upserted<BookingOut>> {
        let (row, made) = making::upsert(&mut auth.ctx, &external_id.0, body.0).await?;
        let (place, out) = (making::place(row.id), row.try_into()?);
        Ok(if made { Upserted::Made(place, out) } else { Upserted::Changed(out) })
    }

    /// Offer a booking to its client; refused once the activity has left the cooperative.
    #[oai(path = "/bookings/:id/propose", method = "post", operation_id = "propose_booking")]
    async fn propose_booking(&self, mut auth: Allow<BookingsManage>, id: Path<Uuid>) -> Result<Found<BookingOut>> {
        Ok(Found(moves::propose(&mut auth.ctx, id.0).await?.try_into()?))
    }

    /// Agree a booking: agreement signed by both sides, terms approved, trainers accredited and free (art. L6353-1).
    #[oai(path = "/bookings/:id/agree", method = "post", operation_id = "agree_booking")]
    async fn agree_booking(&self, mut auth: Allow<BookingsManage>, id: Path<Uuid>) -> Result<Found<BookingOut>> {
        Ok(Found(agree::agree(&mut auth.ctx, id.0).await?.try_into()?))
    }

    /// Write down that the client said no, and why.
    #[oai(path = "/bookings/:id/decline", method = "post", operation_id = "decline_booking")]
    async fn decline_booking(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<BookingReason>,
    ) -> Result<Found<BookingOut>> {
        Ok(Found(moves::close(&mut auth.ctx, id.0, Step::Decline, body.0.reason).await?.try_into()?))
    }

    /// Call a booking off, with a reason.
    #[oai(path = "/bookings/:id/cancel", method = "post", operation_id = "cancel_booking")]
    async fn cancel_booking(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<BookingReason>,
    ) -> Result<Found<BookingOut>> {
        Ok(Found(moves::close(&mut auth.ctx, id.0, Step::Cancel, body.0.reason).await?.try_into()?))
    }

    /// Let trainers without the cooperative's accreditation teach this booking, with a reason.
    #[oai(
        path = "/bookings/:id/override-accreditation",
        method = "post",
        operation_id = "override_booking_accreditation"
    )]
    async fn override_booking_accreditation(
        &self,
        mut auth: Allow<OverridesGrant>,
        id: Path<Uuid>,
        body: Valid<BookingReason>,
    ) -> Result<Found<BookingOut>> {
        let what = Override::Accreditation;
        Ok(Found(moves::override_rule(&mut auth.ctx, id.0, what, body.0.reason).await?.try_into()?))
    }

    /// Let the training begin without a signed agreement or inside the withdrawal period (art. L6353-1, L6353-5), with
    /// a reason.
    #[oai(path = "/bookings/:id/override-start", method = "post", operation_id = "override_booking_start")]
    async fn override_booking_start(
        &self,
        mut auth: Allow<OverridesGrant>,
        id: Path<Uuid>,
        body: Valid<BookingReason>,
    ) -> Result<Found<BookingOut>> {
        let what = Override::Start;
        Ok(Found(moves::override_rule(&mut auth.ctx, id.0, what, body.0.reason).await?.try_into()?))
    }
}
