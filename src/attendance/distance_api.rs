//! Operations on what is followed at a distance, and on names that are badly written.

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use uuid::Uuid;

use super::{
    connections::{self, ConnectionReport, NewConnections},
    correction::{self, CorrectionState, NameCorrectionOut, NewNameCorrection, SettleNameCorrection},
    distance::{self, DistanceActivityOut, DistanceFollowUp, NewDistanceActivity},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, View},
        contract::Valid,
        error::Result,
        page::{Page, PageQuery},
        permission::{AttendanceRead, AttendanceRecord},
    },
};

/// Distance.
pub struct DistanceApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Attendance")]
impl DistanceApi {
    /// Bring a log of connections to a half-day at a distance: minutes per trainee, first as a dry run.
    ///
    /// Trainees are found by e-mail, then by name; whoever cannot be told apart is reported. What was signed stays.
    #[oai(path = "/slots/:id/connections", method = "post", operation_id = "import_connections")]
    async fn import_connections(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<NewConnections>,
    ) -> Result<View<ConnectionReport>> {
        Ok(View(connections::bring(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Read what a session at a distance shows: assistance, activities and their average duration, evaluations
    /// (art. D6313-3-1), and which of the three is missing.
    #[oai(path = "/sessions/:id/distance-activities", method = "get", operation_id = "list_distance_activities")]
    async fn list_distance_activities(
        &self,
        auth: Allow<AttendanceRead>,
        id: Path<Uuid>,
    ) -> Result<View<DistanceFollowUp>> {
        Ok(View(distance::follow_up(&auth.ctx.scope(), id.0).await?))
    }

    /// Write down an assistance, an activity or an evaluation at a distance.
    #[oai(path = "/sessions/:id/distance-activities", method = "post", operation_id = "add_distance_activity")]
    async fn add_distance_activity(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<NewDistanceActivity>,
    ) -> Result<View<DistanceActivityOut>> {
        Ok(View(distance::add(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Take back what was written down by mistake.
    #[oai(path = "/distance-activities/:id", method = "delete", operation_id = "remove_distance_activity")]
    async fn remove_distance_activity(&self, mut auth: Allow<AttendanceRecord>, id: Path<Uuid>) -> Result<Gone> {
        distance::remove(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }
}

/// Names.
pub struct NameCorrectionsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Attendance")]
impl NameCorrectionsApi {
    /// List the corrections of names that trainees asked for, newest first.
    #[oai(path = "/name-corrections", method = "get", operation_id = "list_name_corrections")]
    async fn list_name_corrections(
        &self,
        auth: Allow<AttendanceRead>,
        state: Query<Option<CorrectionState>>,
        page: PageQuery,
    ) -> Result<View<Page<NameCorrectionOut>>> {
        Ok(View(correction::list(&auth.ctx.scope(), state.0, &page).await?))
    }

    /// Read a correction.
    #[oai(path = "/name-corrections/:id", method = "get", operation_id = "get_name_correction")]
    async fn get_name_correction(
        &self,
        auth: Allow<AttendanceRead>,
        id: Path<Uuid>,
    ) -> Result<Found<NameCorrectionOut>> {
        Ok(Found(correction::read(&auth.ctx.scope(), id.0).await?))
    }

    /// Say, on behalf of a trainee, that their name is badly written.
    #[oai(path = "/enrolments/:id/name-corrections", method = "post", operation_id = "ask_name_correction")]
    async fn ask_name_correction(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<NewNameCorrection>,
    ) -> Result<Made<NameCorrectionOut>> {
        let made = correction::ask(&mut auth.ctx, id.0, body.0).await?;
        Ok(Made(format!("/v1/name-corrections/{}", made.id), made))
    }

    /// Settle a correction: the person was corrected, or the name is right.
    #[oai(path = "/name-corrections/:id/settle", method = "post", operation_id = "settle_name_correction")]
    async fn settle_name_correction(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<SettleNameCorrection>,
    ) -> Result<View<NameCorrectionOut>> {
        Ok(View(correction::settle(&mut auth.ctx, id.0, body.0).await?))
    }
}
