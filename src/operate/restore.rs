//! Put a backup back, into an empty place only, once all of it was read and found as it was written.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Lines, Write as _},
    path::{Path, PathBuf},
};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionTrait};
use uuid::Uuid;

use super::{
    backup::at,
    manifest::{self, Counted, Entry, Manifest, Sound},
};
use crate::{
    config::Settings,
    platform::{
        blob::{Blobs, Named},
        clock::{Clock, MachineClock, RandomIds},
        db::{Db, Opening},
        disk,
        error::{Error, Result},
        integrity,
        schema::{self, Standing},
    },
};

/// Rows, and bytes, of a statement when a dump is read back.
const CHUNK: (usize, usize) = (2_000, 1 << 20);

/// Restore as the settings say.
pub async fn restore(settings: Settings, from: PathBuf) -> Result<()> {
    let sound = sound(&from).await?;
    let kind = if settings.database_url.starts_with("sqlite:") { "sqlite" } else { "postgres" };
    if sound.manifest.database != kind {
        return Err(Error::Internal(format!(
            "the backup was taken from {}, DATABASE_URL is {kind}: restore it where it came from",
            sound.manifest.database
        )));
    }
    let blobs = Blobs::open(&settings)?;
    if !blobs.is_empty().await? {
        return Err(Error::Internal(format!("{} is not empty", blobs.said())));
    }
    let url = &settings.database_url;
    match schema::file_of(url) {
        // The log of another database would be played into this one.
        Some(file) => {
            let beside = ["", "-wal", "-shm", "-journal"].map(|end| PathBuf::from(format!("{}{end}", file.display())));
            if let Some(there) = beside.iter().find(|path| path.exists()) {
                return Err(Error::Internal(format!("DATABASE_URL {} exists already", there.display())));
            }
        }
        None => empty(url, &sound.manifest).await?,
    }
    let mut put = vec![];
    let done = all(url, &from, &sound, &blobs, &mut put).await;
    if done.is_err() {
        // It was empty before: it is empty again, and the same restore may be tried again.
        for Named { owner, hash } in put {
            blobs.remove(owner, &hash, std::time::Duration::ZERO).await.ok();
        }
    }
    let name = done?;
    blobs.claim(&name, &[]).await?;
    let Manifest { tables, files, migrations, .. } = &sound.manifest;
    println!("restored: {} row(s) and {files} file(s); now run `clairiere verify`", tables.values().sum::<u64>());
    already(&sound.manifest);
    if !Standing::written(migrations.clone()).pending.is_empty() {
        println!("the backup is of an earlier version: run `clairiere migrate` first");
    }
    Ok(())
}

/// Read a whole backup and say whether it could be restored, without restoring it.
pub async fn check_backup(from: &Path) -> Result<()> {
    let manifest = sound(from).await?.manifest;
    let Manifest { database, version, taken_at, tables, files, .. } = &manifest;
    println!(
        "{}: {database}, version {version}, of {taken_at}: {} row(s) and {files} file(s), as they were written",
        from.display(),
        tables.values().sum::<u64>()
    );
    already(&manifest);
    Ok(())
}

/// What was wrong already when the backup was taken.
fn already(manifest: &Manifest) {
    for hash in &manifest.lacking {
        println!("file {hash} was lacking already when the backup was taken");
    }
    for fault in &manifest.faults {
        println!("{fault}: it was so already when the backup was taken");
    }
}

/// Every file of the backup is as it was written, and what is inside is what the manifest says.
async fn sound(from: &Path) -> Result<Sound> {
    let folder = from.to_owned();
    let sound = disk::run(move || manifest::read(&folder)).await.map_err(Error::internal)??;
    let standing = Standing::written(sound.manifest.migrations.clone());
    standing.not_newer()?;
    let mut faults = vec![];
    for Entry { path, digest } in &sound.entries {
        if path.starts_with("files/") && file_of(path).is_none_or(|Named { hash, .. }| hash != digest.sha256) {
            faults.push(format!("{path}: its content is not what its name says"));
        }
    }
    if sound.manifest.database == "sqlite" {
        let inside = integrity::read_only(&from.join("database.db")).await?;
        let known = &sound.manifest.faults;
        faults.extend(integrity::check(&inside).await?.into_iter().filter(|fault| !known.contains(fault)));
        if Standing::of(&inside).await?.applied != standing.applied {
            faults.push("database.db: its history is not the one of the manifest".into());
        }
        for (table, said) in &sound.manifest.tables {
            let found = integrity::rows(&inside, table).await?;
            if found != *said {
                faults.push(format!("database.db: {table} has {found} row(s) instead of {said}"));
            }
        }
        inside.close().await?;
    }
    if faults.is_empty() { Ok(sound) } else { Err(manifest::damaged(from, &faults)) }
}

