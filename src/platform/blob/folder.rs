//! Files in a folder: of the machine, or a network mount that several instances share.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use tracing::warn;

use super::{Home, INSTANCE, Kept, Trouble, at};
use crate::platform::disk;

/// A folder that carries the name of its database.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// Write bytes at a place, unless they are there already; bytes that differ are mended.
    ///
    /// The folder's name is looked at before, so that nothing is written under a mount that went away, and after, so
    /// that nothing is acknowledged that went under it meanwhile.
    pub(super) async fn write(&self, home: Option<&Home>, place: String, bytes: Arc<[u8]>) -> Result<(), Trouble> {
        let (root, home) = (self.0.clone(), home.cloned());
        self.run(move || {
            let path = root.join(place);
            look(&root, home.as_ref())?;
            let there = fs::read(&path).is_ok_and(|found| *found == *bytes);
            // Renewed, so that whoever collects what no row names sees that somebody is about to name it.
            if !there || disk::renew(&path, SystemTime::now()).is_err() {
                disk::write(&path, &bytes)?;
            }
            look(&root, home.as_ref())
        })
        .await
    }

    /// The bytes at a place; none are missed while the folder is not the right one.
    pub(super) async fn read(&self, home: Option<&Home>, place: String) -> Result<Option<Vec<u8>>, Trouble> {
        let (root, home) = (self.0.clone(), home.cloned());
        self.run(move || match fs::read(root.join(place)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if missing(&error) => look(&root, home.as_ref()).map(|()| None),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// Whether the folder is the one of this database.
    pub(super) async fn look(&self, home: Option<&Home>) -> Result<(), Trouble> {
        let (root, home) = (self.0.clone(), home.cloned());
        self.run(move || look(&root, home.as_ref())).await
    }

    /// Delete a file that nobody wrote again for so long.
    pub(super) async fn remove(&self, home: Option<&Home>, place: String, age: Duration) -> Result<bool, Trouble> {
        let (root, home) = (self.0.clone(), home.cloned());
        self.run(move || {
            look(&root, home.as_ref())?;
            let path = root.join(place);
            let written = fs::metadata(&path)?.modified()?;
            // A clock that was put back makes nothing older than no time at all.
            let old = age.is_zero() || written.elapsed().is_ok_and(|past| past >= age);
            if old {
                fs::remove_file(&path)?;
            }
            Ok(old)
        })
        .await
    }

    pub(super) async fn is_empty(&self) -> Result<bool, Trouble> {
        let root = self.0.clone();
        self.run(move || Ok(!holds_a_file(&root)?)).await
    }

    pub(super) async fn list(&self, home: Option<&Home>) -> Result<Vec<Kept>, Trouble> {
        let (root, home) = (self.0.clone(), home.cloned());
        self.run(move || {
            look(&root, home.as_ref())?;
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

    /// What this program wrote there is for nobody else: told when it was.
    pub(super) async fn close_to_others(&self) -> Result<(), Trouble> {
        let root = self.0.clone();
        self.run(move || {
            match disk::close_to_others(&root) {
                Ok(true) => warn!("FILES_DIR {} was open to other users of the machine: closed", root.display()),
                Ok(false) => {}
                Err(error) => warn!("FILES_DIR {} is open to other users of the machine: {error}", root.display()),
            }
            Ok(())
        })
        .await
    }

    /// Delete what killed writers left.
    pub(super) async fn collect(&self) -> Result<usize, Trouble> {
        let root = self.0.clone();
        self.run(move || Ok(disk::collect(&root, true, disk::ABANDONED)?)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        disk::run(work).await?
    }
}

/// Whether the name that the folder carries is the one that is expected.
fn look(root: &Path, home: Option<&Home>) -> Result<(), Trouble> {
    let Some(home) = home else { return Ok(()) };
    match fs::read_to_string(root.join(INSTANCE)) {
        Ok(found) if found.trim() == home.0 => Ok(()),
        Ok(found) => Err(Trouble::Elsewhere(found.trim().to_owned())),
        Err(error) if missing(&error) => Err(Trouble::Absent),
        Err(error) => Err(error.into()),
    }
}

fn missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether there is a file, in folders or not: what a restore that failed leaves is empty.
fn holds_a_file(folder: &Path) -> io::Result<bool> {
    for path in entries(folder)? {
        if !fs::symlink_metadata(&path)?.is_dir() || holds_a_file(&path)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a folder holds; nothing when it is a file, or is not there.
fn entries(path: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(path) {
        Ok(all) => all.map(|entry| entry.map(|entry| entry.path())).collect(),
        Err(error) if missing(&error) => Ok(vec![]),
        Err(error) => Err(error),
    }
}
