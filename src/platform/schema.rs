//! Bring a database to the present schema, and tell whether it is there.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use migration::{Migrator, sea_orm_migration::MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use tracing::warn;

use super::{
    clock::Ids,
    db::{Db, Opening},
    disk,
    error::{Error, Result},
};

/// The file of a SQLite address.
pub fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
}

/// What the history of a database is, beside what this program knows of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Migrations that were applied, oldest first.
    pub applied: Vec<String>,
    /// Those that this program would apply.
    pub pending: Vec<String>,
    /// Those that it does not know: a newer version applied them.
    pub newer: Vec<String>,
}

impl Standing {
    /// How a database stands.
    pub async fn of(conn: &impl ConnectionTrait) -> Result<Self> {
        Self::among::<Migrator>(conn).await
    }

    async fn among<M: MigratorTrait>(conn: &impl ConnectionTrait) -> Result<Self> {
        let backend = conn.get_database_backend();
        let exists = match backend {
            DbBackend::Postgres => "SELECT 1 AS one WHERE to_regclass('seaql_migrations') IS NOT NULL",
            _ => "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        };
        let mut applied = vec![];
        // It is only read: whoever asks may have no right to make tables.
        if conn.query_one_raw(Statement::from_string(backend, exists)).await?.is_some() {
            let versions = "SELECT version FROM seaql_migrations ORDER BY version";
            for row in conn.query_all_raw(Statement::from_string(backend, versions)).await? {
                applied.push(row.try_get("", "version")?);
            }
        }
        Ok(Self::from(applied, &known::<M>()))
    }

    /// The same, of a history that was written down.
    pub fn written(applied: Vec<String>) -> Self {
        Self::from(applied, &known::<Migrator>())
    }

    fn from(applied: Vec<String>, known: &[String]) -> Self {
        let (had, knows): (BTreeSet<_>, BTreeSet<_>) = (applied.iter().collect(), known.iter().collect());
        let pending = known.iter().filter(|name| !had.contains(name)).cloned().collect();
        let newer = applied.iter().filter(|name| !knows.contains(name)).cloned().collect();
        Self { applied, pending, newer }
    }

    /// A program older than the schema touches nothing: it does not know what the rows mean.
    pub fn not_newer(&self) -> Result<()> {
        if self.newer.is_empty() {
            return Ok(());
        }
        Err(Error::Internal(format!(
            "the schema is newer than this program (version {}): it has {}; run the version that applied them, or a later one",
            env!("CARGO_PKG_VERSION"),
            self.newer.join(", ")
        )))
    }

    /// The schema is the one that this program knows, neither older nor newer.
    pub fn present(&self) -> Result<()> {
        self.not_newer()?;
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(Error::Internal(format!(
            "the database lacks {} migration(s): run `clairiere migrate`, or serve with --migrate",
            self.pending.len()
        )))
    }
}

fn known<M: MigratorTrait>() -> Vec<String> {
    M::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// Migrations that are not applied yet; a schema that is newer than this program is an error.
pub async fn pending(db: &Db) -> Result<usize> {
    let standing = Standing::of(db.reader()).await?;
    standing.not_newer()?;
    Ok(standing.pending.len())
}

/// Open a database that is there and whose schema is the present one: the door of every command but `migrate`. What was
/// open to others is closed.
pub async fn open(url: &str, how: Opening) -> Result<Db> {
    if let Some(file) = file_of(url) {
        let looked = file.clone();
        let there = disk::run(move || looked.exists().then(|| close(&looked)).is_some()).await;
        if !there.map_err(Error::internal)? {
            return Err(Error::Internal(format!(
                "DATABASE_URL: there is no database at {}: is a mount missing? `clairiere migrate` makes one",
                file.display()
            )));
        }
    }
    let db = Db::open(url, how).await?;
    match Standing::of(db.writer()).await.and_then(|standing| standing.present()) {
        Ok(()) => Ok(db),
        Err(refused) => {
            db.close().await?;
            Err(refused)
        }
    }
}

/// A SQLite database is its owner's alone, with its companions and its earlier copies.
fn close(file: &Path) {
    let beside = |end: &str| PathBuf::from(format!("{}{end}", file.display()));
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let copies = file.parent().into_iter().filter_map(|folder| folder.read_dir().ok()).flatten().flatten();
    let copies = copies.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(&format!("{stem}.before-")) && path.extension().is_some_and(|end| end == "db")
    });
    for path in [file.to_owned(), beside("-wal"), beside("-shm")].into_iter().chain(copies) {
        match disk::close_to_others(&path) {
            Ok(true) => warn!("{} was open to other users of the machine: closed", path.display()),
            Ok(false) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => warn!("{} is open to other users of the machine: {error}", path.display()),
        }
    }
}

/// Apply every pending migration, all or none. A SQLite file is first copied beside itself (`.before-…`); two instances
/// that start together wait for each other. Answers how many were applied.
pub async fn migrate(url: &str, ids: &dyn Ids, now: chrono::DateTime<chrono::Utc>) -> Result<usize> {
    bring::<Migrator>(url, ids, now, None).await
}

