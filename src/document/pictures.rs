//! The pictures that papers show: read from the file store by their hash, checked, decoded.

use serde_json::Value;
use uuid::Uuid;

use crate::{
    pdf::{Picture, Pictures},
    platform::{
        app::App,
        codes::stored,
        error::{Error, Result},
    },
};

/// The pictures that a frozen content names.
pub async fn pictures_of(app: &App, activity: Uuid, content: &str) -> Result<Pictures> {
    let content: Value = stored(content)?;
    let mut pictures = Pictures::default();
    for sha256 in Pictures::named_in(&content) {
        let bytes = read(app, activity, &sha256).await?;
        let decoded = app.heavy(move || Picture::decode(&bytes)).await?;
        pictures.insert(sha256, decoded.map_err(Error::internal)?);
    }
    Ok(pictures)
}

/// The activity's own file, or one that is common to all.
async fn read(app: &App, activity: Uuid, sha256: &str) -> Result<Vec<u8>> {
    // Looked for first: asking for what is not there would tell the operator to restore a backup.
    let owner = app.blobs.copy(Some(activity), sha256).await?.map(|_| activity);
    app.blobs.get(owner, sha256).await
}
