//! Files on the machine's disk: the one way in which this program writes them.
//!
//! A file is written beside its place under another name, flushed, synced, renamed; then its folder is synced. So it is
//! there whole and stays there, or it is not there and the error is told: none is swallowed, a full disk least of all. It
//! is its owner's alone (0600, in folders of 0700), whatever the umask. What a killed writer left is collected later.
//!
//! Everything here blocks: call it through [`run`].

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, BufWriter, ErrorKind, IntoInnerError, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

/// How the name of a file that is being written ends.
const UNFINISHED: &str = ".partial";

/// No writer takes so long: what it left is nobody's any more.
pub const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Do something that blocks where it may.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

/// Write a file whole, or not at all.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = Draft::new(path)?;
    draft.write_all(bytes)?;
    draft.place()
}

/// A file that is being written; one that is dropped before it is placed leaves nothing.
#[derive(Debug)]
pub struct Draft {
    file: Option<BufWriter<File>>,
    at: PathBuf,
    path: PathBuf,
}

impl Draft {
    /// Begin to write what will be at this path; its folder is made.
    pub fn new(path: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let folder = parent(path);
        private_folder(folder)?;
        loop {
            let number = COUNT.fetch_add(1, Ordering::Relaxed);
            // Hidden: whoever reads the folder meanwhile meets no half of a file.
            let at = folder.join(format!(".{}-{number}{UNFINISHED}", std::process::id()));
            match private().create_new(true).open(&at) {
                Ok(file) => return Ok(Self { file: Some(BufWriter::new(file)), at, path: path.to_owned() }),
                // A process that was killed had this number before us.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is while it is written: another program (the database) may fill it.
    pub fn at(&self) -> &Path {
        &self.at
    }

    /// Put it in its place: it is on the disk when this returns.
    pub fn place(mut self) -> io::Result<()> {
        if let Some(file) = self.file.take() {
            file.into_inner().map_err(IntoInnerError::into_error)?.sync_all()?;
        }
        fs::rename(&self.at, &self.path)?;
        // From now on that name may be somebody else's: another machine has processes of the same number.
        self.at = PathBuf::new();
        sync_folder(parent(&self.path))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Err(ErrorKind::NotConnected.into()), |file| file.write(bytes))
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.at.as_os_str().is_empty() {
            fs::remove_file(&self.at).ok();
        }
    }
}

/// An empty file of one's own, unless there is one already: the database makes its companions with the same mode.
pub fn reserve(path: &Path) -> io::Result<()> {
    private_folder(parent(path))?;
    match private().create_new(true).open(path) {
        Ok(file) => file.sync_all(),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Make a folder, and those above it that are missing, for their owner alone.
pub fn private_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    private_folder(parent(path))?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Ok(()) => sync_folder(parent(path)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether others than the owner may open a file or a folder.
pub fn open_to_others(path: &Path) -> io::Result<bool> {
    Ok(wide(&fs::metadata(path)?.permissions()))
}

#[cfg(unix)]
fn wide(permissions: &Permissions) -> bool {
    std::os::unix::fs::PermissionsExt::mode(permissions) & 0o077 != 0
}

#[cfg(not(unix))]
fn wide(_: &Permissions) -> bool {
    false
}

/// Leave a file or a folder to its owner alone; answers whether others could open it.
pub fn close_to_others(path: &Path) -> io::Result<bool> {
    let permissions = fs::metadata(path)?.permissions();
    let open = wide(&permissions);
    #[cfg(unix)]
    if open {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, Permissions::from_mode(permissions.mode() & 0o700))?;
    }
    Ok(open)
}

/// Say that a file that is there was written now, and that it is on the disk with its name.
pub fn renew(path: &Path, now: SystemTime) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_modified(now)?;
    file.sync_all()?;
    sync_folder(parent(path))
}

/// Delete what killed writers left in a folder (and, when it is a tree of ours, below it), once it is as old as that;
/// answers how many files.
pub fn collect(folder: &Path, tree: bool, age: Duration) -> io::Result<usize> {
    let mut found = 0;
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(0),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            if tree {
                found += collect(&entry.path(), tree, age)?;
            }
        } else if entry.file_name().to_str().is_some_and(unfinished) {
            let written = entry.metadata().and_then(|metadata| metadata.modified());
            if written.is_ok_and(|written| written.elapsed().is_ok_and(|past| past >= age)) {
                fs::remove_file(entry.path())?;
                found += 1;
            }
        }
    }
    Ok(found)
}

/// Whether a name is that of a file that was being written: ours, and those of earlier versions.
fn unfinished(name: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if name.starts_with('.') && name.ends_with(".eml.tmp") {
        return true;
    }
    // The database leaves companions beside a file of its own.
    let name = ["-wal", "-shm", "-journal"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let Some(rest) = name.strip_suffix(UNFINISHED) else { return false };
    let Some((before, numbers)) = rest.rsplit_once('.') else { return false };
    let ours = before.is_empty() || (before.len() == 64 && before.bytes().all(|byte| byte.is_ascii_hexdigit()));
    ours && numbers.split_once('-').is_some_and(|(process, count)| digits(process) && digits(count))
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A name too must survive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("clairiere-disk-{name}-{}", std::process::id()))
    }

    #[cfg(unix)]
    fn mode(path: &Path) -> u32 {
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
    }

    #[test]
    fn a_file_is_there_whole_and_its_owners_alone() {
        let root = folder("whole");
        let path = root.join("a/b/letter.txt");
        write(&path, b"bonjour").unwrap();
        write(&path, b"bonsoir").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"bonsoir");
        assert_eq!(fs::read_dir(root.join("a/b")).unwrap().count(), 1, "nothing is left beside");
        #[cfg(unix)]
        assert_eq!((mode(&path), mode(&root.join("a/b")), mode(&root.join("a"))), (0o600, 0o700, 0o700));
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn what_is_not_placed_leaves_nothing() {
        let root = folder("draft");
        let mut draft = Draft::new(&root.join("letter.txt")).unwrap();
        draft.write_all(b"bonj").unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0);
        fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn only_what_killed_writers_left_is_collected_once_it_is_old() {
        let root = folder("collect");
        let hash = "ab".repeat(32);
        let hash = format!("{hash}.12-0.partial");
        let left = [".12-0.partial", ".12-0.partial-wal", &hash, ".20260302-083000-x.eml.tmp"];
        let kept = ["mine.partial", ".profile", "notes.tmp", ".x-1.partial"];
        for name in left.into_iter().chain(kept) {
            write(&root.join("common/ab").join(name), b"half").unwrap();
        }
        assert_eq!(collect(&root, true, ABANDONED).unwrap(), 0, "somebody may be writing them");
        assert_eq!(collect(&root, true, Duration::ZERO).unwrap(), left.len());
        assert_eq!(fs::read_dir(root.join("common/ab")).unwrap().count(), kept.len());
        fs::remove_dir_all(&root).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_was_open_to_others_is_closed() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = folder("close");
        let path = root.join("clairiere.db");
        reserve(&path).unwrap();
        assert_eq!((mode(&path), close_to_others(&path).unwrap()), (0o600, false));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        assert!(close_to_others(&path).unwrap());
        assert_eq!(mode(&path), 0o600);
        fs::remove_dir_all(&root).unwrap();
    }
}
