//! What a backup says of itself, and whether it is still true: every file with its size and its SHA-256, the rows of
//! each table, the history of the schema.
//!
//! `contents.jsonl` names every file; `manifest.json` has the digest of `contents.jsonl`; `manifest.json.sha256` that of
//! `manifest.json`. It finds damage, not a forger: keep backups where the service cannot write.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::platform::{
    audit::{hex, sha256},
    disk::{self, Draft},
    error::{Error, Result},
};

/// The manifest, written last: a folder without it is not a backup.
const MANIFEST: &str = "manifest.json";
/// Its own digest, in the format of `sha256sum`.
const SEAL: &str = "manifest.json.sha256";
/// Every other file, a line each.
const CONTENTS: &str = "contents.jsonl";
/// The layout of backups that this program writes and reads.
const FORMAT: u32 = 2;

/// A size and a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Digest {
    pub size: u64,
    pub sha256: String,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its place in the backup, with `/`.
    pub path: String,
    #[serde(flatten)]
    pub digest: Digest,
}

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub product: String,
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The name of the database that it was taken from.
    pub instance: String,
    pub taken_at: DateTime<Utc>,
    /// The history of its schema.
    pub migrations: Vec<String>,
    /// Rows of each table.
    pub tables: BTreeMap<String, u64>,
    /// How many files of the store are in it.
    pub files: u64,
    /// Files that rows name and that were missing or altered when it was taken.
    pub lacking: Vec<String>,
    /// What the database said was wrong with it when it was taken.
    pub faults: Vec<String>,
    pub contents: Digest,
}

impl Manifest {
    pub(super) fn new(database: &str, instance: String, taken_at: DateTime<Utc>, migrations: Vec<String>) -> Self {
        Self {
            product: "clairiere".into(),
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").into(),
            database: database.into(),
            instance,
            taken_at,
            migrations,
            tables: BTreeMap::new(),
            files: 0,
            lacking: vec![],
            faults: vec![],
            contents: Digest { size: 0, sha256: String::new() },
        }
    }

    /// Write it down, after every other file; answers its digest.
    pub(super) fn seal(mut self, to: &Path, entries: &[Entry]) -> io::Result<String> {
        let mut contents = Counted::new(&to.join(CONTENTS))?;
        for entry in entries {
            writeln!(contents, "{}", serde_json::to_string(entry)?)?;
        }
        self.contents = contents.place()?;
        let text = format!("{}\n", serde_json::to_string_pretty(&self)?);
        let digest = sha256(&text);
        disk::write(&to.join(SEAL), format!("{digest}  {MANIFEST}\n").as_bytes())?;
        disk::write(&to.join(MANIFEST), text.as_bytes())?;
        Ok(digest)
    }
}

/// A file that is counted and hashed while it is written.
pub(super) struct Counted {
    draft: Draft,
    size: u64,
    hash: Sha256,
}

impl Counted {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { draft: Draft::new(path)?, size: 0, hash: Sha256::new() })
    }

    /// Where it is while it is written.
    pub(super) fn at(&self) -> &Path {
        self.draft.at()
    }

    pub(super) fn digest(&self) -> Digest {
        Digest { size: self.size, sha256: hex(&self.hash.clone().finalize()) }
    }

    pub(super) fn place(self) -> io::Result<Digest> {
        let digest = self.digest();
        self.draft.place()?;
        Ok(digest)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.draft.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.draft.flush()
    }
}

/// Read a file through, a piece at a time.
pub(super) fn digest_of(path: &Path) -> io::Result<Digest> {
    let (mut file, mut hash, mut size) = (File::open(path)?, Sha256::new(), 0);
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(Digest { size, sha256: hex(&hash.finalize()) }),
            read => {
                hash.update(&piece[..read]);
                size += read as u64;
            }
        }
    }
}