/// Make a schema from nothing, as far as a history that was written down goes.
pub async fn make(url: &str, ids: &dyn Ids, now: chrono::DateTime<chrono::Utc>, applied: &[String]) -> Result<usize> {
    if !known::<Migrator>().starts_with(applied) {
        return Err(Error::Internal("the history of that schema is not this program’s".into()));
    }
    let steps = u32::try_from(applied.len()).map_err(Error::internal)?;
    bring::<Migrator>(url, ids, now, Some(steps)).await
}

async fn bring<M: MigratorTrait>(
    url: &str,
    ids: &dyn Ids,
    now: chrono::DateTime<chrono::Utc>,
    steps: Option<u32>,
) -> Result<usize> {
    if let Some(file) = file_of(url) {
        let told = file.display().to_string();
        let made = disk::run(move || {
            disk::reserve(&file)?;
            close(&file);
            Ok(())
        });
        let made: std::io::Result<()> = made.await.and_then(|made| made);
        made.map_err(|error| Error::Internal(format!("DATABASE_URL: {told}: {error}")))?;
    }
    let db = Db::open(url, Opening { connections: 2, durable: true, foreign_keys: false }).await?;
    let done = apply::<M>(&db, url, ids, now, steps).await;
    db.close().await?;
    done
}

async fn apply<M: MigratorTrait>(
    db: &Db,
    url: &str,
    ids: &dyn Ids,
    now: chrono::DateTime<chrono::Utc>,
    steps: Option<u32>,
) -> Result<usize> {
    let standing = Standing::among::<M>(db.writer()).await?;
    standing.not_newer()?;
    if standing.pending.is_empty() {
        return Ok(0);
    }
    if !standing.applied.is_empty()
        && let Some(file) = file_of(url)
    {
        // Two processes, or two tries in one second, never write the same copy.
        let (at, id) = (now.format("%Y%m%d%H%M%S"), ids.new_id(now).simple().to_string());
        copy(db, &file.with_extension(format!("before-{at}-{}.db", &id[24..]))).await?;
    }
    let options = TransactionOptions {
        sqlite_transaction_mode: (db.backend() == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let txn = db.writer().begin_with_options(options).await?;
    match within::<M>(&txn, ids, now, steps).await {
        Ok(applied) => {
            txn.commit().await?;
            Ok(applied)
        }
        Err(refused) => {
            // The database may have done so by itself: what matters is why.
            if let Err(failed) = txn.rollback().await {
                warn!("The rollback of the migration failed too: {failed}");
            }
            Err(refused)
        }
    }
}

/// The migrations and what they must leave true, in one transaction: a start that was refused is refused again.
async fn within<M: MigratorTrait>(
    txn: &DatabaseTransaction,
    ids: &dyn Ids,
    now: chrono::DateTime<chrono::Utc>,
    steps: Option<u32>,
) -> Result<usize> {
    if txn.get_database_backend() == DbBackend::Postgres {
        txn.execute_unprepared("SELECT pg_advisory_xact_lock(4242000001)").await?;
    }
    // Another process may have been first.
    let waiting = Standing::among::<M>(txn).await?;
    waiting.not_newer()?;
    if waiting.pending.is_empty() {
        return Ok(0);
    }
    M::up(txn, steps).await?;
    if txn.get_database_backend() == DbBackend::Sqlite {
        let broken = Statement::from_string(DbBackend::Sqlite, "PRAGMA foreign_key_check");
        let broken = txn.query_all_raw(broken).await?.len();
        if broken > 0 {
            return Err(Error::internal(format!(
                "{broken} rows would lose their reference in the migration: nothing was changed"
            )));
        }
    }
    name_instance(txn, ids, now).await?;
    let left = Standing::among::<M>(txn).await?.pending.len();
    Ok(waiting.pending.len() - left)
}

/// The whole of a SQLite database, in one snapshot, in a new file.
pub async fn copy(db: &Db, to: &Path) -> Result<()> {
    let failed = |error: std::io::Error| Error::Internal(format!("{}: {error}", to.display()));
    let path = to.to_owned();
    let draft = disk::run(move || disk::Draft::new(&path)).await.and_then(|draft| draft).map_err(failed)?;
    let at = draft.at().display().to_string();
    let into = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [at.into()]);
    db.writer().execute_raw(into).await?;
    disk::run(move || draft.place()).await.and_then(|placed| placed).map_err(failed)
}

async fn name_instance(conn: &impl ConnectionTrait, ids: &dyn Ids, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "INSERT INTO instance (id, created_at) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM instance)"
        }
        _ => "INSERT INTO instance (id, created_at) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM instance)",
    };
    let values = [ids.new_id(now).to_string().into(), now.to_rfc3339().into()];
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}

