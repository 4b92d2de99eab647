//! Operations on the papers that prove more than a certificate does.

use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::proofs::{self, NewAssiduity, NewDistanceRecord};
use crate::{
    api::Tag,
    document::DocumentOut,
    platform::{access::Allow, answer::Upserted, contract::Valid, error::Result, permission::DocumentsIssue},
};

/// Proofs.
pub struct ProofsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Attendance")]
impl ProofsApi {
    /// Issue the record of what was followed at a distance (relevé de connexion et de suivi à distance) from connection
    /// logs: who, from when to when, what was to be done and its average length, the assistance (art. D6313-3-1). The one that stands is answered when it says the
    /// same.
    #[oai(path = "/sessions/:id/distance-records", method = "post", operation_id = "issue_distance_record")]
    async fn issue_distance_record(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
        body: Valid<NewDistanceRecord>,
    ) -> Result<Upserted<DocumentOut>> {
        proofs::record_distance(&mut auth.ctx, id.0, body.0).await?.answer()
    }

    /// Issue a trainee's attestation d'assiduité: hours planned and attended, month by month, for a period or for all of
    /// the training; refused while half-days of the period are open (`assiduity.half_days_open`). The one
    /// that stands is answered when it says the same.
    #[oai(path = "/enrolments/:id/assiduity", method = "post", operation_id = "issue_assiduity")]
    async fn issue_assiduity(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
        body: Valid<NewAssiduity>,
    ) -> Result<Upserted<DocumentOut>> {
        proofs::attest_assiduity(&mut auth.ctx, id.0, body.0).await?.answer()
    }
}
