//! The connections: one writer and several readers on SQLite, one pool on PostgreSQL.

use std::{sync::LazyLock, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::{
        self,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::error::Error;

/// The database, as the platform holds it.
#[derive(Clone)]
pub struct Db {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    backend: DbBackend,
}

/// How to open a database.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// Connections that read (SQLite), or in all (PostgreSQL).
    pub connections: u32,
    /// Whether a commit waits for the disk. Only tests say no.
    pub durable: bool,
    /// Whether SQLite checks foreign keys; migrations check them at their end instead.
    pub foreign_keys: bool,
}

impl Default for Opening {
    fn default() -> Self {
        Self { connections: 4, durable: true, foreign_keys: true }
    }
}

impl Db {
    /// Open by address: `sqlite:path` or `postgres://…`.
    pub async fn open(url: &str, how: Opening) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let writer = Database::connect(sqlite(url, 1, how)).await?;
            let reader = Database::connect(sqlite(url, how.connections.max(1), how)).await?;
            return Ok(Self { reader, writer, backend: DbBackend::Sqlite });
        }
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(how.connections.max(2))
            .min_connections(1)
            .sqlx_logging(false)
            .test_before_acquire(false);
        options.acquire_timeout(Duration::from_secs(20));
        let pool = Database::connect(options).await?;
        Ok(Self { reader: pool.clone(), writer: pool, backend: DbBackend::Postgres })
    }

    /// Which of the two it is.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// For reads outside a transaction.
    pub(super) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// For the platform's own statements and for migrations.
    pub fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Begin to write: at once the only writer on SQLite, READ COMMITTED on PostgreSQL.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        self.writer.begin_with_options(options).await
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.query_one_raw(Statement::from_string(self.backend, "SELECT 1")).await.map(|_| ())
    }

    /// Close every connection, so that the file can be moved.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.reader.clone().close().await?;
        self.writer.clone().close().await
    }
}

fn sqlite(url: &str, connections: u32, how: Opening) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).sqlx_logging(false).test_before_acquire(false);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>).acquire_timeout(Duration::from_secs(20));
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(if how.durable { SqliteSynchronous::Full } else { SqliteSynchronous::Off })
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(how.foreign_keys)
            .statement_cache_capacity(256)
            .pragma("cache_size", "-8000")
            .pragma("mmap_size", "268435456")
            .pragma("temp_store", "memory")
    });
    options
}

/// Whether an error passes by itself: the connection is lost, the pool is exhausted, another process writes (SQLite), or
/// the database chose this transaction to end a ring of waits. Nothing was committed.
pub(super) fn passes(error: &DbErr) -> bool {
    let cause = match error {
        DbErr::ConnectionAcquire(_) => return true,
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause)) => cause,
        _ => return false,
    };
    match &**cause {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // PostgreSQL: deadlock, serialization, lock not available; shutting down, starting up, too many connections.
            Some("40P01" | "40001" | "55P03" | "57P01" | "57P02" | "57P03" | "53300") => true,
            // SQLite: busy, busy snapshot, locked.
            Some("5" | "517" | "6" | "262") => true,
            _ => false,
        },
        _ => false,
    }
}

/// A broken constraint, as a refusal: the same on both databases.
///
/// SQLite names the columns (`UNIQUE constraint failed: client.activity_id, client.external_id`), PostgreSQL the
/// constraint (`uq_client__external_id`); the migrations' names make them say the same.
pub(super) fn constraint(error: &DbErr) -> Option<Error> {
    let (DbErr::Query(RuntimeErr::SqlxError(cause)) | DbErr::Exec(RuntimeErr::SqlxError(cause))) = error else {
        return None;
    };
    let sqlx::Error::Database(database) = &**cause else { return None };
    if database.is_unique_violation() {
        let (table, columns) = unique_of(database.constraint(), database.message())?;
        return Some(Error::refused(
            format!("{table}.{columns}_taken"),
            format!("Déjà pris : une autre ligne de « {table} » porte la même valeur de « {columns} »."),
            format!("Taken: another row of “{table}” has the same “{columns}”."),
        ));
    }
    // 1811: SQLite's RESTRICT, which the driver does not count as a foreign key violation.
    if database.is_foreign_key_violation() || database.code().as_deref() == Some("1811") {
        return Some(Error::refused(
            "in_use",
            "Cette ligne est utilisée ailleurs : elle ne peut pas être supprimée.",
            "This row is used elsewhere: it cannot be deleted.",
        ));
    }
    None
}

fn unique_of(constraint: Option<&str>, message: &str) -> Option<(String, String)> {
    static SQLITE: LazyLock<&str> = LazyLock::new(|| "UNIQUE constraint failed: ");
    if let Some(named) = constraint.and_then(|name| name.strip_prefix("uq_")) {
        let (table, columns) = named.split_once("__")?;
        return Some((table.to_owned(), columns.replace("__", "_")));
    }
    let list = message.split(*SQLITE).nth(1)?;
    let mut table = "";
    let mut columns = vec![];
    for part in list.split(", ") {
        let (of, column) = part.trim().split_once('.')?;
        table = of;
        if column != "activity_id" {
            columns.push(column);
        }
    }
    Some((table.to_owned(), columns.join("_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_name_a_broken_constraint_alike() {
        let sqlite = unique_of(None, "UNIQUE constraint failed: client.activity_id, client.external_id");
        let postgres = unique_of(Some("uq_client__external_id"), "duplicate key value");
        assert_eq!(sqlite, Some(("client".into(), "external_id".into())));
        assert_eq!(sqlite, postgres);
    }
}