/// The file of the store at a place of the backup: `files/OWNER/ab/abcd…`.
fn file_of(path: &str) -> Option<Named> {
    let mut parts = path.strip_prefix("files/")?.split('/');
    let (owner, _, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let owner = if owner == "common" { None } else { Some(owner.parse::<Uuid>().ok()?) };
    parts.next().is_none().then(|| Named { owner, hash: hash.to_owned() })
}

/// Files first, then the rows that name them; answers the new name of the database.
async fn all(url: &str, from: &Path, sound: &Sound, blobs: &Blobs, put: &mut Vec<Named>) -> Result<String> {
    for Entry { path, .. } in &sound.entries {
        let Some(named) = file_of(path) else { continue };
        let (owner, file) = (named.owner, from.join(path));
        let read = file.clone();
        let bytes = disk::run(move || std::fs::read(read)).await.and_then(|read| read);
        put.push(named);
        let hash = blobs.put(owner, bytes.map_err(|error| at(&file, &error))?).await?;
        if !path.ends_with(&hash) {
            put.push(Named { owner, hash });
            return Err(Error::Internal(format!("{path}: was altered while it was restored")));
        }
    }
    match schema::file_of(url) {
        Some(file) => copy(&file, from, sound).await,
        None => load(url, from, &sound.manifest).await,
    }
}

/// A SQLite database, whole; in its place under its own name only when it is finished.
async fn copy(file: &Path, from: &Path, sound: &Sound) -> Result<String> {
    let said = sound.entries.iter().find(|entry| entry.path == "database.db");
    let said = said.ok_or_else(|| Error::Internal("the backup holds no database.db".into()))?.digest.clone();
    let (source, target) = (from.join("database.db"), file.to_owned());
    let copied = disk::run(move || {
        let mut copy = Counted::new(&target)?;
        std::io::copy(&mut File::open(source)?, &mut copy)?;
        copy.flush()?;
        Ok(copy)
    });
    let copied = copied.await.and_then(|copied| copied).map_err(|error| at(file, &error))?;
    if copied.digest() != said {
        return Err(Error::Internal("database.db: was altered while it was restored".into()));
    }
    let db = Db::open(&format!("sqlite:{}", copied.at().display()), Opening::default()).await?;
    let named = schema::rename_instance(db.writer(), &RandomIds, MachineClock.now()).await;
    db.close().await?;
    let name = named?;
    // What could not be folded into the file when it was closed would stay behind.
    let folded = integrity::read_only(copied.at()).await?;
    let row = folded.query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT id FROM instance")).await?;
    folded.close().await?;
    let carried: Option<String> = row.map(|row| row.try_get("", "id")).transpose()?;
    if carried.as_ref() != Some(&name) {
        return Err(Error::Internal(format!("{}: its new name did not reach the disk", file.display())));
    }
    disk::run(move || copied.place()).await.and_then(|placed| placed).map_err(|error| at(file, &error))?;
    Ok(name)
}

/// Nobody's rows are in the database of PostgreSQL.
async fn empty(url: &str, manifest: &Manifest) -> Result<()> {
    let db = Db::open(url, Opening::default()).await?;
    let standing = Standing::of(db.writer()).await?;
    let mut rows = 0;
    if !standing.applied.is_empty() {
        for table in ["activity", "audit_entry", "user_account"] {
            rows += integrity::rows(db.writer(), table).await?;
        }
    }
    db.close().await?;
    if rows > 0 {
        return Err(Error::Internal("the database of DATABASE_URL is not empty".into()));
    }
    if !standing.applied.is_empty() && standing.applied != manifest.migrations {
        return Err(Error::Internal(
            "the schema of DATABASE_URL is not the one of the backup: restore into a database without tables".into(),
        ));
    }
    Ok(())
}

/// The rows of PostgreSQL, in one transaction. References are asked at its end: rows may refer to themselves, to later
/// ones and in a circle.
async fn load(url: &str, from: &Path, manifest: &Manifest) -> Result<String> {
    schema::make(url, &RandomIds, MachineClock.now(), &manifest.migrations).await?;
    let db = Db::open(url, Opening::default()).await?;
    let txn = db.writer().begin().await?;
    let done = rows(&txn, from, manifest).await;
    match done {
        Ok(_) => txn.commit().await?,
        // The database may have done so by itself: what matters is why.
        Err(_) => drop(txn.rollback().await),
    }
    let closed = db.close().await;
    let name = done?;
    closed?;
    Ok(name)
}

async fn rows(txn: &DatabaseTransaction, from: &Path, manifest: &Manifest) -> Result<String> {
    let tables = schema::tables(txn).await?;
    if !tables.iter().eq(manifest.tables.keys()) {
        return Err(Error::Internal("the tables of the backup are not those of its history".into()));
    }
    let references = references(txn).await?;
    for reference in &references {
        txn.execute_unprepared(&format!("{reference} DEFERRABLE INITIALLY DEFERRED")).await?;
    }
    // What the migrations put there comes back from the backup.
    let all: Vec<String> = tables.iter().map(|table| format!("\"{table}\"")).collect();
    txn.execute_unprepared(&format!("TRUNCATE {}", all.join(", "))).await?;
    for table in &tables {
        let said = manifest.tables.get(table).copied().unwrap_or_default();
        let found = table_back(txn, table, &from.join("tables").join(format!("{table}.jsonl"))).await?;
        if found != said {
            return Err(Error::Internal(format!("tables/{table}.jsonl: {found} row(s) instead of {said}")));
        }
    }
    txn.execute_unprepared("SET CONSTRAINTS ALL IMMEDIATE")
        .await
        .map_err(|broken| Error::Internal(format!("rows of the backup name rows that are not in it: {broken}")))?;
    for reference in &references {
        txn.execute_unprepared(&format!("{reference} NOT DEFERRABLE")).await?;
    }
    schema::rename_instance(txn, &RandomIds, MachineClock.now()).await
}

/// How each foreign key is altered; its owner may, no superuser is needed.
async fn references(txn: &DatabaseTransaction) -> Result<Vec<String>> {
    let keys = "SELECT format('ALTER TABLE %s ALTER CONSTRAINT %I', conrelid::regclass, conname) AS key \
        FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace";
    let keys = txn.query_all_raw(Statement::from_string(DbBackend::Postgres, keys)).await?;
    keys.into_iter().map(|row| Ok(row.try_get("", "key")?)).collect()
}

/// The lines of a table, a piece at a time; answers how many.
async fn table_back(txn: &DatabaseTransaction, table: &str, path: &Path) -> Result<u64> {
    let file = path.to_owned();
    let opened = disk::run(move || Ok(BufReader::new(File::open(file)?).lines())).await.and_then(|opened| opened);
    let mut lines = opened.map_err(|error| at(path, &error))?;
    let sql = format!("INSERT INTO \"{table}\" SELECT * FROM json_populate_recordset(NULL::\"{table}\", $1::json)");
    let mut count = 0;
    loop {
        let read = disk::run(move || piece(&mut lines).map(|piece| (piece, lines))).await.and_then(|read| read);
        let (piece, rest) = read.map_err(|error| at(path, &error))?;
        lines = rest;
        if piece.is_empty() {
            return Ok(count);
        }
        count += piece.len() as u64;
        let rows = format!("[{}]", piece.join(","));
        txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, &sql, [rows.into()]))
            .await
            .map_err(|refused| Error::Internal(format!("tables/{table}.jsonl: {refused}")))?;
    }
}

fn piece(lines: &mut Lines<BufReader<File>>) -> std::io::Result<Vec<String>> {
    let (mut piece, mut size) = (vec![], 0);
    while piece.len() < CHUNK.0 && size < CHUNK.1 {
        let Some(line) = lines.next().transpose()? else { break };
        size += line.len();
        piece.push(line);
    }
    Ok(piece)
}
