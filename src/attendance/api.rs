//! Operations on attendance and its papers.

use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    close::{self, CloseSlot, ReopenSlot},
    distance_api::{DistanceApi, NameCorrectionsApi},
    issue::{self, IssuedPapers, NewCertificate, NewSheet},
    marks_api::MarksApi,
    matrix::{self, AttendanceOut, SlotAttendance},
    record::{self, NewAttendance},
    signing_api::SigningApi,
};
use crate::{
    api::Tag,
    document::{DocumentOut, Kind},
    platform::{
        access::Allow,
        answer::{Upserted, View},
        contract::Valid,
        error::Result,
        permission::{
            AttendanceRead, AttendanceRecord, AttendanceReopen, CertificatesIssue, DocumentsIssue, DocumentsRead,
        },
    },
};

/// The operations of attendance, by what they are about.
pub fn apis() -> impl OpenApi {
    (AttendanceApi, MarksApi, SigningApi, DistanceApi, NameCorrectionsApi)
}

/// Attendance.
pub struct AttendanceApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Attendance")]
impl AttendanceApi {
    /// Read the presences of a session: its half-days, and a row for each trainee (art. R6313-3).
    #[oai(path = "/sessions/:id/attendance", method = "get", operation_id = "get_session_attendance")]
    async fn get_session_attendance(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<AttendanceOut>> {
        Ok(View(matrix::of_session(&auth.ctx.scope(), id.0).await?))
    }

    /// Read the presences of a half-day.
    #[oai(path = "/slots/:id/attendance", method = "get", operation_id = "get_slot_attendance")]
    async fn get_slot_attendance(&self, auth: Allow<AttendanceRead>, id: Path<Uuid>) -> Result<View<SlotAttendance>> {
        Ok(View(matrix::of_slot(&auth.ctx.scope(), id.0).await?))
    }

    /// Record a whole half-day in one call: a default presence, and the exceptions.
    ///
    /// Refused before the half-day begins (`attendance.not_begun`), once it is closed (`attendance.slot_closed`), and on
    /// the first half-day of a booking whose agreement does not let it start.
    #[oai(path = "/slots/:id/attendance", method = "post", operation_id = "record_attendance")]
    async fn record_attendance(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<NewAttendance>,
    ) -> Result<View<SlotAttendance>> {
        Ok(View(record::record(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Close a half-day: what was recorded is frozen and counted; missing presences must be explained.
    #[oai(path = "/slots/:id/close", method = "post", operation_id = "close_slot")]
    async fn close_slot(
        &self,
        mut auth: Allow<AttendanceRecord>,
        id: Path<Uuid>,
        body: Valid<CloseSlot>,
    ) -> Result<View<SlotAttendance>> {
        Ok(View(close::close(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Reopen a closed half-day with a reason: its sheet, certificates and attestations become outdated.
    ///
    /// Once a funder was invoiced, the cooperative alone may do it (`attendance.invoiced`).
    #[oai(path = "/slots/:id/reopen", method = "post", operation_id = "reopen_slot")]
    async fn reopen_slot(
        &self,
        mut auth: Allow<AttendanceReopen>,
        id: Path<Uuid>,
        body: Valid<ReopenSlot>,
    ) -> Result<View<SlotAttendance>> {
        Ok(View(close::reopen(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Issue the attendance sheet (feuille d'émargement): blank to be signed, or as it was recorded. The one that stands is
    /// answered when it says the same.
    #[oai(path = "/sessions/:id/attendance-sheets", method = "post", operation_id = "issue_attendance_sheet")]
    async fn issue_attendance_sheet(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
        body: Valid<NewSheet>,
    ) -> Result<Upserted<DocumentOut>> {
        issue::sheet_of(&mut auth.ctx, id.0, body.0).await?.answer()
    }

    /// Issue a trainee's certificat de réalisation: the hours attended, never the hours planned (art. R6332-26). The
    /// one that stands is answered when it says the same.
    #[oai(path = "/enrolments/:id/certificate", method = "post", operation_id = "issue_certificate")]
    async fn issue_certificate(
        &self,
        mut auth: Allow<CertificatesIssue>,
        id: Path<Uuid>,
        body: Valid<NewCertificate>,
    ) -> Result<Upserted<DocumentOut>> {
        issue::certify(&mut auth.ctx, id.0, body.0).await?.answer()
    }

    /// Issue the certificates of a session, all or nothing; who attended nothing is skipped and named. Those that
    /// stand and say the same are answered as they are.
    #[oai(path = "/sessions/:id/certificates", method = "post", operation_id = "issue_certificates")]
    async fn issue_certificates(
        &self,
        mut auth: Allow<CertificatesIssue>,
        id: Path<Uuid>,
        body: Valid<NewCertificate>,
    ) -> Result<View<IssuedPapers>> {
        Ok(View(issue::certify_all(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Read the current certificates of a session, and who gets none.
    #[oai(path = "/sessions/:id/certificates", method = "get", operation_id = "get_certificates")]
    async fn get_certificates(&self, auth: Allow<DocumentsRead>, id: Path<Uuid>) -> Result<View<IssuedPapers>> {
        Ok(View(issue::current(&auth.ctx.scope(), id.0, Kind::Certificate).await?))
    }
}
