//! Operations on what belongs to papers, and on several papers at once.

use poem_openapi::{OpenApi, param::Path};
use uuid::Uuid;

use super::{
    attachment::{AttachmentsOut, NewAttachment, attach, attachments},
    bundle::{NewBundle, bundle},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Pdf, View},
        contract::Valid,
        error::Result,
        permission::{DocumentsIssue, DocumentsRead},
    },
};

/// Files of papers.
pub struct DocumentFilesApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Documents")]
impl DocumentFilesApi {
    /// List the files from outside that are attached to a paper.
    #[oai(path = "/documents/:id/attachments", method = "get", operation_id = "list_document_attachments")]
    async fn list_document_attachments(
        &self,
        auth: Allow<DocumentsRead>,
        id: Path<Uuid>,
    ) -> Result<View<AttachmentsOut>> {
        Ok(View(attachments(&auth.ctx.scope(), id.0).await?))
    }

    /// Attach a file from outside to a paper: the scan of what was signed by hand, a proof. The paper does not change.
    #[oai(path = "/documents/:id/attachments", method = "post", operation_id = "attach_document_file")]
    async fn attach_document_file(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
        body: Valid<NewAttachment>,
    ) -> Result<View<AttachmentsOut>> {
        Ok(View(attach(&mut auth.ctx, id.0, body.0).await?))
    }

    /// Put papers together in one PDF (liasse), with an outline and page numbers; originals that were signed, sealed or
    /// scanned are carried inside untouched. Nothing is stored.
    #[oai(path = "/document-bundles", method = "post", operation_id = "bundle_documents")]
    async fn bundle_documents(&self, auth: Allow<DocumentsRead>, body: Valid<NewBundle>) -> Result<Pdf> {
        Ok(Pdf(bundle(&auth.ctx, body.0).await?))
    }
}
