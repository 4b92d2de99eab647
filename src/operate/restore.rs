//! Put a backup back, into an empty place only.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::Value;

use super::backup::at;
use crate::{
    config::Settings,
    platform::{
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
    let target = &settings.files_dir;
    if fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::Internal(format!("FILES_DIR {} is not empty", target.display())));
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
    let files = copy_folder(&from.join("files"), target)?;
    println!("restored: database and {files} file(s); now run `clairiere verify`");
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<usize> {
    let mut files = 0;
    let Ok(entries) = fs::read_dir(from) else { return Ok(0) };
    fs::create_dir_all(to).map_err(|error| at(to, &error))?;
    for entry in entries.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            files += copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(|error| at(&path, &error))?;
            files += 1;
        }
    }
    Ok(files)
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
