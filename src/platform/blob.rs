//! Files by the hash of their content, in a folder: written, synced and renamed before a transaction begins, so that a
//! row never names a file that is not there.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use uuid::Uuid;

use super::{
    audit::sha256,
    error::{Error, Result},
};

/// Where files live.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// In a folder, made when the first file arrives.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.folder
    }

    /// Keep bytes; answers their hash. Keeping the same bytes twice is keeping them once.
    pub async fn put(&self, activity: Option<Uuid>, bytes: Vec<u8>) -> Result<String> {
        let blobs = self.clone();
        run(move || {
            let hash = sha256(&bytes);
            let path = blobs.path(activity, &hash);
            if !path.exists() {
                write(&path, &bytes).map_err(|error| Error::internal(format!("blob {}: {error}", path.display())))?;
            }
            Ok(hash)
        })
        .await
    }

    /// Read bytes back; a missing or altered file is told, never served.
    pub async fn get(&self, activity: Option<Uuid>, hash: &str) -> Result<Vec<u8>> {
        let (blobs, hash) = (self.clone(), hash.to_owned());
        run(move || {
            let Ok(bytes) = fs::read(blobs.path(activity, &hash)) else {
                return Err(Error::refused(
                    "file.missing",
                    format!("Le fichier {hash} manque dans le stockage : restaurez-le depuis une sauvegarde."),
                    format!("File {hash} is missing from the store: restore it from a backup."),
                ));
            };
            if sha256(&bytes) == hash {
                return Ok(bytes);
            }
            Err(Error::refused(
                "file.altered",
                format!("Le fichier {hash} a été altéré dans le stockage : restaurez-le depuis une sauvegarde."),
                format!("File {hash} was altered in the store: restore it from a backup."),
            ))
        })
        .await
    }

    /// Whether the stored bytes still have their hash: `Ok(None)` when the file is missing.
    pub fn check(&self, activity: Option<Uuid>, hash: &str) -> Option<bool> {
        fs::read(self.path(activity, hash)).ok().map(|bytes| sha256(&bytes) == hash)
    }

    /// Where the bytes of a hash are kept.
    pub fn path(&self, activity: Option<Uuid>, hash: &str) -> PathBuf {
        let owner = activity.map_or_else(|| "common".to_owned(), |id| id.to_string());
        self.folder.join(owner).join(hash.get(..2).unwrap_or("00")).join(hash)
    }

    /// Every file of the store: owner, hash and path.
    pub fn walk(&self) -> Vec<(Option<Uuid>, String, PathBuf)> {
        let entries = |path: &Path| {
            fs::read_dir(path)
                .map(|all| all.flatten().map(|entry| entry.path()).collect::<Vec<_>>())
                .unwrap_or_default()
        };
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut found = vec![];
        for owner in entries(&self.folder) {
            let activity = name(&owner).parse().ok();
            for file in entries(&owner).iter().flat_map(|prefix| entries(prefix)) {
                let hash = name(&file);
                if hash.len() == 64 {
                    found.push((activity, hash, file));
                }
            }
        }
        found
    }
}

/// Two writers of the same bytes use two partial files.
static PARTIAL: AtomicU64 = AtomicU64::new(0);

async fn run<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let partial =
        path.with_extension(format!("{}-{}.partial", std::process::id(), PARTIAL.fetch_add(1, Ordering::Relaxed)));
    let mut file = fs::File::create(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    // The name too must survive a power cut.
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_altered_file_is_told_and_a_missing_one_too() {
        let folder = std::env::temp_dir().join(format!("clairiere-blob-{}", std::process::id()));
        let blobs = Blobs::folder(&folder);
        let hash = blobs.put(None, b"convention".to_vec()).await.unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap(), b"convention");
        fs::write(blobs.path(None, &hash), b"autre chose").unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap_err().code(), "file.altered");
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(blobs.get(None, &hash).await.unwrap_err().code(), "file.missing");
    }
}
