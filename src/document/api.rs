//! Operations on papers.

use entity::{
    agreement, amendment, booking,
    document::{ActiveModel, Column, Entity, Model},
    enrolment, quote, session,
};
use poem::web::Data;
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    Kind, State,
    bytes::{FileRole, file, file_name},
    events::Event,
    paper::{DocumentContent, DocumentOut, Revocation},
    rules::{Step, next},
    verification::{Verification, verify},
};
use crate::{
    api::Tag,
    platform::{
        access::{Allow, Ctx, Open},
        answer::{File, Found, Pdf, View},
        app::App,
        contract::Valid,
        error::{Error, Result},
        page::{Page, PageQuery},
        permission::{DocumentsIssue, DocumentsRead},
        tx::Tx,
    },
};

/// Papers.
pub struct DocumentApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Documents")]
impl DocumentApi {
    /// List papers, newest first; `q` searches titles and references.
    #[oai(path = "/documents", method = "get", operation_id = "list_documents")]
    #[expect(clippy::too_many_arguments, reason = "one argument a filter")]
    async fn list_documents(
        &self,
        auth: Allow<DocumentsRead>,
        kind: Query<Option<Kind>>,
        state: Query<Option<State>>,
        session_id: Query<Option<Uuid>>,
        booking_id: Query<Option<Uuid>>,
        enrolment_id: Query<Option<Uuid>>,
        quote_id: Query<Option<Uuid>>,
        page: PageQuery,
    ) -> Result<View<Page<DocumentOut>>> {
        let words = [(Column::Kind, kind.0.map(Kind::name)), (Column::State, state.0.map(State::name))];
        let ids = [
            (Column::SessionId, session_id.0),
            (Column::BookingId, booking_id.0),
            (Column::EnrolmentId, enrolment_id.0),
            (Column::QuoteId, quote_id.0),
        ];
        let scope = auth.ctx.scope();
        scope.maybe::<session::Entity>(session_id.0).await?;
        scope.maybe::<booking::Entity>(booking_id.0).await?;
        scope.maybe::<enrolment::Entity>(enrolment_id.0).await?;
        scope.maybe::<quote::Entity>(quote_id.0).await?;
        let mut query = scope.find::<Entity>().search(Column::Search, page.q.as_deref());
        for (column, word) in words.into_iter().filter_map(|(column, word)| word.map(|word| (column, word))) {
            query = query.filter(column.eq(word));
        }
        for (column, id) in ids.into_iter().filter_map(|(column, id)| id.map(|id| (column, id))) {
            query = query.filter(column.eq(id));
        }
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: rows.into_iter().map(DocumentOut::try_from).collect::<Result<_>>()?, next }))
    }

    /// Read a paper: what it is about, where it stands.
    #[oai(path = "/documents/:id", method = "get", operation_id = "get_document")]
    async fn get_document(&self, auth: Allow<DocumentsRead>, id: Path<Uuid>) -> Result<Found<DocumentOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Download a paper as a PDF/A-3 file: always the same bytes, checked against their hash. Without `role`, the best
    /// file there is: sealed, else signed, else presented.
    #[oai(path = "/documents/:id/file", method = "get", operation_id = "get_document_file")]
    async fn get_document_file(
        &self,
        auth: Allow<DocumentsRead>,
        id: Path<Uuid>,
        /// Which file of the paper.
        role: Query<Option<FileRole>>,
    ) -> Result<Pdf> {
        let paper = auth.ctx.scope().get::<Entity>(id.0).await?;
        let copy = file(auth.ctx.app(), &paper, role.0).await?;
        let name = file_name(&paper)?;
        Ok(Pdf(File { media_type: "application/pdf".into(), name, sha256: copy.sha256, bytes: copy.bytes }))
    }

    /// Read what a paper prints, as it was frozen at its issue.
    #[oai(path = "/documents/:id/content", method = "get", operation_id = "get_document_content")]
    async fn get_document_content(&self, auth: Allow<DocumentsRead>, id: Path<Uuid>) -> Result<View<DocumentContent>> {
        Ok(View(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Verify a paper by the code that it prints: genuine or unknown, whether it still stands, and the hashes of its
    /// files to compare with the one that you hold. It tells no name.
    #[oai(path = "/verifications/:code", method = "get", operation_id = "get_verification")]
    async fn get_verification(
        &self,
        _open: Open,
        app: Data<&App>,
        /// The code, in groups or not, in capitals or not.
        code: Path<String>,
    ) -> Result<View<Verification>> {
        Ok(View(verify(&app, &code.0).await?))
    }

    /// Take a paper back, with a reason: it keeps its number and its bytes, and says that it no longer stands. Those who
    /// received it are told by mail.
    #[oai(path = "/documents/:id/revoke", method = "post", operation_id = "revoke_document")]
    async fn revoke_document(
        &self,
        mut auth: Allow<DocumentsIssue>,
        id: Path<Uuid>,
        body: Valid<Revocation>,
    ) -> Result<Found<DocumentOut>> {
        Ok(Found(revoke(&mut auth.ctx, id.0, body.0.reason).await?))
    }
}

async fn revoke(ctx: &mut Ctx, id: Uuid, reason: String) -> Result<DocumentOut> {
    let mut tx = ctx.begin().await?;
    let paper = tx.lock::<Entity>(id).await?;
    let state = next(State::of(&paper.state)?, Step::Revoke)?;
    if is_signed(&tx, &paper).await? {
        return Err(Error::refused(
            "document.agreement_signed",
            "Ce document est signé : il reste la preuve. Résiliez la convention, ou signez un avenant.",
            "This paper is signed and remains the proof: void the agreement, or sign an amendment.",
        ));
    }
    let row = tx
        .act(paper.activity_id, Event::Revoked { document: id }.into())
        .update(paper, |edit: &mut ActiveModel| {
            edit.state = Set(state.name().into());
            edit.state_reason = Set(Some(reason));
        })
        .await?;
    tx.answers_at(format!("/v1/documents/{id}"), 200);
    tx.commit().await?;
    row.try_into()
}

/// Whether what the paper prints was signed or accepted: an amendment, a quote, an agreement.
async fn is_signed(tx: &Tx<'_>, paper: &Model) -> Result<bool> {
    if let Some(change) = tx.scope().maybe::<amendment::Entity>(paper.amendment_id).await? {
        return Ok(change.state == "signed");
    }
    if let Some(offer) = tx.scope().maybe::<quote::Entity>(paper.quote_id).await? {
        return Ok(offer.state == "accepted");
    }
    let agreement = tx.scope().maybe::<agreement::Entity>(paper.agreement_id).await?;
    Ok(agreement.is_some_and(|row| row.state == "signed"))
}
