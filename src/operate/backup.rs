//! A hot copy: the database first, in one snapshot, then the files. Files are written before the rows that name them, so
//! every file that the snapshot names is there when the files are copied.

use std::{
    fs,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use sea_orm::{AccessMode, ConnectionTrait, DbBackend, IsolationLevel, Statement, TransactionTrait};
use serde_json::json;

use crate::{
    config::Settings,
    platform::{
        app::App,
        blob::Kept,
        error::{Error, Result},
        schema,
    },
    start,
};

/// Back up as the settings say.
pub async fn backup(settings: Settings, to: PathBuf) -> Result<()> {
    let app = start::app(settings).await?;
    let files = backup_of(&app, &to).await?;
    println!("{}: database and {files} file(s)", to.display());
    app.db.close().await.map_err(Error::from)
}

/// Copy the database and the files of a running application into a new folder; answers how many files.
pub async fn backup_of(app: &App, to: &Path) -> Result<usize> {
    if to.exists() {
        return Err(Error::Internal(format!("{} exists already: a backup goes to a new folder", to.display())));
    }
    fs::create_dir_all(to).map_err(|error| at(to, &error))?;
    match app.db.backend() {
        DbBackend::Postgres => dump(app, to).await?,
        _ => {
            let file = to.join("database.db").display().to_string();
            let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [file.into()]);
            app.db.writer().execute_raw(copy).await?;
        }
    }
    let mut files = 0;
    for Kept { owner, hash, .. } in app.blobs.list().await? {
        // One that is gone since the list was made was named by no row.
        let Some(bytes) = app.blobs.copy(owner, &hash).await? else { continue };
        let owner = owner.map_or_else(|| "common".to_owned(), |id| id.to_string());
        let target = to.join("files").join(owner).join(&hash[..2]).join(&hash);
        fs::create_dir_all(target.parent().unwrap_or(to)).map_err(|error| at(&target, &error))?;
        fs::write(&target, bytes).map_err(|error| at(&target, &error))?;
        files += 1;
    }
    let manifest = json!({
        "product": "clairiere",
        "version": env!("CARGO_PKG_VERSION"),
        "database": if app.db.backend() == DbBackend::Postgres { "postgres" } else { "sqlite" },
        "instance": schema::instance(&app.db).await?,
        "taken_at": app.now(),
        "files": files,
    });
    // Last: a folder without its manifest is not a backup.
    fs::write(to.join("manifest.json"), format!("{manifest:#}\n")).map_err(|error| at(to, &error))?;
    Ok(files)
}

/// Every table as lines of JSON, in one read-only snapshot.
async fn dump(app: &App, to: &Path) -> Result<()> {
    let snapshot =
        app.db.writer().begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?;
    let folder = to.join("tables");
    fs::create_dir_all(&folder).map_err(|error| at(&folder, &error))?;
    for table in schema::tables(&snapshot).await? {
        let path = folder.join(format!("{table}.jsonl"));
        let file = fs::File::create(&path).map_err(|error| at(&path, &error))?;
        let mut lines = BufWriter::new(file);
        let select = format!("SELECT row_to_json(t)::text AS line FROM \"{table}\" t ORDER BY 1");
        for row in snapshot.query_all_raw(Statement::from_string(DbBackend::Postgres, select)).await? {
            let line: String = row.try_get("", "line")?;
            writeln!(lines, "{line}").map_err(|error| at(&path, &error))?;
        }
        lines.flush().map_err(|error| at(&path, &error))?;
    }
    snapshot.commit().await?;
    Ok(())
}

/// A file error, with its place.
pub(super) fn at(path: &Path, error: &std::io::Error) -> Error {
    Error::Internal(format!("{}: {error}", path.display()))
}
