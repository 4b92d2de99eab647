//! Operations on signatures of papers.

use entity::{
    document, signatory,
    signature::{Column as S, Entity as Evidence},
    signature_request::{Column, Entity},
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    Party, batch,
    out::{
        AskSignatures, CancelSignature, NewSignatureBatch, RequestOut, SignBatch, SignatureBatch, SignatureEvidence,
        SignatureRequests, SignedOnPaper,
    },
    request,
    rules::State,
    sign,
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Made, View},
        contract::Valid,
        error::{Error, Result},
        page::{Page, PageQuery},
        permission::{SignaturesManage, SignaturesRead, SignaturesSign},
    },
};

/// Signatures.
pub struct SignaturesApi;

fn outs(rows: Vec<entity::signature_request::Model>) -> Result<Vec<RequestOut>> {
    rows.into_iter().map(RequestOut::try_from).collect()
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Signatures")]
impl SignaturesApi {
    /// Ask for the signatures of a paper: each signatory is written to in turn, with a personal link. By default those
    /// whom the paper needs; a code sent to their address confirms who they are. The level is simple (eIDAS).
    #[oai(path = "/documents/:id/signature-requests", method = "post", operation_id = "request_signatures")]
    async fn request_signatures(
        &self,
        mut auth: Allow<SignaturesManage>,
        id: Path<Uuid>,
        body: Valid<AskSignatures>,
    ) -> Result<View<SignatureRequests>> {
        Ok(View(SignatureRequests { items: outs(request::ask(&mut auth.ctx, id.0, body.0).await?)? }))
    }

    /// List the signature requests of a paper, oldest first.
    #[oai(path = "/documents/:id/signature-requests", method = "get", operation_id = "list_document_signatures")]
    async fn list_document_signatures(
        &self,
        auth: Allow<SignaturesRead>,
        id: Path<Uuid>,
    ) -> Result<View<SignatureRequests>> {
        let scope = auth.ctx.scope();
        scope.get::<document::Entity>(id.0).await?;
        Ok(View(SignatureRequests { items: outs(request::of_document(&scope, id.0).await?)? }))
    }

    /// List signature requests, newest first: who is asked for what.
    #[oai(path = "/signature-requests", method = "get", operation_id = "list_signature_requests")]
    async fn list_signature_requests(
        &self,
        auth: Allow<SignaturesRead>,
        /// Only those in this state.
        state: Query<Option<State>>,
        /// Only those of this paper.
        document_id: Query<Option<Uuid>>,
        /// Only those of this signatory of the cooperative.
        signatory_id: Query<Option<Uuid>>,
        page: PageQuery,
    ) -> Result<View<Page<RequestOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<document::Entity>(document_id.0).await?;
        scope.maybe::<signatory::Entity>(signatory_id.0).await?;
        let (rows, next) = scope
            .find::<Entity>()
            .filter_some(state.0.map(|state| Column::State.eq(state.name())))
            .filter_some(document_id.0.map(|id| Column::DocumentId.eq(id)))
            .filter_some(signatory_id.0.map(|id| Column::SignatoryId.eq(id)))
            .page_rows(&page)
            .await?;
        Ok(View(Page { items: outs(rows)?, next }))
    }

    /// Read a signature request.
    #[oai(path = "/signature-requests/:id", method = "get", operation_id = "get_signature_request")]
    async fn get_signature_request(&self, auth: Allow<SignaturesRead>, id: Path<Uuid>) -> Result<Found<RequestOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Read what proves a signature: who, how, when, which file, with which code.
    #[oai(path = "/signature-requests/:id/evidence", method = "get", operation_id = "get_signature_evidence")]
    async fn get_signature_evidence(
        &self,
        auth: Allow<SignaturesRead>,
        id: Path<Uuid>,
    ) -> Result<View<SignatureEvidence>> {
        let found = auth.ctx.scope().find::<Evidence>().filter(S::RequestId.eq(id.0)).one().await?;
        Ok(View(SignatureEvidence::of(found.ok_or(Error::Missing("signature"))?)?))
    }

    /// Send the invitation to sign again, with a new link: those before open nothing.
    #[oai(path = "/signature-requests/:id/resend", method = "post", operation_id = "resend_signature_request")]
    async fn resend_signature_request(
        &self,
        mut auth: Allow<SignaturesManage>,
        id: Path<Uuid>,
    ) -> Result<Found<RequestOut>> {
        Ok(Found(request::resend(&mut auth.ctx, id.0).await?.try_into()?))
    }

    /// Cancel a signature request that was not signed: its links open nothing any more.
    #[oai(path = "/signature-requests/:id/cancel", method = "post", operation_id = "cancel_signature_request")]
    async fn cancel_signature_request(
        &self,
        mut auth: Allow<SignaturesManage>,
        id: Path<Uuid>,
        body: Valid<CancelSignature>,
    ) -> Result<Found<RequestOut>> {
        Ok(Found(request::cancel(&mut auth.ctx, id.0, body.0.reason).await?.try_into()?))
    }

    /// Write down that somebody signed the printed paper, with its scan, when the other side signs on line.
    #[oai(path = "/signature-requests/:id/sign-on-paper", method = "post", operation_id = "sign_request_on_paper")]
    async fn sign_request_on_paper(
        &self,
        mut auth: Allow<SignaturesManage>,
        id: Path<Uuid>,
        body: Valid<SignedOnPaper>,
    ) -> Result<Found<RequestOut>> {
        let asked = auth.ctx.scope().get::<Entity>(id.0).await?;
        if Party::of(&asked.party)? == Party::Cooperative {
            auth.ctx.require::<SignaturesSign>()?;
        }
        sign::sign_on_paper(&mut auth.ctx, id.0, body.0).await?;
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Start to sign for the cooperative: one code for all these papers is sent to their signatory.
    #[oai(path = "/signature-batches", method = "post", operation_id = "create_signature_batch")]
    async fn create_signature_batch(
        &self,
        mut auth: Allow<SignaturesSign>,
        body: Valid<NewSignatureBatch>,
    ) -> Result<Made<SignatureBatch>> {
        let made = batch::start(&mut auth.ctx, body.0.request_ids).await?;
        Ok(Made(batch::place(made.id), made))
    }

    /// Read a batch: each paper with the hash of the file that is signed.
    #[oai(path = "/signature-batches/:id", method = "get", operation_id = "get_signature_batch")]
    async fn get_signature_batch(&self, auth: Allow<SignaturesSign>, id: Path<Uuid>) -> Result<Found<SignatureBatch>> {
        Ok(Found(batch::read(&auth.ctx, id.0).await?))
    }

    /// Sign every paper of a batch with the code that came by mail; each delegation is checked now, all or none.
    #[oai(path = "/signature-batches/:id/sign", method = "post", operation_id = "sign_signature_batch")]
    async fn sign_signature_batch(
        &self,
        mut auth: Allow<SignaturesSign>,
        id: Path<Uuid>,
        body: Valid<SignBatch>,
    ) -> Result<Found<SignatureBatch>> {
        Ok(Found(batch::sign_all(&mut auth.ctx, id.0, body.0).await?))
    }
}
