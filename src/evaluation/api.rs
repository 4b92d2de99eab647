//! Operations on results, satisfaction and attestations.

use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    issue::{self, NewAttestations},
    results::{self, NewResults, ResultsOut},
    satisfaction::{self, NewSatisfaction, SatisfactionOut, SatisfactionSummary},
};
use crate::{
    api::Tag,
    attendance::{IssuedPapers, current},
    document::Kind,
    platform::{
        access::Allow,
        answer::View,
        contract::Valid,
        error::Result,
        permission::{DocumentsIssue, DocumentsRead, EvaluationsRead, EvaluationsRecord},
    },
};

/// Evaluations.
pub struct EvaluationApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Evaluations")]
impl EvaluationApi {
    /// Read the results of a session: objectives, and a row for each trainee.
    #[oai(path = "/sessions/:id/evaluations", method = "get", operation_id = "get_evaluations")]
    async fn get_evaluations(&self, auth: Allow<EvaluationsRead>, id: Path<Uuid>) -> Result<View<ResultsOut>> {
        Ok(View(results::of_session(&auth.ctx.scope(), id.0).await?))
    }

    /// Record results as one matrix, all or nothing (évaluation des acquis, Qualiopi indicator 11).
    #[oai(path = "/sessions/:id/evaluations", method = "put", operation_id = "record_evaluations")]
    async fn record_evaluations(
        &self,
        mut auth: Allow<EvaluationsRecord>,
        id: Path<Uuid>,
        body: Valid<NewResults>,
    ) -> Result<View<ResultsOut>> {
        Ok(View(results::record(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Give a trainee's satisfaction, or change it (Qualiopi indicator 30).
    #[oai(path = "/enrolments/:id/satisfaction", method = "put", operation_id = "give_satisfaction")]
    async fn give_satisfaction(
        &self,
        mut auth: Allow<EvaluationsRecord>,
        id: Path<Uuid>,
        body: Valid<NewSatisfaction>,
    ) -> Result<View<SatisfactionOut>> {
        Ok(View(satisfaction::give(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Sum up the satisfaction of a session's trainees, without names, with the number of answers.
    #[oai(path = "/sessions/:id/satisfaction", method = "get", operation_id = "get_satisfaction_summary")]
    async fn get_satisfaction_summary(
        &self,
        auth: Allow<EvaluationsRead>,
        id: Path<Uuid>,
    ) -> Result<View<SatisfactionSummary>> {
        Ok(View(satisfaction::summary(&auth.ctx.scope(), id.0).await?))
    }

    /// Issue the attestations de fin de formation of a session, all or nothing (art. L6313-7). Those that stand and say the
    /// same are answered as they are.
    #[oai(path = "/sessions/:id/attestations", method = "post", operation_id = "issue_attestations")]
    async fn issue_attestations(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
        body: Valid<NewAttestations>,
    ) -> Result<View<IssuedPapers>> {
        Ok(View(issue::attest_all(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Read the current attestations of a session, and who gets none.
    #[oai(path = "/sessions/:id/attestations", method = "get", operation_id = "get_attestations")]
    async fn get_attestations(&self, auth: Allow<DocumentsRead>, id: Path<Uuid>) -> Result<View<IssuedPapers>> {
        Ok(View(current(&auth.ctx.scope(), id.0, Kind::Attestation).await?))
    }
}
