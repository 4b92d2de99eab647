//! Files in a folder: written beside, synced, then renamed.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::{Kept, at};
use crate::platform::error::{Error, Result};

/// A folder of the machine, or a network mount that several instances share.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub(super) PathBuf);

/// Two writers of the same bytes use two partial files.
static PARTIAL: AtomicU64 = AtomicU64::new(0);

impl Folder {
    /// Write bytes at a place, unless they are there already; bytes that differ are mended.
    pub(super) async fn write(&self, place: String, bytes: Vec<u8>) -> Result<()> {
        let path = self.0.join(place);
        run(path.clone(), move || {
            let there = fs::read(&path).is_ok_and(|found| found == bytes);
            if there { Ok(()) } else { write(&path, &bytes) }
        })
        .await
    }

    pub(super) async fn read(&self, place: String) -> Result<Option<Vec<u8>>> {
        let path = self.0.join(place);
        run(path.clone(), move || match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    pub(super) async fn remove(&self, place: String) -> Result<()> {
        let path = self.0.join(place);
        run(path.clone(), move || fs::remove_file(&path)).await
    }

    pub(super) async fn is_empty(&self) -> Result<bool> {
        let path = self.0.clone();
        run(path.clone(), move || Ok(entries(&path)?.is_empty())).await
    }

    pub(super) async fn list(&self) -> Result<Vec<Kept>> {
        let root = self.0.clone();
        run(root.clone(), move || {
            let mut found = vec![];
            for owner in entries(&root)? {
                for prefix in entries(&owner)? {
                    for file in entries(&prefix)? {
                        let place = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                        if let Some((owner, hash)) = at(&place) {
                            found.push(Kept { owner, hash, written: fs::metadata(&file)?.modified()? });
                        }
                    }
                }
            }
            Ok(found)
        })
        .await
    }
}

/// What a folder holds; nothing when it is a file, or is not there.
fn entries(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    match fs::read_dir(path) {
        Ok(all) => all.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(vec![]),
        Err(error) => Err(error),
    }
}

async fn run<T: Send + 'static>(
    path: PathBuf,
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    done.map_err(|error| Error::internal(format!("FILES_DIR: {}: {error}", path.display())))
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
