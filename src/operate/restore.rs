//! Put a backup back, into an empty place only.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::Value;
use uuid::Uuid;

use super::backup::at;
use crate::{
    config::Settings,
    platform::{
        blob::Blobs,
        clock::{Clock, MachineClock, RandomIds},
        db::{Db, Opening},
        error::{Error, Result},
        schema,
    },
};

/// Rows per statement when a dump is read back.
const CHUNK: usize = 5_000;

/// Restore as the settings say.
pub async fn restore(settings: Settings, from: PathBuf) -> Result<()> {
    let manifest =
        fs::read_to_string(from.join("manifest.json")).map_err(|error| at(&from.join("manifest.json"), &error))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let kind = if settings.database_url.starts_with("sqlite:") { "sqlite" } else { "postgres" };
    if manifest["database"] != kind {
        return Err(Error::Internal(format!(
            "the backup was taken from {}, DATABASE_URL is {kind}: restore it where it came from",
            manifest["database"]
        )));
    }
    let blobs = Blobs::open(&settings)?;
    if !blobs.is_empty().await? {
        return Err(Error::Internal(format!("{} is not empty", blobs.said())));
    }
    if let Some(file) = schema::file_of(&settings.database_url) {
        if file.exists() {
            return Err(Error::Internal(format!("DATABASE_URL {} exists already", file.display())));
        }
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(|error| at(parent, &error))?;
        }
        fs::copy(from.join("database.db"), &file).map_err(|error| at(&file, &error))?;
    } else {
        load(&settings.database_url, &from.join("tables")).await?;
    }
    let files = files_back(&from.join("files"), &blobs).await?;
    println!("restored: database and {files} file(s); now run `clairiere verify`");
    Ok(())
}

/// Put the files of a backup back, each under its owner; one whose content is no longer its name is told.
async fn files_back(from: &Path, blobs: &Blobs) -> Result<usize> {
    let mut files = 0;
    for owner in entries(from) {
        let id: Option<Uuid> = owner.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        for file in entries(&owner).iter().flat_map(|prefix| entries(prefix)) {
            let bytes = fs::read(&file).map_err(|error| at(&file, &error))?;
            let hash = blobs.put(id, bytes).await?;
            if file.file_name().is_none_or(|name| name != hash.as_str()) {
                eprintln!(
                    "{}: was altered in the backup; `clairiere verify` will say which paper lacks it",
                    file.display()
                );
            }
            files += 1;
        }
    }
    Ok(files)
}

fn entries(path: &Path) -> Vec<PathBuf> {
    fs::read_dir(path).map(|all| all.flatten().map(|entry| entry.path()).collect()).unwrap_or_default()
}

async fn load(url: &str, folder: &Path) -> Result<()> {
    schema::migrate(url, &RandomIds, MachineClock.now()).await?;
    let db = Db::open(url, Opening::default()).await?;
    let conn = db.writer();
    let row = conn
        .query_one_raw(Statement::from_string(
            DbBackend::Postgres,
            "SELECT (SELECT COUNT(*) FROM activity) + (SELECT COUNT(*) FROM audit_entry) AS rows",
        ))
        .await?;
    if row.map_or(Ok(0), |row| row.try_get::<i64>("", "rows"))? > 0 {
        return Err(Error::Internal("the database of DATABASE_URL is not empty".into()));
    }
    let txn = conn.begin().await?;
    // What the migrations put there comes back from the backup.
    for table in schema::tables(&txn).await?.iter().rev() {
        txn.execute_unprepared(&format!("DELETE FROM \"{table}\"")).await?;
    }
    for table in schema::tables(&txn).await? {
        let path = folder.join(format!("{table}.jsonl"));
        let Ok(file) = fs::File::open(&path) else { continue };
        let lines: Vec<String> =
            BufReader::new(file).lines().collect::<std::io::Result<_>>().map_err(|error| at(&path, &error))?;
        // A replaced trainee names a later row: the whole table goes in one statement, whose end checks references.
        let chunk = if table == "enrolment" { lines.len().max(1) } else { CHUNK };
        for part in lines.chunks(chunk) {
            let sql =
                format!("INSERT INTO \"{table}\" SELECT * FROM json_populate_recordset(NULL::\"{table}\", $1::json)");
            let rows = format!("[{}]", part.join(","));
            txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [rows.into()])).await?;
        }
    }
    txn.commit().await?;
    db.close().await?;
    Ok(())
}
