//! What the machine tells: memory and open files of the process, room on the disks, the size of a database in a file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::standing;
use crate::{config::Settings, platform::schema};

/// A folder that must never be full.
#[derive(Debug, Clone)]
pub(super) struct Place {
    of: &'static str,
    folder: PathBuf,
    file: Option<PathBuf>,
}

/// The disk that holds something.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    /// What it holds.
    pub of: &'static str,
    /// Bytes that the service may still write.
    pub free: u64,
    /// Its size in bytes.
    pub size: u64,
}

/// What was measured; what this system does not tell is left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Measured {
    /// Resident memory, in bytes.
    pub memory: Option<u64>,
    /// Open files and sockets.
    pub files_open: Option<u64>,
    /// Those of them that are sockets.
    pub sockets: Option<u64>,
    /// The most there may be.
    pub files_at_most: Option<u64>,
    /// Room on each disk.
    pub disks: Vec<Disk>,
    /// What the files of a SQLite database take.
    pub database: Option<u64>,
}

/// Where the service writes on this machine: a PostgreSQL server, a bucket and a mail server look after themselves.
pub(super) fn places(settings: &Settings) -> Vec<Place> {
    let mut places = vec![];
    if let Some(file) = schema::file_of(&settings.database_url) {
        let folder = file.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        places.push(Place { of: "database", folder, file: Some(file) });
    }
    if settings.files_url.is_none() {
        places.push(Place { of: "files", folder: settings.files_dir.clone(), file: None });
    }
    if settings.mail_url.is_none() {
        places.push(Place { of: "mail", folder: settings.mail_dir.clone(), file: None });
    }
    places
}

/// Measure now. Blocks as long as the disks do.
pub(super) fn measure(places: &[Place]) -> Measured {
    let disks = places.iter().filter_map(disk).collect();
    let database = places.iter().find_map(|place| place.file.as_deref()).map(|file| {
        let beside = ["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{}{end}", file.display())));
        beside.iter().filter_map(|path| fs::metadata(path).ok()).map(|found| found.len()).sum()
    });
    let open: Option<Vec<_>> = fs::read_dir("/proc/self/fd").ok().map(|all| all.flatten().collect());
    let is_socket = |file: &&fs::DirEntry| {
        fs::read_link(file.path()).is_ok_and(|target| target.as_os_str().as_encoded_bytes().starts_with(b"socket:"))
    };
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    Measured {
        memory: number_after(&status, "VmRSS:").map(|kilobytes| kilobytes * 1024),
        files_open: open.as_ref().map(|all| all.len() as u64),
        sockets: open.as_ref().map(|all| all.iter().filter(is_socket).count() as u64),
        files_at_most: number_after(&limits, "Max open files"),
        disks,
        database,
    }
}

fn disk(place: &Place) -> Option<Disk> {
    let found = rustix::fs::statvfs(standing(&place.folder)).ok()?;
    let (free, size) = (found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize));
    Some(Disk { of: place.of, free, size })
}

/// The first number of the line that begins so.
fn number_after(text: &str, begins: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(begins))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_and_the_process_tell_their_figures() {
        let settings = Settings { files_dir: std::env::temp_dir(), ..Settings::default() };
        let places = places(&settings);
        assert_eq!(places.iter().map(|place| place.of).collect::<Vec<_>>(), ["database", "files", "mail"]);
        let measured = measure(&places);
        assert_eq!(measured.disks.len(), 3);
        assert!(measured.disks.iter().all(|disk| disk.size > disk.free && disk.size > 0));
        if cfg!(target_os = "linux") {
            assert!(measured.memory.unwrap() > 1 << 20);
            let before = measured.sockets.unwrap();
            let _held: Vec<_> = (0..20).map(|_| std::net::UdpSocket::bind("127.0.0.1:0").unwrap()).collect();
            assert!(measure(&places).sockets.unwrap() >= before + 10, "others may close some meanwhile");
            assert!(measured.files_open.unwrap() > 2 && measured.files_at_most.unwrap() > 2);
        }
    }

    #[test]
    fn what_is_not_on_this_machine_has_no_disk_here() {
        let settings = Settings {
            database_url: "postgres://clairiere@db.example.org/clairiere".into(),
            files_url: Some("s3://key:secret@s3.example.org/papers".into()),
            mail_url: Some("smtps://mail.example.org".into()),
            ..Settings::default()
        };
        assert!(places(&settings).is_empty());
    }

    #[test]
    fn lines_of_the_kernel_are_read() {
        assert_eq!(number_after("Name:\tx\nVmRSS:\t    2048 kB\n", "VmRSS:"), Some(2048));
        assert_eq!(
            number_after("Max open files            1024                 4096    files", "Max open files"),
            Some(1024)
        );
        assert_eq!(
            number_after("Max open files            unlimited            4096    files", "Max open files"),
            None
        );
    }
}
