//! Operations that replace papers.

use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::replace::{NewReplacement, Replacement, replace, replacement};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::View,
        contract::Valid,
        error::Result,
        permission::{DocumentsIssue, DocumentsRead, MessagesRead},
    },
};

/// Replacements of papers.
pub struct ReplaceApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Documents")]
impl ReplaceApi {
    /// Replace a paper that was wrong by a new issue from today's facts: it names the old one and says why. Those who
    /// received the old one are listed, and the corrected paper goes to each of them by mail.
    #[oai(path = "/documents/:id/replace", method = "post", operation_id = "replace_document")]
    async fn replace_document(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
        body: Valid<NewReplacement>,
    ) -> Result<View<Replacement>> {
        Ok(View(Box::pin(replace(&mut auth.ctx, id.0, body.0)).await?))
    }

    /// Read which paper a paper replaces, and who had received that one.
    #[oai(path = "/documents/:id/replacement", method = "get", operation_id = "get_document_replacement")]
    async fn get_document_replacement(&self, auth: Allow<DocumentsRead>, id: Path<Uuid>) -> Result<View<Replacement>> {
        auth.ctx.require::<MessagesRead>()?;
        Ok(View(replacement(&auth.ctx.scope(), id.0).await?))
    }
}
