//! Operations on activities and their members.

use entity::activity::{Column, Entity};
use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    actions::{NewActivity, NewMember},
    brand::{Activity, ActivityOut, Leaving, leave},
    letterhead,
    member::{self, MemberEnd, MemberOut},
};
use crate::{
    api::Tag,
    organisation::{LetterheadOut, NewLetterhead},
    platform::{
        access::Allow,
        answer::{Found, Made, Upserted, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{ActivitiesManage, ActivitiesRead, PapersDesign},
        resource::{self, Whole, place},
    },
};

/// Activities.
pub struct ActivitiesApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Activities")]
impl ActivitiesApi {
    /// List the activities within reach, newest first; `q` searches their address names.
    #[oai(path = "/activities", method = "get", operation_id = "list_activities")]
    async fn list_activities(&self, auth: Allow<ActivitiesRead>, page: PageQuery) -> Result<View<Page<ActivityOut>>> {
        let query = auth.ctx.scope().find::<Entity>().search(Column::Slug, page.q.as_deref());
        Ok(View(query.page(&page, ActivityOut::from).await?))
    }

    /// Open an activity: a brand that the cooperative carries.
    #[oai(path = "/activities", method = "post", operation_id = "create_activity")]
    async fn create_activity(
        &self,
        mut auth: Allow<ActivitiesManage>,
        body: Valid<NewActivity>,
    ) -> Result<Made<ActivityOut>> {
        let row = resource::create::<Activity>(&mut auth.ctx, body.0).await?;
        Ok(Made(place::<Activity>(row.id), row.into()))
    }

    /// Read an activity.
    #[oai(path = "/activities/:id", method = "get", operation_id = "get_activity")]
    async fn get_activity(&self, auth: Allow<ActivitiesRead>, id: Path<Uuid>) -> Result<Found<ActivityOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.into()))
    }

    /// Change an activity: what is absent stays, what is null goes.
    #[oai(path = "/activities/:id", method = "patch", operation_id = "change_activity")]
    async fn change_activity(
        &self,
        mut auth: Allow<ActivitiesManage>,
        id: Path<Uuid>,
        body: Patch<NewActivity>,
    ) -> Result<Found<ActivityOut>> {
        Ok(Found(resource::change::<Activity>(&mut auth.ctx, id.0, &body).await?.into()))
    }

    /// Create or replace the activity that you call by this name.
    #[oai(path = "/activities/by-external-id/:external_id", method = "put", operation_id = "upsert_activity")]
    async fn upsert_activity(
        &self,
        mut auth: Allow<ActivitiesManage>,
        external_id: Path<String>,
        body: Whole<NewActivity>,
    ) -> Result<Upserted<ActivityOut>> {
        let (row, made) = resource::upsert::<Activity>(&mut auth.ctx, &external_id.0, body.0).await?;
        Ok(if made { Upserted::Made(place::<Activity>(row.id), row.into()) } else { Upserted::Changed(row.into()) })
    }

    /// Read the letterhead of an activity: the colour, logo and lines of its papers.
    #[oai(path = "/activities/:id/letterhead", method = "get", operation_id = "get_activity_letterhead")]
    async fn get_activity_letterhead(
        &self,
        auth: Allow<ActivitiesRead>,
        id: Path<Uuid>,
    ) -> Result<Found<LetterheadOut>> {
        Ok(Found(letterhead::shown(auth.ctx.scope().get::<Entity>(id.0).await?)))
    }

    /// Change the letterhead of an activity: what is absent stays, what is null goes; papers issued before keep theirs.
    #[oai(path = "/activities/:id/letterhead", method = "patch", operation_id = "change_activity_letterhead")]
    async fn change_activity_letterhead(
        &self,
        mut auth: Allow<PapersDesign>,
        id: Path<Uuid>,
        body: Patch<NewLetterhead>,
    ) -> Result<Found<LetterheadOut>> {
        Ok(Found(letterhead::change(&mut auth.ctx, id.0, &body).await?))
    }

    /// The activity leaves the cooperative: from that day nothing new is sold; proofs are kept and read.
    #[oai(path = "/activities/:id/leave", method = "post", operation_id = "leave_activity")]
    async fn leave_activity(
        &self,
        mut auth: Allow<ActivitiesManage>,
        id: Path<Uuid>,
        body: Valid<Leaving>,
    ) -> Result<Found<ActivityOut>> {
        Ok(Found(leave(&mut auth.ctx, id.0, body.0).await?.into()))
    }

    /// List who carries the activity, newest first.
    #[oai(path = "/activities/:id/members", method = "get", operation_id = "list_members")]
    async fn list_members(
        &self,
        auth: Allow<ActivitiesRead>,
        id: Path<Uuid>,
        page: PageQuery,
    ) -> Result<View<Page<MemberOut>>> {
        Ok(View(member::list(&auth.ctx.scope(), id.0, &page).await?))
    }

    /// Add somebody who carries the activity: their keys reach it from that day.
    #[oai(path = "/activities/:id/members", method = "post", operation_id = "create_member")]
    async fn create_member(
        &self,
        mut auth: Allow<ActivitiesManage>,
        id: Path<Uuid>,
        body: Valid<NewMember>,
    ) -> Result<Made<MemberOut>> {
        let member = member::add(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(member::place(id.0, member.id), member))
    }

    /// Read who carries the activity.
    #[oai(path = "/activities/:id/members/:member_id", method = "get", operation_id = "get_member")]
    async fn get_member(
        &self,
        auth: Allow<ActivitiesRead>,
        id: Path<Uuid>,
        member_id: Path<Uuid>,
    ) -> Result<Found<MemberOut>> {
        Ok(Found(member::get(&auth.ctx.scope(), id.0, member_id.0).await?))
    }

    /// End a membership: after that day the user's keys no longer reach the activity.
    #[oai(path = "/activities/:id/members/:member_id/end", method = "post", operation_id = "end_member")]
    async fn end_member(
        &self,
        mut auth: Allow<ActivitiesManage>,
        id: Path<Uuid>,
        member_id: Path<Uuid>,
        body: Valid<MemberEnd>,
    ) -> Result<Found<MemberOut>> {
        Ok(Found(member::end(&mut auth.ctx, id.0, member_id.0, body.0).await?))
    }
}
