//! Many papers with one code: the cooperative's delegate starts a batch, receives a code, signs them all.

use entity::{document, one_time_code, signatory, signature_request};
use uuid::Uuid;

use super::{
    code::{self, Asking, Bound},
    out::{SignBatch, SignatureBatch},
    picture::Manner,
    request::stands,
    rules::{State, Step, moved},
    sign::{Given, sign},
};
use crate::platform::{
    access::Ctx,
    error::{Error, Result},
    scope::Scope,
};

/// Where a batch is.
pub(super) fn place(id: Uuid) -> String {
    format!("/v1/signature-batches/{id}")
}

/// What a code is bound to for a request.
pub(super) fn bind(request: &signature_request::Model) -> Bound {
    Bound {
        request: request.id,
        document: request.document_id,
        sha256: request.presented_sha256.clone(),
        activity: request.activity_id,
    }
}

/// Start a batch: a code is sent to the signatory.
pub(super) async fn start(ctx: &mut Ctx, requests: Vec<Uuid>) -> Result<SignatureBatch> {
    let mut tx = ctx.begin().await?;
    let mut rows = vec![];
    for id in requests {
        let row = tx.scope().get::<signature_request::Entity>(id).await?;
        moved(State::of(&row.state)?, Step::Sign)?;
        let paper = tx.scope().get::<document::Entity>(row.document_id).await?;
        stands(&tx.scope(), &paper).await?;
        rows.push(row);
    }
    let one = rows.first().ok_or_else(|| Error::internal("a batch without a paper"))?;
    let same = one.signatory_id.is_some() && rows.iter().all(|row| row.signatory_id == one.signatory_id);
    if !same {
        return Err(Error::refused(
            "signature.batch_signatory",
            "Un lot réunit les documents d’un même signataire de la coopérative.",
            "A batch holds the papers of one signatory of the cooperative.",
        ));
    }
    if let Some(signatory) = one.signatory_id {
        // The codes of a signatory are counted one after the other: two at once would both be the last that may be asked for.
        tx.lock::<signatory::Entity>(signatory).await?;
    }
    let asking =
        Asking { request: None, signatory: one.signatory_id, name: one.name.clone(), address: one.email.clone() };
    let row = code::ask(&mut tx, asking, rows.iter().map(bind).collect()).await?;
    let batch = show(&tx.scope(), row).await?;
    tx.answers_at(place(batch.id), 201);
    tx.commit().await?;
    Ok(batch)
}

/// A batch with its papers as they stand.
pub(super) async fn show(scope: &Scope<'_>, row: one_time_code::Model) -> Result<SignatureBatch> {
    if row.request_id.is_some() || (row.activity_id.is_none() && !scope.sees_all()) {
        return Err(Error::Missing("signature_batch"));
    }
    let mut papers = vec![];
    for paper in code::bound(&row)? {
        let request = scope.get::<signature_request::Entity>(paper.request).await?;
        papers.push((request, scope.get::<document::Entity>(paper.document).await?));
    }
    SignatureBatch::of(row, papers)
}

/// Read a batch.
pub(super) async fn read(ctx: &Ctx, id: Uuid) -> Result<SignatureBatch> {
    let scope = ctx.scope();
    show(&scope, scope.get::<one_time_code::Entity>(id).await?).await
}

/// Sign every paper of a batch.
pub(super) async fn sign_all(ctx: &mut Ctx, id: Uuid, input: SignBatch) -> Result<SignatureBatch> {
    let SignBatch { code, typed_name, picture, consent } = input;
    agreed(consent)?;
    read(ctx, id).await?;
    let manner = Manner::read(ctx.app(), picture, typed_name).await?;
    sign(ctx, Given { code: id, typed: &code, manner, request: None }).await?;
    read(ctx, id).await
}

/// Nobody signs without saying so.
pub(super) fn agreed(consent: bool) -> Result<()> {
    if consent {
        return Ok(());
    }
    Err(Error::invalid(
        "/consent",
        "signature.consent",
        "Cochez la case : elle dit que vous avez lu et que vous signez.",
        "Tick the box: it says that you have read and that you sign.",
    ))
}
