//! Operations on sessions.

use chrono::NaiveDate;
use entity::session::{Column, Entity};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    change,
    input::{CancelReason, DecideGo, DuplicateSession, NewSession, NewSessionTerms, NewSlots, State},
    out::{self, SessionOut},
    plan,
    rules::Step,
    steps,
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{SessionsManage, SessionsRead},
    },
};

/// Sessions.
pub struct SessionsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl SessionsApi {
    /// List sessions with their half-days, newest first; `q` searches titles and references.
    #[oai(path = "/sessions", method = "get", operation_id = "list_sessions")]
    async fn list_sessions(
        &self,
        auth: Allow<SessionsRead>,
        /// Only sessions in this state.
        state: Query<Option<State>>,
        /// Only sessions that last until this day or later.
        from: Query<Option<NaiveDate>>,
        /// Only sessions that begin on this day or before.
        to: Query<Option<NaiveDate>>,
        page: PageQuery,
    ) -> Result<View<Page<SessionOut>>> {
        let scope = auth.ctx.scope();
        let query = scope
            .find::<Entity>()
            .search(Column::Search, page.q.as_deref())
            .filter_some(state.0.map(|state| Column::State.eq(state.name())))
            .filter_some(from.0.map(|day| Column::LastDay.gte(day)))
            .filter_some(to.0.map(|day| Column::FirstDay.lte(day)));
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: out::load(&scope, rows).await?, next }))
    }

    /// Create a session with its half-days, all or nothing; a trainer who is firmly taken elsewhere is refused.
    #[oai(path = "/sessions", method = "post", operation_id = "create_session")]
    async fn create_session(
        &self,
        mut auth: Allow<SessionsManage>,
        body: Valid<NewSession>,
    ) -> Result<Made<SessionOut>> {
        let session = plan::create(&mut auth.ctx, body.0).await?;
        Ok(Made(plan::at(session.id), session))
    }

    /// Read a session with its half-days and who teaches them.
    #[oai(path = "/sessions/:id", method = "get", operation_id = "get_session")]
    async fn get_session(&self, auth: Allow<SessionsRead>, id: Path<Uuid>) -> Result<Found<SessionOut>> {
        Ok(Found(plan::read(&auth.ctx, id.0, vec![]).await?))
    }

    /// Change a session as a whole; its half-days have their own operations.
    #[oai(path = "/sessions/:id", method = "patch", operation_id = "change_session")]
    async fn change_session(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Patch<NewSessionTerms>,
    ) -> Result<Found<SessionOut>> {
        Ok(Found(plan::change(&mut auth.ctx, id.0, &body).await?))
    }

    /// Delete a session that is only planned and that nobody booked.
    #[oai(path = "/sessions/:id", method = "delete", operation_id = "delete_session")]
    async fn delete_session(&self, mut auth: Allow<SessionsManage>, id: Path<Uuid>) -> Result<Gone> {
        plan::delete(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// Copy a session from another first day: gaps, hours, places and trainers are kept.
    #[oai(path = "/sessions/:id/duplicate", method = "post", operation_id = "duplicate_session")]
    async fn duplicate_session(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Valid<DuplicateSession>,
    ) -> Result<Made<SessionOut>> {
        let session = plan::duplicate(&mut auth.ctx, id.0, body.0.first_day).await?;
        Ok(Made(plan::at(session.id), session))
    }

    /// Add half-days to a session, all or nothing.
    #[oai(path = "/sessions/:id/slots", method = "post", operation_id = "add_slots")]
    async fn add_slots(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Valid<NewSlots>,
    ) -> Result<Found<SessionOut>> {
        Ok(Found(change::add(&mut auth.ctx, id.0, body.0.slots).await?))
    }

    /// Open a session: it will take place.
    #[oai(path = "/sessions/:id/open", method = "post", operation_id = "open_session")]
    async fn open_session(&self, mut auth: Allow<SessionsManage>, id: Path<Uuid>) -> Result<Found<SessionOut>> {
        Ok(Found(steps::take(&mut auth.ctx, id.0, Step::Open, None).await?))
    }

    /// Complete a running session, every half-day of which was held or cancelled.
    #[oai(path = "/sessions/:id/complete", method = "post", operation_id = "complete_session")]
    async fn complete_session(&self, mut auth: Allow<SessionsManage>, id: Path<Uuid>) -> Result<Found<SessionOut>> {
        Ok(Found(steps::take(&mut auth.ctx, id.0, Step::Complete, None).await?))
    }

    /// Close a completed session, every attendance sheet of which is closed.
    #[oai(path = "/sessions/:id/close", method = "post", operation_id = "close_session")]
    async fn close_session(&self, mut auth: Allow<SessionsManage>, id: Path<Uuid>) -> Result<Found<SessionOut>> {
        Ok(Found(steps::take(&mut auth.ctx, id.0, Step::Close, None).await?))
    }

    /// Cancel a session and its half-days to come, with a reason; what was held is kept.
    #[oai(path = "/sessions/:id/cancel", method = "post", operation_id = "cancel_session")]
    async fn cancel_session(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Valid<CancelReason>,
    ) -> Result<Found<SessionOut>> {
        Ok(Found(steps::take(&mut auth.ctx, id.0, Step::Cancel, Some(body.0.reason)).await?))
    }

    /// Decide that an inter session takes place: the minimum head-count is reached, or a reason is given.
    #[oai(path = "/sessions/:id/decide-go", method = "post", operation_id = "decide_session_go")]
    async fn decide_session_go(
        &self,
        mut auth: Allow<SessionsManage>,
        id: Path<Uuid>,
        body: Valid<DecideGo>,
    ) -> Result<Found<SessionOut>> {
        Ok(Found(steps::decide_go(&mut auth.ctx, id.0, body.0.reason).await?))
    }
}
