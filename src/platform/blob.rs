//! Files by the hash of their content, in a folder or in a bucket of any S3-compatible store: written whole before a
//! transaction begins, so that a row never names a file that is not there; checked against their hash when they are read.

mod bucket;
mod client;
mod folder;

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use tracing::warn;
use uuid::Uuid;

use super::{
    audit::sha256,
    error::{Error, Result},
};
use crate::config::Settings;
pub use bucket::Address;
use bucket::Bucket;
use folder::Folder;

/// The name of the file that says which database the others belong to.
const INSTANCE: &str = "INSTANCE";

/// Where files live.
#[derive(Clone, Debug)]
pub struct Blobs(Arc<Place>);

#[derive(Debug)]
enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

/// A file of the store, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The activity that owns it; none when it is common to all.
    pub owner: Option<Uuid>,
    /// The hash of its content: its name.
    pub hash: String,
    /// When it was written.
    pub written: SystemTime,
}

/// Where a file is in the store: `OWNER/ab/abcd…`.
fn place(owner: Option<Uuid>, hash: &str) -> String {
    let owner = owner.map_or_else(|| "common".to_owned(), |id| id.to_string());
    format!("{owner}/{}/{hash}", hash.get(..2).unwrap_or("00"))
}

/// The file at a place, if it is one of ours.
fn at(place: &str) -> Option<(Option<Uuid>, String)> {
    let mut parts = place.rsplit('/');
    let (hash, _, owner) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    ours.then(|| (owner.parse().ok(), hash.to_owned()))
}

impl Blobs {
    /// Where the settings say: a bucket when `FILES_URL` names one, else the folder `FILES_DIR`.
    pub fn open(settings: &Settings) -> Result<Self> {
        match &settings.files_url {
            None => Ok(Self::folder(&settings.files_dir)),
            Some(url) => {
                let address = Address::parse(url).map_err(|wrong| Error::Internal(format!("FILES_URL: {wrong}")))?;
                Ok(Self(Arc::new(Place::Bucket(Bucket::open(address)?))))
            }
        }
    }

    /// In a folder, made when the first file arrives.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Place::Folder(Folder(folder.into()))))
    }

    /// The setting that says where, and where: for the operator.
    pub fn said(&self) -> String {
        match &*self.0 {
            Place::Folder(folder) => format!("FILES_DIR {}", folder.0.display()),
            Place::Bucket(bucket) => format!("FILES_URL {}", bucket.said()),
        }
    }

    /// Keep bytes; answers their hash. Keeping the same bytes twice is keeping them once.
    pub async fn put(&self, owner: Option<Uuid>, bytes: Vec<u8>) -> Result<String> {
        let hash = sha256(&bytes);
        self.write(place(owner, &hash), bytes).await?;
        Ok(hash)
    }

    async fn write(&self, at: String, bytes: Vec<u8>) -> Result<()> {
        match &*self.0 {
            Place::Folder(folder) => folder.write(at, bytes).await,
            Place::Bucket(bucket) => bucket.write(&at, bytes).await,
        }
    }

    /// The bytes at a place as they are, if there are any.
    async fn read(&self, at: String) -> Result<Option<Vec<u8>>> {
        match &*self.0 {
            Place::Folder(folder) => folder.read(at).await,
            Place::Bucket(bucket) => bucket.read(&at).await,
        }
    }

    /// Read bytes back; a missing or altered file is told, never served.
    pub async fn get(&self, owner: Option<Uuid>, hash: &str) -> Result<Vec<u8>> {
        let Some(bytes) = self.read(place(owner, hash)).await? else {
            warn!("File {hash} is missing from {}", self.said());
            return Err(Error::refused(
                "file.missing",
                format!("Le fichier {hash} manque dans le stockage : restaurez-le depuis une sauvegarde."),
                format!("File {hash} is missing from the store: restore it from a backup."),
            ));
        };
        if sha256(&bytes) == hash {
            return Ok(bytes);
        }
        warn!("File {hash} was altered in {}", self.said());
        Err(Error::refused(
            "file.altered",
            format!("Le fichier {hash} a été altéré dans le stockage : restaurez-le depuis une sauvegarde."),
            format!("File {hash} was altered in the store: restore it from a backup."),
        ))
    }

    /// The stored bytes, altered or not: a copy keeps what is there. None when the file is missing.
    pub async fn copy(&self, owner: Option<Uuid>, hash: &str) -> Result<Option<Vec<u8>>> {
        self.read(place(owner, hash)).await
    }

    /// Whether the stored bytes still have their hash: `None` when the file is missing.
    pub async fn check(&self, owner: Option<Uuid>, hash: &str) -> Result<Option<bool>> {
        Ok(self.read(place(owner, hash)).await?.map(|bytes| sha256(&bytes) == hash))
    }

    /// Every file of the store.
    pub async fn list(&self) -> Result<Vec<Kept>> {
        match &*self.0 {
            Place::Folder(folder) => folder.list().await,
            Place::Bucket(bucket) => bucket.list().await,
        }
    }

    /// Delete a file that no row names.
    pub async fn remove(&self, owner: Option<Uuid>, hash: &str) -> Result<()> {
        let at = place(owner, hash);
        match &*self.0 {
            Place::Folder(folder) => folder.remove(at).await,
            Place::Bucket(bucket) => bucket.remove(&at).await,
        }
    }

    /// Whether nothing at all is there.
    pub async fn is_empty(&self) -> Result<bool> {
        match &*self.0 {
            Place::Folder(folder) => folder.is_empty().await,
            Place::Bucket(bucket) => bucket.is_empty().await,
        }
    }

    /// Several instances on PostgreSQL share one store of files, or none sees what another wrote: the store carries the
    /// database's name, and another database's store is refused.
    pub async fn claim(&self, name: &str) -> Result<()> {
        match self.read(INSTANCE.to_owned()).await? {
            None => self.write(INSTANCE.to_owned(), format!("{name}\n").into_bytes()).await,
            Some(found) => {
                let found = String::from_utf8_lossy(&found).trim().to_owned();
                if found == name {
                    return Ok(());
                }
                Err(Error::Internal(format!(
                    "{} belongs to database {found}, DATABASE_URL is database {name}: give each database its own",
                    self.said()
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_says_whose_file_it_is() {
        let (owner, hash) = (Some(Uuid::from_u128(7)), "ab".repeat(32));
        assert_eq!(at(&place(owner, &hash)), Some((owner, hash.clone())));
        assert_eq!(at(&format!("a/prefix/{}", place(None, &hash))), Some((None, hash.clone())));
        assert_eq!(at(INSTANCE), None);
        assert_eq!(at(&format!("{}.1-2.partial", place(owner, &hash))), None);
    }

    #[tokio::test]
    async fn an_altered_file_is_told_and_a_missing_one_too() {
        let folder = std::env::temp_dir().join(format!("clairiere-blob-{}", std::process::id()));
        let blobs = Blobs::folder(&folder);
        let hash = blobs.put(None, b"convention".to_vec()).await.unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap(), b"convention");
        assert_eq!(blobs.list().await.unwrap().len(), 1);
        let file = folder.join(place(None, &hash));
        std::fs::write(&file, b"autre chose").unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap_err().code(), "file.altered");
        assert_eq!(blobs.put(None, b"convention".to_vec()).await.unwrap(), hash, "the right bytes mend it");
        assert_eq!(blobs.check(None, &hash).await.unwrap(), Some(true));
        blobs.remove(None, &hash).await.unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap_err().code(), "file.missing");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
