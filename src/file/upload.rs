//! A file as a resource: kept by its hash before the row that names it.

use entity::stored_file::{ActiveModel, Model};
use poem_openapi::{Multipart, Object, types::multipart::Upload};
use sea_orm::ActiveValue::Set;
use serde_json::json;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

use super::{
    events::Event,
    kind::{clean_name, media_type, saved_name},
};
use crate::{
    platform::{
        access::Ctx,
        answer::{File, Versioned},
        body::FILE_LIMIT,
        error::{Error, Result},
    },
    words,
};

words! {
    /// What a file is for.
    pub enum Purpose {
        /// A signed paper or a proof, scanned.
        Scan = "scan",
        /// A trainer's CV.
        Cv = "cv",
        /// A text that the cooperative publishes.
        Text = "text",
        /// A logo.
        Logo = "logo",
        /// Anything else.
        Other = "other",
    }
}

/// A file, as it is sent.
#[derive(Debug, Multipart)]
pub struct NewFile {
    /// The file: PDF, PNG, JPEG or UTF-8 text, told by its content.
    pub file: Upload,
    /// What it is for.
    pub purpose: Purpose,
    /// The activity that owns it; absent, it is common to all (cooperative's staff) or of the key's only activity.
    pub activity_id: Option<Uuid>,
}

/// A file, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct FileOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the audit, for `updated_after`.
    pub seq: i64,
    /// The activity that owns it; none when it is common to all.
    pub activity_id: Option<Uuid>,
    /// What it is for.
    pub purpose: Purpose,
    /// The name to save it under.
    pub file_name: String,
    /// Its media type, told by its content.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

impl Versioned for FileOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for FileOut {
    type Error = Error;
    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            purpose: Purpose::of(&row.purpose)?,
            file_name: row.file_name,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
        })
    }
}

/// Where a file is.
pub fn place(file: Uuid) -> String {
    format!("/v1/files/{file}")
}

/// Receive a file: its bytes are kept before the transaction begins, so that a row never names what is not there.
pub async fn receive(ctx: &mut Ctx, input: NewFile) -> Result<Model> {
    let NewFile { file, purpose, activity_id } = input;
    let activity = match activity_id {
        None if ctx.scope().sees_all() => None,
        named => Some(ctx.activity(named)?),
    };
    if let Some(activity) = activity {
        ctx.scope().get::<entity::activity::Entity>(activity).await?;
    }
    let given = file.file_name().map(str::to_owned);
    let declared = file.content_type().map(str::to_owned);
    if file.size() > FILE_LIMIT {
        return Err(Error::TooLarge(FILE_LIMIT));
    }
    // It lies on the disk until all of it is there.
    let mut bytes = Vec::with_capacity(file.size());
    file.into_async_read().read_to_end(&mut bytes).await.map_err(Error::internal)?;
    let media_type = media_type(&bytes)?;
    let size = i64::try_from(bytes.len()).map_err(Error::internal)?;
    let sha256 = ctx.app().blobs.put(activity, bytes).await?;
    ctx.form_says(&json!({
        "activity_id": activity_id,
        "file": { "name": given, "type": declared, "sha256": sha256 },
        "purpose": purpose.name(),
    }));
    let mut tx = ctx.begin().await?;
    let file = tx.new_id();
    let row = tx
        .act(activity, Event::Received { file }.into())
        .insert(ActiveModel {
            id: Set(file),
            sha256: Set(sha256),
            media_type: Set(media_type.to_owned()),
            size: Set(size),
            file_name: Set(clean_name(given.as_deref(), media_type)),
            purpose: Set(purpose.into()),
            ..Default::default()
        })
        .await?;
    tx.answers_at(place(file), 201);
    tx.commit().await?;
    Ok(row)
}

/// The bytes of a file.
pub async fn content(ctx: &Ctx, id: Uuid) -> Result<File> {
    let row = ctx.scope().get::<entity::stored_file::Entity>(id).await?;
    let bytes = ctx.app().blobs.get(row.activity_id, &row.sha256).await?;
    Ok(File { name: saved_name(&row), media_type: row.media_type, sha256: row.sha256, bytes })
}
