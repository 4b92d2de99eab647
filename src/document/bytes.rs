//! The bytes of a paper: made once, by whoever needs them first, and never again.

use entity::{document, document_file};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use tokio::sync::Mutex;

use super::{Kind, events::Event, pictures::pictures_of};
use crate::platform::{
    access::Ctx,
    app::App,
    error::{Error, Result},
};

/// One rendering at a time for a paper, and few at once in all: pages are heavy.
static FLIGHTS: [Mutex<()>; 4] = [const { Mutex::const_new(()) }; 4];

/// The paper as it was presented: its hash and its bytes. Stored bytes are never rendered again.
pub async fn presented(app: &App, paper: &document::Model) -> Result<(String, Vec<u8>)> {
    if let Some(found) = stored(app, paper).await? {
        return Ok(found);
    }
    let _alone = FLIGHTS[usize::from(paper.id.as_bytes()[15]) % FLIGHTS.len()].lock().await;
    if let Some(found) = stored(app, paper).await? {
        return Ok(found);
    }
    let pictures = pictures_of(app, paper.activity_id, &paper.content).await?;
    let (render, row) = (app.render, paper.clone());
    let bytes = tokio::task::spawn_blocking(move || render(&row, &pictures)).await.map_err(Error::internal)??;
    let sha256 = app.blobs.put(Some(paper.activity_id), bytes.clone()).await?;
    match keep(app, paper, &sha256, bytes.len()).await {
        Ok(()) => Ok((sha256, bytes)),
        // Another instance was first: its bytes are the paper.
        Err(Error::Refused(refused)) if refused.code.ends_with("_taken") => {
            stored(app, paper).await?.ok_or_else(|| Error::internal("a paper was rendered twice and kept by nobody"))
        }
        Err(other) => Err(other),
    }
}

async fn stored(app: &App, paper: &document::Model) -> Result<Option<(String, Vec<u8>)>> {
    let ctx = Ctx::system(app, "render", Some(paper.activity_id));
    let found = ctx
        .scope()
        .find::<document_file::Entity>()
        .filter(document_file::Column::DocumentId.eq(paper.id))
        .filter(document_file::Column::Role.eq("presented"))
        .one()
        .await?;
    let Some(file) = found else { return Ok(None) };
    let bytes = app.blobs.get(Some(paper.activity_id), &file.sha256).await?;
    Ok(Some((file.sha256, bytes)))
}

async fn keep(app: &App, paper: &document::Model, sha256: &str, size: usize) -> Result<()> {
    let mut ctx = Ctx::system(app, "render", Some(paper.activity_id));
    let mut tx = ctx.begin().await?;
    let file = tx.new_id();
    tx.act(paper.activity_id, Event::Rendered { document: paper.id, file }.into())
        .insert(document_file::ActiveModel {
            id: Set(file),
            document_id: Set(paper.id),
            role: Set("presented".into()),
            sha256: Set(sha256.into()),
            size: Set(i64::try_from(size).unwrap_or(i64::MAX)),
            layout_version: Set(paper.layout_version),
            ..Default::default()
        })
        .await?;
    tx.commit().await
}

/// The name to save a paper under: « Convention CNV-2026-0001.pdf ».
pub fn file_name(paper: &document::Model) -> Result<String> {
    let word = match Kind::of(&paper.kind)? {
        Kind::Quote => "Devis",
        Kind::Programme => "Programme",
        Kind::Agreement if paper.title.to_lowercase().contains("contrat") => "Contrat",
        Kind::Agreement => "Convention",
        Kind::Convocation => "Convocation",
        Kind::AttendanceSheet => "Feuille d’émargement",
        Kind::Certificate => "Certificat de réalisation",
        Kind::Attestation => "Attestation de fin de formation",
    };
    Ok(format!("{word} {}.pdf", paper.reference))
}