/// Give a database another name: a copy that was restored elsewhere must not write into the store of the first.
pub async fn rename_instance(
    conn: &impl ConnectionTrait,
    ids: &dyn Ids,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<String> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "UPDATE instance SET id = $1",
        _ => "UPDATE instance SET id = ?",
    };
    let name = ids.new_id(now).to_string();
    conn.execute_raw(Statement::from_sql_and_values(backend, sql, [name.clone().into()])).await?;
    Ok(name)
}

/// The name of this database, given when it was made.
pub async fn instance(db: &Db) -> Result<String> {
    let row = db.writer().query_one_raw(Statement::from_string(db.backend(), "SELECT id FROM instance")).await?;
    let row = row.ok_or_else(|| Error::internal("the database has no instance name: run `clairiere migrate`"))?;
    Ok(row.try_get("", "id")?)
}

/// Every table but the migrations' own, in the order of their names.
pub async fn tables(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT relname::text AS name FROM pg_class WHERE relkind = 'r' \
             AND relnamespace = current_schema()::regnamespace AND relname <> 'seaql_migrations' ORDER BY 1"
        }
        _ => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name <> 'seaql_migrations' ORDER BY 1"
        }
    };
    let rows = conn.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.into_iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}

#[cfg(test)]
mod tests {
    use migration::sea_orm_migration::prelude::*;

    use super::*;
    use crate::platform::clock::RandomIds;

    /// A migration that is one statement.
    struct Sql(&'static str, &'static [&'static str]);

    impl MigrationName for Sql {
        fn name(&self) -> &str {
            self.0
        }
    }

    #[async_trait::async_trait]
    impl MigrationTrait for Sql {
        fn use_transaction(&self) -> Option<bool> {
            Some(true)
        }
        async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
            for statement in self.1 {
                manager.get_connection().execute_unprepared(statement).await?;
            }
            Ok(())
        }
    }

    const FIRST: Sql = Sql(
        "m1",
        &[
            "CREATE TABLE instance (id VARCHAR(36) NOT NULL, created_at VARCHAR(40) NOT NULL)",
            "CREATE TABLE parent (id INTEGER PRIMARY KEY)",
            "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id))",
            "INSERT INTO parent VALUES (1)",
            "INSERT INTO child VALUES (1, 1)",
        ],
    );
    const NEXT: Sql = Sql("m2", &["CREATE TABLE third (id INTEGER PRIMARY KEY)"]);
    const BREAKS: Sql = Sql("m3", &["DELETE FROM parent"]);

    macro_rules! history {
        ($name:ident: $($migration:expr),*) => {
            struct $name;
            #[async_trait::async_trait]
            impl MigratorTrait for $name {
                fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                    vec![$(Box::new($migration)),*]
                }
            }
        };
    }
    history!(Old: FIRST);
    history!(Now: FIRST, NEXT);
    history!(Broken: FIRST, NEXT, BREAKS);

    fn now() -> chrono::DateTime<chrono::Utc> {
        "2026-03-02T08:00:00Z".parse().unwrap()
    }

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("clairiere-schema-{name}-{}", std::process::id()))
    }

    fn copies(folder: &Path) -> usize {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains(".before-")).count()
    }

    #[tokio::test]
    async fn a_migration_that_loses_references_changes_nothing_however_often_it_is_tried() {
        let folder = folder("broken");
        let url = format!("sqlite:{}", folder.join("clairiere.db").display());
        assert_eq!(bring::<Old>(&url, &RandomIds, now(), None).await.unwrap(), 1);
        for tried in 1..=2 {
            let refused = bring::<Broken>(&url, &RandomIds, now(), None).await.unwrap_err().to_string();
            assert!(refused.contains("1 rows would lose their reference"), "{refused}");
            assert_eq!(copies(&folder), tried, "each try in the same second has its own copy");
        }
        let db = Db::open(&url, Opening::default()).await.unwrap();
        let standing = Standing::among::<Broken>(db.writer()).await.unwrap();
        assert_eq!(
            (standing.applied, standing.pending.len()),
            (vec!["m1".to_owned()], 2),
            "neither of the two is there"
        );
        db.close().await.unwrap();
        assert_eq!(bring::<Now>(&url, &RandomIds, now(), None).await.unwrap(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn a_program_older_than_the_schema_is_refused() {
        let folder = folder("newer");
        let url = format!("sqlite:{}", folder.join("clairiere.db").display());
        bring::<Now>(&url, &RandomIds, now(), None).await.unwrap();
        let refused = bring::<Old>(&url, &RandomIds, now(), None).await.unwrap_err().to_string();
        assert!(refused.contains("newer than this program") && refused.contains("m2"), "{refused}");
        let refused = open(&url, Opening::default()).await.err().unwrap().to_string();
        assert!(refused.contains("newer than this program"), "{refused}");
        assert_eq!(copies(&folder), 0);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_not_made_by_looking_at_it() {
        let folder = folder("none");
        let url = format!("sqlite:{}", folder.join("clairiere.db").display());
        let refused = open(&url, Opening::default()).await.err().unwrap().to_string();
        assert!(refused.contains("is a mount missing?"), "{refused}");
        assert!(!folder.exists());
    }
}
