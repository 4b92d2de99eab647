//! Operations on marks: list, read, correct, excuse, confirm; their evidence.

use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use uuid::Uuid;

use super::{
    amend::{self, AmendMark, AmendSlot, ExcuseMark},
    evidence_paper,
    mark::{self, Asked, MarkEvidence, MarkRow},
    matrix::SlotAttendance,
    words::Proof,
};
use crate::{
    api::Tag,
    document::DocumentOut,
    platform::{
        access::Allow,
        answer::{Found, Upserted, View},
        contract::Valid,
        error::Result,
        page::{Page, PageQuery},
        permission::{AttendanceConfirm, AttendanceRead, AttendanceRecord, DocumentsIssue},
    },
};

/// Marks.
pub struct MarksApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Attendance")]
impl MarksApi {
    /// List marks, newest first.
    #[oai(path = "/marks", method = "get", operation_id = "list_marks")]
    async fn list_marks(
        &self,
        auth: Allow<AttendanceRead>,
        session_id: Query<Option<Uuid>>,
        slot_id: Query<Option<Uuid>>,
        enrolment_id: Query<Option<Uuid>>,
        proof: Query<Option<Proof>>,
        page: PageQuery,
    ) -> Result<View<Page<MarkRow>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<entity::session::Entity>(session_id.0).await?;
        scope.maybe::<entity::session_slot::Entity>(slot_id.0).await?;
        scope.maybe::<entity::enrolment::Entity>(enrolment_id.0).await?;
        let asked = Asked { session: session_id.0, slot: slot_id.0, enrolment: enrolment_id.0, proof: proof.0 };
        Ok(View(mark::list(&scope, asked, &page).await?))
    }

    /// Read a mark.
    #[oai(path = "/marks/:id", method = "get", operation_id = "get_mark")]
    async fn get_mark(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<Found<MarkRow>> {
        Ok(Found(mark::read(&auth.ctx.scope(), id.0).await?))
    }

    /// Read the evidence record of a mark (fiche de preuve): who signed, how they were known, when, on what, with which
    /// words, and the entry of the audit that seals it.
    #[oai(path = "/marks/:id/evidence", method = "get", operation_id = "get_mark_evidence")]
    async fn get_mark_evidence(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<MarkEvidence>> {
        Ok(View(mark::evidence_of(&auth.ctx, id.0).await?))
    }

    /// Issue the evidence record of a mark (fiche de preuve) as a paper; download it from its document. The one that stands
    /// is answered when it says the same.
    #[oai(path = "/marks/:id/evidence", method = "post", operation_id = "issue_mark_evidence")]
    async fn issue_mark_evidence(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
    ) -> Result<Upserted<DocumentOut>> {
        evidence_paper::issue(&mut auth.ctx, id.0).await?.answer()
    }

    /// Correct a mark with a reason. On a closed half-day it is shown on the sheet, and the papers become outdated.
    #[oai(path = "/marks/:id/amend", method = "post", operation_id = "amend_mark")]
    async fn amend_mark(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<AmendMark>,
    ) -> Result<View<SlotAttendance>> {
        Ok(View(amend::amend_mark(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Excuse a trainee: absent, and it was said why; the client is never told the reason.
    #[oai(path = "/marks/:id/excuse", method = "post", operation_id = "excuse_mark")]
    async fn excuse_mark(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<ExcuseMark>,
    ) -> Result<View<SlotAttendance>> {
        Ok(View(amend::excuse(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Confirm a presence that the trainer stated without a signature: it counts from now on.
    #[oai(path = "/marks/:id/confirm", method = "post", operation_id = "confirm_mark")]
    async fn confirm_mark(&self, mut auth: Allow<AttendanceConfirm>, id: Path<Uuid>) -> Result<View<SlotAttendance>> {
        Ok(View(amend::confirm(&mut auth.ctx, id.0).await?))
    }

    /// Correct presences of a half-day with a reason, of people without a mark too; a closed one stays closed, shows it,
    /// and its papers become outdated.
    #[oai(path = "/slots/:id/amend", method = "post", operation_id = "amend_slot")]
    async fn amend_slot(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<AmendSlot>,
    ) -> Result<View<SlotAttendance>> {
        Ok(View(amend::amend(&mut auth.ctx, id.0, body.0).await?))
    }
}
