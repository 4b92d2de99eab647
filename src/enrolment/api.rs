//! Operations on enrolments.

use entity::{
    booking,
    enrolment::{Column, Entity},
    session,
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    actions,
    input::{Abandon, Enrol, NewEnrolment, NewEnrolmentTerms, NewEnrolments, NewInformationPack, Replace, State},
    out::{self, EnrolmentOut},
    rules::Step,
    steps,
};
use crate::{
    api::Tag,
    platform::{
        access::{Allow, Ctx},
        answer::{Found, Made, View},
        contract::{Patch, Valid},
        error::{Error, Result},
        page::{Page, PageQuery},
        permission::{BookingsManage, BookingsRead},
    },
};

/// An enrolment as it stands.
pub async fn read(ctx: &Ctx, id: Uuid) -> Result<EnrolmentOut> {
    let scope = ctx.scope();
    let row = scope.get::<Entity>(id).await?;
    out::load(&scope, vec![row]).await?.into_iter().next().ok_or(Error::Missing("enrolment"))
}

async fn of_booking(ctx: &Ctx, booking: Uuid) -> Result<View<Page<EnrolmentOut>>> {
    let scope = ctx.scope();
    scope.get::<booking::Entity>(booking).await?;
    let query = scope.find::<Entity>().filter(Column::BookingId.eq(booking));
    let (rows, next) = query.page_rows(&PageQuery::all()).await?;
    Ok(View(Page { items: out::load(&scope, rows).await?, next }))
}

