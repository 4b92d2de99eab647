//! The bytes of a paper: made once, by whoever needs them first, and never again.
//!
//! A paper is presented; it may then be signed; at last the organisation's seal may be added. A certificate may be sealed
//! when it is issued and signed later: the signed file then gets a seal of its own. Each of these files is kept beside the
//! others and none ever changes.

use entity::{document, document_file, signature_request};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use tokio::sync::Mutex;
use tracing::warn;

use super::{Kind, State, events::Event, pictures::pictures_of};
use crate::{
    platform::{
        access::Ctx,
        app::App,
        error::{Error, Result},
    },
    words,
};

words! {
    /// One of the files of a paper.
    pub enum FileRole as "DocumentFileRole" {
        /// As it was laid out from its content.
        Presented = "presented",
        /// As it was signed.
        Signed = "signed",
        /// With the organisation's seal.
        Sealed = "sealed",
        /// As it was signed, with the organisation's seal, when another seal had been put before anybody signed.
        SealedSigned = "sealed_signed",
    }
}

/// A file of a paper.
pub struct PaperFile {
    /// Which one.
    pub role: FileRole,
    /// Its hash.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One rendering at a time for a paper.
static FLIGHTS: [Mutex<()>; 64] = [const { Mutex::const_new(()) }; 64];

/// The file of a role; without one, the best that there is: sealed, else signed, else presented.
pub async fn file(app: &App, paper: &document::Model, role: Option<FileRole>) -> Result<PaperFile> {
    match role {
        Some(FileRole::Presented) => presented(app, paper).await,
        Some(FileRole::Signed) => stored(app, paper, FileRole::Signed).await?.ok_or_else(|| {
            Error::refused(
                "document.not_signed",
                "Ce document n’a pas été signé en ligne : demandez « presented ».",
                "This paper was not signed online: ask for “presented”.",
            )
        }),
        Some(FileRole::Sealed) => {
            let signed = stored(app, paper, FileRole::Signed).await?;
            match sealed(app, paper, signed.as_ref()).await {
                Ok(found) => found.ok_or_else(not_sealed),
                // The authority is silent: the first seal is there all the same.
                Err(Error::Unavailable(why)) => {
                    stored(app, paper, FileRole::Sealed).await?.ok_or(Error::Unavailable(why))
                }
                Err(other) => Err(other),
            }
        }
        Some(FileRole::SealedSigned) => sealed_signed(app, paper).await?.ok_or_else(not_sealed),
        None => best(app, paper).await,
    }
}

fn not_sealed() -> Error {
    Error::refused(
        "document.not_sealed",
        "Ce document ne porte pas ce cachet : soit aucun n’est configuré, soit ce document n’en reçoit pas, soit il attend une signature.",
        "This paper bears no such seal: none is configured, or this paper gets none, or it waits for a signature.",
    )
}

/// The second seal, of what was signed after the first one was put.
async fn sealed_signed(app: &App, paper: &document::Model) -> Result<Option<PaperFile>> {
    let signed = stored(app, paper, FileRole::Signed).await?;
    if signed.is_none() || stored(app, paper, FileRole::Sealed).await?.is_none() {
        return Ok(None);
    }
    Ok(sealed(app, paper, signed.as_ref()).await?.filter(|found| found.role == FileRole::SealedSigned))
}

async fn best(app: &App, paper: &document::Model) -> Result<PaperFile> {
    let signed = stored(app, paper, FileRole::Signed).await?;
    match sealed(app, paper, signed.as_ref()).await {
        // A seal that was put before the signatures does not show them; a paper that no longer stands gets no other.
        Ok(Some(copy)) if shows(&copy, signed.as_ref()) => return Ok(copy),
        Ok(_) => {}
        // The paper is as good without: the next reader tries again.
        Err(Error::Unavailable(why)) => warn!(document.id = %paper.id, "A paper was not sealed: {why}"),
        Err(other) => return Err(other),
    }
    match signed {
        Some(copy) => Ok(copy),
        None => presented(app, paper).await,
    }
}

/// Whether a sealed file shows what was signed: it begins with it.
fn shows(sealed: &PaperFile, signed: Option<&PaperFile>) -> bool {
    signed.is_none_or(|signed| sealed.bytes.starts_with(&signed.bytes))
}

/// The paper as it was presented. Stored bytes are never rendered again.
pub async fn presented(app: &App, paper: &document::Model) -> Result<PaperFile> {
    if let Some(found) = stored(app, paper, FileRole::Presented).await? {
        return Ok(found);
    }
    let _alone = flight(paper).lock().await;
    if let Some(found) = stored(app, paper, FileRole::Presented).await? {
        return Ok(found);
    }
    let pictures = pictures_of(app, paper.activity_id, &paper.content).await?;
    let (render, row) = (app.render, paper.clone());
    let bytes = app.heavy(move || render(&row, &pictures)).await??;
    keep(app, paper, FileRole::Presented, bytes).await
}

/// The paper with the organisation's seal; none when there is no seal, or when this paper gets none.
///
/// The seal is put once, over what was signed or else presented; a paper that no longer stands gets none any more. What
/// was sealed before it was signed is sealed again, beside the first.
async fn sealed(app: &App, paper: &document::Model, signed: Option<&PaperFile>) -> Result<Option<PaperFile>> {
    let first = match stored(app, paper, FileRole::Sealed).await? {
        Some(found) if shows(&found, signed) => return Ok(Some(found)),
        first => first,
    };
    let as_role = if first.is_some() { FileRole::SealedSigned } else { FileRole::Sealed };
    if first.is_some()
        && let Some(found) = stored(app, paper, as_role).await?
    {
        return Ok(Some(found));
    }
    match seal_now(app, paper, signed, as_role).await? {
        Some(made) => Ok(Some(made)),
        None => Ok(first),
    }
}

/// Put the seal; none when there is no seal, or when this paper gets none now.
async fn seal_now(
    app: &App,
    paper: &document::Model,
    signed: Option<&PaperFile>,
    as_role: FileRole,
) -> Result<Option<PaperFile>> {
    let Some(seal) = app.seal.clone() else { return Ok(None) };
    let kind = Kind::of(&paper.kind)?;
    if !kind.verifiable() || State::of(&paper.state)? != State::Current {
        return Ok(None);
    }
    let (role, bytes) = match signed {
        Some(signed) => (signed.role, signed.bytes.clone()),
        None if kind.awaits_signatures() || asked(app, paper).await? => return Ok(None),
        None => (FileRole::Presented, presented(app, paper).await?.bytes),
    };
    let _alone = flight(paper).lock().await;
    if let Some(found) = stored(app, paper, as_role).await? {
        return Ok(Some(found));
    }
    let (now, mut nonce) = (app.now(), [0; 16]);
    app.ids.secret(&mut nonce);
    // The authority may be slow, and the key may be a smart card.
    let sealing = tokio::task::spawn_blocking(move || seal.apply(&bytes, now, nonce));
    let bytes = sealing.await.map_err(Error::internal)?.map_err(|error| Error::Unavailable(error.to_string()))?;
    // Somebody was asked to sign meanwhile: the seal comes after them.
    if role == FileRole::Presented && asked(app, paper).await? {
        return Ok(None);
    }
    keep(app, paper, as_role, bytes).await.map(Some)
}

/// Whether somebody was asked to sign a paper and has not closed it yet, or has signed it: the seal waits.
async fn asked(app: &App, paper: &document::Model) -> Result<bool> {
    let ctx = Ctx::system(app, "render", Some(paper.activity_id));
    let found = ctx
        .scope()
        .find::<signature_request::Entity>()
        .filter(signature_request::Column::DocumentId.eq(paper.id))
        .filter(signature_request::Column::State.is_in(["requested", "signed"]))
        .count()
        .await?;
    Ok(found > 0)
}

fn flight(paper: &document::Model) -> &'static Mutex<()> {
    &FLIGHTS[usize::from(paper.id.as_bytes()[15]) % FLIGHTS.len()]
}

