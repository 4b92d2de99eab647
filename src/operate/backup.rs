//! A hot copy: the database first, in one snapshot, then the files that it names. Files are written before the rows that
//! name them, so every file that the snapshot names is there when the files are copied.
//!
//! No table and no set of files is ever held in memory. Everything is hashed while it is written, and the database is asked
//! what is wrong with what was copied.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use futures_util::TryStreamExt as _;
use sea_orm::{
    AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, Statement, StreamTrait as _, TransactionTrait,
};

use tracing::warn;

use super::manifest::{self, Counted, Entry, Manifest};
use crate::{
    config::Settings,
    platform::{
        app::App,
        audit::sha256,
        blob::{Named, named},
        disk,
        error::{Error, Result},
        integrity,
        schema::{self, Standing},
        upkeep::{self, Upkeep},
    },
    start,
};

/// Lines of a table are written when so many bytes are waiting.
const PIECE: usize = 1 << 18;

/// What was taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    /// Files of the store.
    pub files: usize,
    /// Rows of the database.
    pub rows: u64,
    /// Files that rows name and that are missing from the store, or altered in it.
    pub lacking: Vec<String>,
    /// What the database says is wrong with it: its copy has the same faults.
    pub faults: Vec<String>,
    /// The digest of the manifest: whoever has noted it elsewhere knows this backup again.
    pub digest: String,
}

/// Back up as the settings say.
pub async fn backup(settings: Settings, to: PathBuf) -> Result<()> {
    let app = start::app(settings).await?;
    let taken = backup_of(&app, &to).await;
    app.db.close().await?;
    let Taken { files, rows, lacking, mut faults, digest } = taken?;
    println!("{}: {rows} row(s) and {files} file(s); manifest {digest}", to.display());
    faults
        .extend(lacking.iter().map(|hash| format!("file {hash}: is missing or was altered, it is not in the backup")));
    if faults.is_empty() {
        return Ok(());
    }
    // What is damaged is better saved as it is than lost; whoever runs this each night must hear of it.
    Err(Error::Internal(format!(
        "the backup was made, of what is damaged: {} fault(s)\n{}",
        faults.len(),
        faults.join("\n")
    )))
}

/// Copy the database and the files of a running application into a new folder. One that cannot be finished is not left.
pub async fn backup_of(app: &App, to: &Path) -> Result<Taken> {
    let folder = to.to_owned();
    let made = disk::run(move || {
        if folder.exists() {
            return Err(std::io::Error::other("exists already: a backup goes to a new folder"));
        }
        disk::private_folder(&folder)
    });
    made.await.and_then(|made| made).map_err(|error| at(to, &error))?;
    let taken = take(app, to).await;
    if taken.is_err() {
        let folder = to.to_owned();
        if let Err(error) = disk::run(move || std::fs::remove_dir_all(folder)).await.and_then(|gone| gone) {
            warn!("{}: an unfinished backup is left: {error}", to.display());
        }
    }
    if taken.as_ref().is_ok_and(|taken| taken.faults.is_empty() && taken.lacking.is_empty()) {
        upkeep::done(app, Upkeep::Backup, 0).await;
    }
    taken
}

async fn take(app: &App, to: &Path) -> Result<Taken> {
    let kind = if app.db.backend() == DbBackend::Postgres { "postgres" } else { "sqlite" };
    let mut manifest = Manifest::new(kind, schema::instance(&app.db).await?, app.now(), vec![]);
    let mut entries = vec![];
    let named = match app.db.backend() {
        DbBackend::Postgres => dump(app, to, &mut manifest, &mut entries).await?,
        _ => copy(app, to, &mut manifest, &mut entries).await?,
    };
    for Named { owner, hash } in named {
        // What is missing or altered is told, and never passed off as a copy.
        let bytes = app.blobs.copy(owner, &hash).await?;
        let Some(bytes) = bytes.filter(|bytes| sha256(bytes) == hash) else {
            manifest.lacking.push(hash);
            continue;
        };
        let owner = owner.map_or_else(|| "common".to_owned(), |id| id.to_string());
        let path = format!("files/{owner}/{}/{hash}", &hash[..2]);
        let target = to.join(&path);
        let written = disk::run(move || {
            let mut file = Counted::new(&target)?;
            file.write_all(&bytes)?;
            file.place()
        });
        let digest = written.await.and_then(|written| written).map_err(|error| at(&to.join(&path), &error))?;
        entries.push(Entry { path, digest });
        manifest.files += 1;
    }
    let (files, rows) = (manifest.files as usize, manifest.tables.values().sum());
    let (lacking, faults) = (manifest.lacking.clone(), manifest.faults.clone());
    let folder = to.to_owned();
    // Last: a folder without its manifest is not a backup.
    let sealed = disk::run(move || manifest.seal(&folder, &entries)).await.and_then(|sealed| sealed);
    Ok(Taken { files, rows, lacking, faults, digest: sealed.map_err(|error| at(to, &error))? })
}