/// Enrolments.
pub struct EnrolmentsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Enrolments")]
impl EnrolmentsApi {
    /// List trainees, newest first; `q` searches names.
    #[oai(path = "/enrolments", method = "get", operation_id = "list_enrolments")]
    async fn list_enrolments(
        &self,
        auth: Allow<BookingsRead>,
        /// Only trainees of this session.
        session_id: Query<Option<Uuid>>,
        /// Only trainees of this booking.
        booking_id: Query<Option<Uuid>>,
        /// Only enrolments in this state.
        state: Query<Option<State>>,
        page: PageQuery,
    ) -> Result<View<Page<EnrolmentOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<session::Entity>(session_id.0).await?;
        scope.maybe::<booking::Entity>(booking_id.0).await?;
        let query = scope
            .find::<Entity>()
            .search(Column::Search, page.q.as_deref())
            .filter_some(session_id.0.map(|id| Column::SessionId.eq(id)))
            .filter_some(booking_id.0.map(|id| Column::BookingId.eq(id)))
            .filter_some(state.0.map(|state| Column::State.eq(state.name())));
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: out::load(&scope, rows).await?, next }))
    }

    /// Invite a trainee in a booking.
    #[oai(path = "/enrolments", method = "post", operation_id = "create_enrolment")]
    async fn create_enrolment(
        &self,
        mut auth: Allow<BookingsManage>,
        body: Valid<NewEnrolment>,
    ) -> Result<Made<EnrolmentOut>> {
        let NewEnrolment { booking_id, trainee } = body.0;
        let id = actions::create(&mut auth.ctx, booking_id, trainee).await?;
        Ok(Made(format!("/v1/enrolments/{id}"), read(&auth.ctx, id).await?))
    }

    /// Read an enrolment.
    #[oai(path = "/enrolments/:id", method = "get", operation_id = "get_enrolment")]
    async fn get_enrolment(&self, auth: Allow<BookingsRead>, id: Path<Uuid>) -> Result<Found<EnrolmentOut>> {
        Ok(Found(read(&auth.ctx, id.0).await?))
    }

    /// Change a trainee's status or half-days.
    #[oai(path = "/enrolments/:id", method = "patch", operation_id = "change_enrolment")]
    async fn change_enrolment(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Patch<NewEnrolmentTerms>,
    ) -> Result<Found<EnrolmentOut>> {
        actions::change(&mut auth.ctx, id.0, &body).await?;
        Ok(Found(read(&auth.ctx, id.0).await?))
    }

    /// Record that the information of article L6353-8 was made available to a trainee.
    #[oai(path = "/enrolments/:id/information-pack", method = "post", operation_id = "inform_trainee")]
    async fn inform_trainee(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<NewInformationPack>,
    ) -> Result<Found<EnrolmentOut>> {
        steps::inform(&mut auth.ctx, id.0, &body.0).await?;
        Ok(Found(read(&auth.ctx, id.0).await?))
    }

    /// Enrol a trainee for good, once informed (art. L6353-8) or by a reasoned override of the cooperative.
    #[oai(path = "/enrolments/:id/enrol", method = "post", operation_id = "enrol_trainee")]
    async fn enrol_trainee(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<Enrol>,
    ) -> Result<Found<EnrolmentOut>> {
        steps::enrol(&mut auth.ctx, id.0, body.0).await?;
        Ok(Found(read(&auth.ctx, id.0).await?))
    }

    /// Say that a trainee followed to the end.
    #[oai(path = "/enrolments/:id/complete", method = "post", operation_id = "complete_enrolment")]
    async fn complete_enrolment(&self, mut auth: Allow<BookingsManage>, id: Path<Uuid>) -> Result<Found<EnrolmentOut>> {
        steps::take(&mut auth.ctx, id.0, Step::Complete, None).await?;
        Ok(Found(read(&auth.ctx, id.0).await?))
    }

    /// Say that a trainee left before the end, why and on which day.
    #[oai(path = "/enrolments/:id/abandon", method = "post", operation_id = "abandon_enrolment")]
    async fn abandon_enrolment(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<Abandon>,
    ) -> Result<Found<EnrolmentOut>> {
        steps::take(&mut auth.ctx, id.0, Step::Abandon, Some(body.0)).await?;
        Ok(Found(read(&auth.ctx, id.0).await?))
    }

    /// Say that a trainee never came.
    #[oai(path = "/enrolments/:id/no-show", method = "post", operation_id = "mark_enrolment_no_show")]
    async fn mark_enrolment_no_show(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
    ) -> Result<Found<EnrolmentOut>> {
        steps::take(&mut auth.ctx, id.0, Step::NoShow, None).await?;
        Ok(Found(read(&auth.ctx, id.0).await?))
    }

    /// Replace a trainee by somebody else, with the same half-days.
    #[oai(path = "/enrolments/:id/replace", method = "post", operation_id = "replace_trainee")]
    async fn replace_trainee(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<Replace>,
    ) -> Result<Made<EnrolmentOut>> {
        let new = steps::replace(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(format!("/v1/enrolments/{new}"), read(&auth.ctx, new).await?))
    }

    /// Invite the trainees of a booking, all or nothing; faults name their line.
    #[oai(path = "/bookings/:id/enrolments", method = "post", operation_id = "create_enrolments")]
    async fn create_enrolments(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<NewEnrolments>,
    ) -> Result<View<Page<EnrolmentOut>>> {
        actions::create_all(&mut auth.ctx, id.0, body.0.enrolments).await?;
        of_booking(&auth.ctx, id.0).await
    }

    /// Record that the information of article L6353-8 was made available to every trainee who has none yet.
    #[oai(path = "/bookings/:id/information-packs", method = "post", operation_id = "inform_trainees")]
    async fn inform_trainees(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<NewInformationPack>,
    ) -> Result<View<Page<EnrolmentOut>>> {
        steps::inform_all(&mut auth.ctx, id.0, &body.0).await?;
        of_booking(&auth.ctx, id.0).await
    }

    /// Enrol for good all those who are invited in a booking, or none.
    #[oai(path = "/bookings/:id/enrol", method = "post", operation_id = "enrol_trainees")]
    async fn enrol_trainees(
        &self,
        mut auth: Allow<BookingsManage>,
        id: Path<Uuid>,
        body: Valid<Enrol>,
    ) -> Result<View<Page<EnrolmentOut>>> {
        steps::enrol_all(&mut auth.ctx, id.0, body.0).await?;
        of_booking(&auth.ctx, id.0).await
    }
}
