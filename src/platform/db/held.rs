//! The file of an SQLite database, as it was when it was opened: a disk that is unmounted or a file that is moved away leaves
//! connections that write to something that nobody finds again.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// A file, and which one it is.
#[derive(Debug, Clone)]
pub(super) struct Held {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Held {
    /// The file of this name, as it is now.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let found = fs::metadata(path)?;
        Ok(Self { path: path.to_owned(), device: found.dev(), inode: found.ino() })
    }

    /// An error, unless the name still means the file that was opened.
    pub(super) fn is_there(&self) -> io::Result<()> {
        let found = fs::metadata(&self.path)?;
        if (found.dev(), found.ino()) == (self.device, self.inode) {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::NotFound, "another file has the name of the database that was opened"))
    }
}