/// A backup whose every file was read and found as it was written.
#[derive(Debug)]
pub(super) struct Sound {
    pub manifest: Manifest,
    /// The files of the store, and the database's own.
    pub entries: Vec<Entry>,
}

/// Read a whole backup and compare it with what it says of itself; every file that differs is named. Blocks.
pub(super) fn read(from: &Path) -> Result<Sound> {
    let mut faults = vec![];
    let read = |name: &str| {
        std::fs::read(from.join(name))
            .map_err(|error| Error::Internal(format!("{} is not a whole backup: {name}: {error}", from.display())))
    };
    let (text, seal) = (read(MANIFEST)?, read(SEAL)?);
    if seal != format!("{}  {MANIFEST}\n", sha256(&text)).into_bytes() {
        return Err(Error::Internal(format!(
            "{}: {MANIFEST} and {SEAL} do not agree: one of the two was altered",
            from.display()
        )));
    }
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| {
        Error::Internal(format!("{MANIFEST}: {error}: restore this backup with the version that made it"))
    })?;
    if manifest.product != "clairiere" || manifest.format != FORMAT {
        return Err(Error::Internal(format!(
            "{MANIFEST}: format {} of {}: restore this backup with the version that made it ({})",
            manifest.format, manifest.product, manifest.version
        )));
    }
    let contents = from.join(CONTENTS);
    match digest_of(&contents) {
        Ok(found) if found == manifest.contents => {}
        found => return Err(Error::Internal(differs(CONTENTS, &manifest.contents, found))),
    }
    let mut entries = vec![];
    for line in BufReader::new(File::open(&contents).map_err(Error::internal)?).lines() {
        entries.push(serde_json::from_str::<Entry>(&line.map_err(Error::internal)?)?);
    }
    for Entry { path, digest } in &entries {
        let found = place(from, path).and_then(|place| digest_of(&place));
        if !found.as_ref().is_ok_and(|found| found == digest) {
            faults.push(differs(path, digest, found));
        }
    }
    let mut known: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    known.extend([MANIFEST, SEAL, CONTENTS]);
    strangers(from, String::new(), &known, &mut faults).map_err(Error::internal)?;
    let files = entries.iter().filter(|entry| entry.path.starts_with("files/")).count() as u64;
    if files != manifest.files {
        faults.push(format!("{CONTENTS}: names {files} files of the store, {MANIFEST} counts {}", manifest.files));
    }
    if faults.is_empty() { Ok(Sound { manifest, entries }) } else { Err(damaged(from, &faults)) }
}

/// What is wrong with a backup, one line each.
pub(super) fn damaged(from: &Path, faults: &[String]) -> Error {
    let shown: Vec<&str> = faults.iter().take(200).map(String::as_str).collect();
    Error::Internal(format!(
        "{} was damaged, nothing was restored: {} fault(s)\n{}",
        from.display(),
        faults.len(),
        shown.join("\n")
    ))
}

/// A place inside the backup, wherever the list was written.
pub(super) fn place(from: &Path, path: &str) -> io::Result<PathBuf> {
    let inside =
        !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'));
    if inside { Ok(from.join(path)) } else { Err(io::Error::other("its place is outside the backup")) }
}

fn differs(path: &str, said: &Digest, found: io::Result<Digest>) -> String {
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("{path}: is missing"),
        Err(error) => format!("{path}: cannot be read: {error}"),
        Ok(found) if found.size != said.size => {
            format!("{path}: was altered: {} bytes instead of {}", found.size, said.size)
        }
        Ok(_) => format!("{path}: was altered"),
    }
}

/// Files that the backup does not name.
fn strangers(folder: &Path, under: String, known: &BTreeSet<&str>, faults: &mut Vec<String>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{under}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            strangers(&entry.path(), format!("{path}/"), known, faults)?;
        } else if !known.contains(path.as_str()) || entry.file_type()?.is_symlink() {
            faults.push(format!("{path}: is not of this backup"));
        }
    }
    Ok(())
}