/// A SQLite database, whole, checked by the database itself.
async fn copy(app: &App, to: &Path, manifest: &mut Manifest, entries: &mut Vec<Entry>) -> Result<Vec<Named>> {
    let path = to.join("database.db");
    schema::copy(&app.db, &path).await?;
    let copied = integrity::read_only(&path).await?;
    manifest.faults = integrity::check(&copied).await?;
    manifest.migrations = Standing::of(&copied).await?.applied;
    for table in schema::tables(&copied).await? {
        let rows = integrity::rows(&copied, &table).await?;
        manifest.tables.insert(table, rows);
    }
    let named = named(&copied).await?;
    copied.close().await?;
    let read = path.clone();
    let digest = disk::run(move || manifest::digest_of(&read)).await.and_then(|read| read);
    entries.push(Entry { path: "database.db".into(), digest: digest.map_err(|error| at(&path, &error))? });
    Ok(named)
}

/// Every table of a PostgreSQL database as lines of JSON, in one read-only snapshot.
async fn dump(app: &App, to: &Path, manifest: &mut Manifest, entries: &mut Vec<Entry>) -> Result<Vec<Named>> {
    let snapshot =
        app.db.writer().begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?;
    manifest.migrations = Standing::of(&snapshot).await?.applied;
    manifest.faults = integrity::check(&snapshot).await?;
    for table in schema::tables(&snapshot).await? {
        let path = format!("tables/{table}.jsonl");
        let (digest, rows) = lines(&snapshot, &table, to.join(&path)).await?;
        entries.push(Entry { path, digest });
        manifest.tables.insert(table, rows);
    }
    let named = named(&snapshot).await?;
    snapshot.commit().await?;
    Ok(named)
}

/// One table, row by row.
async fn lines(snapshot: &DatabaseTransaction, table: &str, to: PathBuf) -> Result<(manifest::Digest, u64)> {
    let failed = |error: std::io::Error| at(&to, &error);
    let path = to.clone();
    let mut file = disk::run(move || Counted::new(&path)).await.and_then(|file| file).map_err(failed)?;
    let select = format!("SELECT row_to_json(t)::text AS line FROM \"{table}\" t");
    let mut rows = snapshot.stream_raw(Statement::from_string(DbBackend::Postgres, select)).await?;
    let (mut piece, mut count) = (String::new(), 0);
    loop {
        let row = rows.try_next().await?;
        let last = row.is_none();
        if let Some(row) = row {
            let line: String = row.try_get("", "line")?;
            piece.push_str(&line);
            piece.push('\n');
            count += 1;
        }
        if last || piece.len() >= PIECE {
            let full = std::mem::take(&mut piece);
            let written = disk::run(move || file.write_all(full.as_bytes()).map(|()| file));
            file = written.await.and_then(|written| written).map_err(failed)?;
        }
        if last {
            break;
        }
    }
    let digest = disk::run(move || file.place()).await.and_then(|placed| placed).map_err(failed)?;
    Ok((digest, count))
}

/// A file error, with its place.
pub(super) fn at(path: &Path, error: &std::io::Error) -> Error {
    Error::Internal(format!("{}: {error}", path.display()))
}