async fn stored(app: &App, paper: &document::Model, role: FileRole) -> Result<Option<PaperFile>> {
    let ctx = Ctx::system(app, "render", Some(paper.activity_id));
    let found = ctx
        .scope()
        .find::<document_file::Entity>()
        .filter(document_file::Column::DocumentId.eq(paper.id))
        .filter(document_file::Column::Role.eq(role.name()))
        .one()
        .await?;
    let Some(file) = found else { return Ok(None) };
    let bytes = app.blobs.get(Some(paper.activity_id), &file.sha256).await?;
    Ok(Some(PaperFile { role, sha256: file.sha256, bytes }))
}

/// Keep a file of a paper; when another instance was first, its bytes are the paper.
pub async fn keep(app: &App, paper: &document::Model, role: FileRole, bytes: Vec<u8>) -> Result<PaperFile> {
    let sha256 = app.blobs.put(Some(paper.activity_id), bytes.clone()).await?;
    match write(app, paper, role, &sha256, bytes.len()).await {
        Ok(()) => Ok(PaperFile { role, sha256, bytes }),
        Err(Error::Refused(refused)) if refused.code.ends_with("_taken") => stored(app, paper, role)
            .await?
            .ok_or_else(|| Error::internal("a paper's file was made twice and kept by nobody")),
        Err(other) => Err(other),
    }
}

async fn write(app: &App, paper: &document::Model, role: FileRole, sha256: &str, size: usize) -> Result<()> {
    let mut ctx = Ctx::system(app, "render", Some(paper.activity_id));
    let mut tx = ctx.begin().await?;
    let (document, file) = (paper.id, tx.new_id());
    let event = match role {
        FileRole::Presented => Event::Rendered { document, file },
        FileRole::Signed => Event::Signed { document, file },
        FileRole::Sealed | FileRole::SealedSigned => Event::Sealed { document, file },
    };
    tx.act(paper.activity_id, event.into())
        .insert(document_file::ActiveModel {
            id: Set(file),
            document_id: Set(document),
            role: Set(role.into()),
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
    Ok(format!("{} {}.pdf", word(paper)?, paper.reference))
}

/// What people call it.
pub fn word(paper: &document::Model) -> Result<&'static str> {
    Ok(match Kind::of(&paper.kind)? {
        Kind::Quote => "Devis",
        Kind::Programme => "Programme",
        Kind::Agreement if paper.title.starts_with("Contrat") => "Contrat",
        Kind::Agreement => "Convention",
        Kind::Convocation => "Convocation",
        Kind::AttendanceSheet => "Feuille d’émargement",
        Kind::Certificate => "Certificat de réalisation",
        Kind::Attestation => "Attestation de fin de formation",
        Kind::Amendment => "Avenant",
        Kind::WelcomeBooklet => "Livret d’accueil",
        Kind::InternalRules => "Règlement intérieur",
        Kind::DistanceRecord => "Relevé de connexion",
        Kind::Assiduity => "Attestation d’assiduité",
        Kind::SignatureEvidence => "Fiche de preuve",
    })
}
