//! Files from outside that belong to a paper: the scan of what was signed by hand, a proof.

use chrono::{DateTime, Utc};
use entity::{document, document_attachment, stored_file};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::{
    platform::{
        access::Ctx,
        error::{Error, Result},
        scope::Scope,
    },
    words,
};

words! {
    /// What an attached file is.
    pub enum AttachmentKind as "DocumentAttachmentKind" {
        /// The paper itself, signed by hand and scanned (copie numérisée).
        SignedScan = "signed_scan",
        /// What proves something that the paper says.
        Proof = "proof",
        /// Anything else that belongs with it.
        Other = "other",
    }
}

/// A file to attach: it was sent to `POST /v1/files` before, where its content told its type.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewAttachment {
    /// The file, of the same activity.
    pub stored_file_id: Uuid,
    /// What it is.
    pub what: AttachmentKind,
    /// Its SHA-256 as you computed it, in hexadecimal: another file is refused.
    #[oai(validator(pattern = "^[0-9a-f]{64}$"))]
    pub sha256: Option<String>,
    /// A note about it.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub note: Option<String>,
}

/// A file that is attached to a paper.
#[derive(Debug, Clone, Object)]
#[oai(rename = "DocumentAttachment")]
pub struct AttachmentOut {
    /// Identifier.
    pub id: Uuid,
    /// The paper.
    pub document_id: Uuid,
    /// The file; its content is at `/v1/files/{id}/content`.
    pub stored_file_id: Uuid,
    /// What it is.
    pub what: AttachmentKind,
    /// The name to save it under.
    pub file_name: String,
    /// Its media type, told by its content.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// A note about it.
    pub note: Option<String>,
    /// When it was attached.
    pub attached_at: DateTime<Utc>,
}

/// The files that are attached to a paper.
#[derive(Debug, Clone, Object)]
pub struct AttachmentsOut {
    /// The files, oldest first.
    pub items: Vec<AttachmentOut>,
}

/// Attach a file to a paper.
pub async fn attach(ctx: &mut Ctx, id: Uuid, input: NewAttachment) -> Result<AttachmentsOut> {
    let NewAttachment { stored_file_id, what, sha256, note } = input;
    let mut tx = ctx.begin().await?;
    let paper = tx.lock::<document::Entity>(id).await?;
    let file = tx.scope().get::<stored_file::Entity>(stored_file_id).await?;
    if file.activity_id != Some(paper.activity_id) {
        return Err(Error::Missing("stored_file"));
    }
    if sha256.is_some_and(|sha256| sha256 != file.sha256) {
        return Err(Error::invalid(
            "/sha256",
            "document.other_file",
            "Ce n’est pas l’empreinte de ce fichier : il a été abîmé en route, ou c’en est un autre.",
            "This is not the hash of that file: it was damaged on its way, or it is another one.",
        ));
    }
    let picture_or_pdf = matches!(file.media_type.as_str(), "application/pdf" | "image/png" | "image/jpeg");
    if what == AttachmentKind::SignedScan && !picture_or_pdf {
        return Err(Error::invalid(
            "/stored_file_id",
            "document.not_a_scan",
            format!("Une copie numérisée est un PDF ou une image ; ce fichier est de type {}.", file.media_type),
            format!("A scan is a PDF or a picture; this file is {}.", file.media_type),
        ));
    }
    let attachment = tx.new_id();
    tx.act(paper.activity_id, Event::Attached { document: id, attachment }.into())
        .insert(document_attachment::ActiveModel {
            id: Set(attachment),
            document_id: Set(id),
            stored_file_id: Set(stored_file_id),
            what: Set(what.into()),
            sha256: Set(file.sha256),
            note: Set(note),
            ..Default::default()
        })
        .await?;
    tx.answers_at(format!("/v1/documents/{id}/attachments"), 200);
    let out = attachments(&tx.scope(), id).await?;
    tx.commit().await?;
    Ok(out)
}

/// The files that are attached to a paper.
pub async fn attachments(scope: &Scope<'_>, id: Uuid) -> Result<AttachmentsOut> {
    let rows = rows_of(scope, scope.get::<document::Entity>(id).await?.id).await?;
    let items = rows
        .into_iter()
        .map(|(row, file)| {
            Ok(AttachmentOut {
                id: row.id,
                document_id: row.document_id,
                stored_file_id: row.stored_file_id,
                what: AttachmentKind::of(&row.what)?,
                file_name: file.file_name,
                media_type: file.media_type,
                size: file.size,
                sha256: row.sha256,
                note: row.note,
                attached_at: row.created_at,
            })
        })
        .collect::<Result<_>>()?;
    Ok(AttachmentsOut { items })
}

/// The same, as rows.
pub async fn rows_of(
    scope: &Scope<'_>,
    document: Uuid,
) -> Result<Vec<(document_attachment::Model, stored_file::Model)>> {
    let rows = scope
        .find::<document_attachment::Entity>()
        .filter(document_attachment::Column::DocumentId.eq(document))
        .ascending(document_attachment::Column::Id)
        .all()
        .await?;
    let mut files = scope.map::<stored_file::Entity>(rows.iter().map(|row| row.stored_file_id)).await?;
    Ok(rows.into_iter().filter_map(|row| files.remove(&row.stored_file_id).map(|file| (row, file))).collect())
}
