//! Operations on what is handed to the trainees of a session.

use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::handouts::{Handout, hand_out};
use crate::{
    api::Tag,
    document::DocumentOut,
    platform::{access::Allow, answer::Upserted, error::Result, permission::DocumentsIssue},
};

/// Handouts.
pub struct HandoutsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Sessions")]
impl HandoutsApi {
    /// Issue the welcome booklet (livret d'accueil) of a session from the cooperative's text: dates, places and access,
    /// contacts, assistance at a distance (Qualiopi indicator 9). The one that stands is answered when nothing changed.
    #[oai(path = "/sessions/:id/welcome-booklet", method = "post", operation_id = "issue_welcome_booklet")]
    async fn issue_welcome_booklet(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
    ) -> Result<Upserted<DocumentOut>> {
        hand_out(&mut auth.ctx, id.0, Handout::Booklet).await?.answer()
    }

    /// Issue the règlement intérieur as it applies to a session (art. L6352-3): at a host with rules of its own, the
    /// host's measures of health and safety apply, and the paper says so (art. R6352-1).
    #[oai(path = "/sessions/:id/internal-rules", method = "post", operation_id = "issue_internal_rules")]
    async fn issue_internal_rules(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
    ) -> Result<Upserted<DocumentOut>> {
        hand_out(&mut auth.ctx, id.0, Handout::Rules).await?.answer()
    }
}
