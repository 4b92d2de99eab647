//! The connections: one writer and several readers on SQLite, one pool on PostgreSQL.
//!
//! No connection goes back to its pool, or begins a unit of work, with a transaction open: it is closed instead. After a
//! failed write SQLite rolls back by itself while its driver goes on counting a transaction; a unit that began on such a
//! connection would be a savepoint, acknowledged and never committed (docs/traps/sqlite-commit.md).

use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::{
        self, ConnectOptions as _, Connection, Executor,
        sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
    },
};
use tracing::warn;

mod failure;
mod held;
mod probe;
mod witness;

pub(super) use failure::meaning;
pub use failure::{DAMAGED, FULL, UNKNOWN, UNWRITABLE};
use held::Held;
pub(super) use witness::Witness;

/// The database, as the platform holds it.
#[derive(Clone)]
pub struct Db {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
    /// Sees what is committed, and waits for no other reader (SQLite).
    witness: DatabaseConnection,
    backend: DbBackend,
    /// The file that was opened (SQLite).
    file: Option<Held>,
    probe: probe::Probe,
    statements: Arc<AtomicU64>,
}

/// What a pool's connections are for (SQLite).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Reading,
    Writing,
}

/// How a pool of connections is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct PoolUse {
    /// Which one.
    pub name: &'static str,
    /// Connections that are open.
    pub open: u32,
    /// Those that nobody uses.
    pub idle: u32,
    /// The most that it opens.
    pub at_most: u32,
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
            // Once: a file that goes away while it is served is never replaced by an empty one.
            create(url).await.map_err(lost)?;
            let writer = Database::connect(sqlite(url, 1, how, Use::Writing)).await?;
            let reader = Database::connect(sqlite(url, how.connections.max(1), how, Use::Reading)).await?;
            let witness = Database::connect(sqlite(url, 1, how, Use::Reading)).await?;
            let file = Held::of(SqliteConnectOptions::from_str(url).map_err(lost)?.get_filename()).map_err(lost)?;
            return Ok(Self::counting(reader, writer, witness, DbBackend::Sqlite, Some(file)));
        }
        let pool = Database::connect(postgres(url, how.connections.max(2))).await?;
        // Whoever was committed waits for no connection that others hold.
        let witness = Database::connect(postgres(url, WITNESSES)).await?;
        Ok(Self::counting(pool.clone(), pool, witness, DbBackend::Postgres, None))
    }

    fn counting(
        mut reader: DatabaseConnection,
        mut writer: DatabaseConnection,
        witness: DatabaseConnection,
        backend: DbBackend,
        file: Option<Held>,
    ) -> Self {
        let statements = Arc::new(AtomicU64::new(0));
        for connection in [&mut reader, &mut writer] {
            let counted = statements.clone();
            connection.set_metric_callback(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
            });
        }
        Self { reader, writer, witness, backend, file, probe: probe::Probe::default(), statements }
    }

    /// How many statements were run since it was opened, what sees commits aside: a read asks the same number of
    /// questions, however many rows answer.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
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
        // What is written to a file that nobody finds again is acknowledged by nobody.
        if let Some(file) = &self.file {
            file.is_there().map_err(lost)?;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        // In a task of its own: whoever goes away in the middle of a BEGIN leaves no transaction that the driver does not
        // count; what was begun for nobody is dropped, hence rolled back.
        let writer = self.writer.clone();
        tokio::spawn(async move { writer.begin_with_options(options).await })
            .await
            .map_err(|ended| DbErr::Custom(ended.to_string()))?
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.ask(&Statement::from_string(self.backend, "SELECT 1")).await.map(|_| ())
    }

    /// How its pools are used now.
    pub(super) fn pools(&self) -> Vec<PoolUse> {
        let pool = |name, open: u32, idle: usize, at_most| PoolUse { name, open, idle: idle as u32, at_most };
        if self.backend == DbBackend::Postgres {
            return [("all", &self.writer), ("witness", &self.witness)]
                .map(|(name, of)| {
                    let of = of.get_postgres_connection_pool();
                    pool(name, of.size(), of.num_idle(), of.options().get_max_connections())
                })
                .into();
        }
        [("readers", &self.reader), ("writer", &self.writer)]
            .map(|(name, of)| {
                let of = of.get_sqlite_connection_pool();
                pool(name, of.size(), of.num_idle(), of.options().get_max_connections())
            })
            .into()
    }

    /// Close every connection, so that the file can be moved.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.reader.clone().close().await?;
        self.witness.clone().close().await?;
        self.writer.clone().close().await
    }
}

/// SQL with `?`, as the database numbers its parameters.
pub(super) fn numbered(backend: DbBackend, sql: &str) -> String {
    if backend != DbBackend::Postgres {
        return sql.to_owned();
    }
    let mut parts = sql.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.enumerate().fold(first, |out, (index, part)| format!("{out}${}{part}", index + 1))
}

/// Make the file of a database, unless it is there.
async fn create(url: &str) -> Result<(), sqlx::Error> {
    SqliteConnectOptions::from_str(url)?.create_if_missing(true).connect().await?.close().await
}

fn lost(error: impl Into<sqlx::Error>) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error.into())))
}

/// Connections that see commits (PostgreSQL), beside those of the pool: each is asked for the time of one answer.
const WITNESSES: u32 = 2;

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).sqlx_logging(false).test_before_acquire(false);
    options.acquire_timeout(Duration::from_secs(20));
    options.map_sqlx_postgres_pool_opts(|pool| {
        pool.after_release(|connection, _| Box::pin(std::future::ready(Ok(!connection.is_in_transaction()))))
    });
    options
}

fn sqlite(url: &str, connections: u32, how: Opening, purpose: Use) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).sqlx_logging(false).test_before_acquire(false);
    options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>).acquire_timeout(Duration::from_secs(20));
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(if how.durable { SqliteSynchronous::Full } else { SqliteSynchronous::Off })
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(how.foreign_keys)
            .statement_cache_capacity(256)
            .pragma("cache_size", "-8000")
            .pragma("mmap_size", "268435456")
            .pragma("temp_store", "memory")
            // Whatever is written goes through the one connection that is looked after.
            .pragma("query_only", if purpose == Use::Reading { "on" } else { "off" })
    });
    options.map_sqlx_sqlite_pool_opts(move |pool| match purpose {
        Use::Reading => {
            pool.after_release(|connection, _| Box::pin(std::future::ready(Ok(!connection.is_in_transaction()))))
        }
        Use::Writing => pool.after_release(|connection, _| settled(connection)),
    });
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        Box::pin(std::future::ready(Ok(!connection.is_in_transaction())))
    });
    options
}

/// Whether a connection may be used again: SQLite takes a `BEGIN`, hence has no transaction open, and the driver counts
/// none. Sent after whatever rollback still waits, and done in its order.
fn settled(connection: &mut SqliteConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    Box::pin(async move {
        let probed = connection.execute("BEGIN; ROLLBACK").await;
        let settled = probed.is_ok() && !connection.is_in_transaction();
        if !settled {
            warn!("A connection that was left within a transaction is closed: {probed:?}");
        }
        Ok(settled)
    })
}
