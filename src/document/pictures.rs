//! The pictures that papers show: read from the file store by their hash, decoded once, kept for the papers that follow.

use std::sync::{Mutex, PoisonError};

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

/// A logo is four centimetres wide at most: more pixels would be weight that nobody sees.
const LONGEST_SIDE: u32 = 640;

/// The pictures last used, newest first: the logos of the few brands that are busy.
static KEPT: Mutex<Vec<(String, Picture)>> = Mutex::new(Vec::new());
const KEPT_AT_MOST: usize = 16;

/// The pictures that a frozen content names.
pub async fn pictures_of(app: &App, activity: Uuid, content: &str) -> Result<Pictures> {
    let content: Value = stored(content)?;
    let mut pictures = Pictures::default();
    for sha256 in Pictures::named_in(&content) {
        let picture = match kept(&sha256) {
            Some(picture) => picture,
            None => keep(&sha256, decode(read(app, activity, &sha256).await?).await?),
        };
        pictures.insert(sha256, picture);
    }
    Ok(pictures)
}

/// The activity's own file, or one that is common to all.
async fn read(app: &App, activity: Uuid, sha256: &str) -> Result<Vec<u8>> {
    match app.blobs.get(Some(activity), sha256).await {
        Err(Error::Refused(refused)) if refused.code == "file.missing" => app.blobs.get(None, sha256).await,
        other => other,
    }
}

async fn decode(bytes: Vec<u8>) -> Result<Picture> {
    let decoded = move || Picture::decode(&bytes).map(|picture| picture.within(LONGEST_SIDE));
    tokio::task::spawn_blocking(decoded).await.map_err(Error::internal)?.map_err(Error::internal)
}

fn kept(sha256: &str) -> Option<Picture> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let at = kept.iter().position(|(name, _)| name == sha256)?;
    let found = kept.remove(at);
    kept.insert(0, found);
    kept.first().map(|(_, picture)| picture.clone())
}

fn keep(sha256: &str, picture: Picture) -> Picture {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.insert(0, (sha256.to_owned(), picture.clone()));
    kept.truncate(KEPT_AT_MOST);
    picture
}
