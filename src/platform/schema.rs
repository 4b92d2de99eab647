//! Bring a database to the present schema, and tell whether it is there.

use std::path::{Path, PathBuf};

use migration::{Migrator, sea_orm_migration::MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{
    clock::Ids,
    db::{Db, Opening},
    error::{Error, Result},
};

/// The file of a SQLite address.
pub fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

/// Migrations that are not applied yet.
pub async fn pending(db: &Db) -> Result<usize> {
    Ok(Migrator::get_pending_migrations(db.writer()).await?.len())
}

/// Apply every pending migration. A SQLite file is first copied beside itself (`.before-…`); two instances that start
/// together wait for each other. Answers how many were applied.
pub async fn migrate(url: &str, ids: &dyn Ids, now: chrono::DateTime<chrono::Utc>) -> Result<usize> {
    if let Some(parent) = file_of(url).as_deref().and_then(Path::parent).filter(|path| !path.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(|error| Error::internal(format!("{}: {error}", parent.display())))?;
    }
    let existed = file_of(url).is_some_and(|file| file.exists());
    let db = Db::open(url, Opening { connections: 2, durable: true, foreign_keys: false }).await?;
    let waiting = pending(&db).await?;
    if waiting == 0 {
        db.close().await?;
        return Ok(0);
    }
    let conn = db.writer();
    match db.backend() {
        DbBackend::Postgres => {
            // Two connections: the lock is held by the session of one, the migrations run on the other.
            let guard = Db::open(url, Opening { connections: 2, durable: true, foreign_keys: true }).await?;
            let held = guard.begin().await?;
            held.execute_unprepared("SELECT pg_advisory_xact_lock(4242000001)").await?;
            Migrator::up(conn, None).await?;
            held.commit().await?;
            guard.close().await?;
        }
        _ => {
            if existed && let Some(file) = file_of(url) {
                let copy = file.with_extension(format!("before-{}.db", now.format("%Y%m%d%H%M%S")));
                let into = Statement::from_sql_and_values(
                    DbBackend::Sqlite,
                    "VACUUM INTO ?",
                    [copy.display().to_string().into()],
                );
                conn.execute_raw(into).await?;
            }
            Migrator::up(conn, None).await?;
            let broken =
                conn.query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA foreign_key_check")).await?;
            if !broken.is_empty() {
                return Err(Error::internal(format!("{} rows lost their reference in the migration", broken.len())));
            }
        }
    }
    name_instance(&db, ids, now).await?;
    db.close().await?;
    Ok(waiting)
}

async fn name_instance(db: &Db, ids: &dyn Ids, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    let backend = db.backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "INSERT INTO instance (id, created_at) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM instance)"
        }
        _ => "INSERT INTO instance (id, created_at) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM instance)",
    };
    let values = [ids.new_id(now).to_string().into(), now.to_rfc3339().into()];
    db.writer().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// The name of this database, given when it was made.
pub async fn instance(db: &Db) -> Result<String> {
    let row = db.writer().query_one_raw(Statement::from_string(db.backend(), "SELECT id FROM instance")).await?;
    let row = row.ok_or_else(|| Error::internal("the database has no instance name: run `clairiere migrate`"))?;
    Ok(row.try_get("", "id")?)
}

/// Every table but the migrations' own, in an order in which references exist before the rows that name them
/// (PostgreSQL only).
pub async fn tables(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    let rows = conn
        .query_all_raw(Statement::from_string(
            DbBackend::Postgres,
            "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace \
             AND relname <> 'seaql_migrations' ORDER BY oid",
        ))
        .await?;
    rows.into_iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}
