//! What the database itself says of its soundness: its pages, and the references between its rows.

use std::path::Path;

use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, Statement, TransactionTrait,
};

use super::{
    db::Db,
    error::Result,
    scope::{Conn, Reach, Scope},
};

/// Faults of one kind that are told; more of them say nothing more.
const TOLD: usize = 100;

/// Everything as it is at one instant: what is checked against something else must not change meanwhile.
pub struct Snapshot(DatabaseTransaction);

static EVERYTHING: Reach = Reach::Organisation;

impl Snapshot {
    /// Take one; nobody waits for it.
    pub async fn take(db: &Db) -> Result<Self> {
        let reader = db.reader();
        let snapshot = match db.backend() {
            DbBackend::Postgres => {
                reader.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?
            }
            _ => reader.begin().await?,
        };
        Ok(Self(snapshot))
    }

    /// For the platform's own statements.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.0
    }

    /// Reads of all tables, as the operator.
    pub fn scope(&self) -> Scope<'_> {
        Scope { conn: Conn::Tx(&self.0), reach: &EVERYTHING }
    }

    /// Let it go.
    pub async fn end(self) -> Result<()> {
        Ok(self.0.rollback().await?)
    }
}

/// A SQLite file that nobody writes (a copy, a backup), opened without touching it.
pub async fn read_only(file: &Path) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(format!("sqlite:{}", file.display()));
    options.max_connections(1).sqlx_logging(false);
    let file = file.to_owned();
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite.filename(&file).create_if_missing(false).read_only(true).immutable(true)
    });
    Ok(Database::connect(options).await?)
}

/// How many rows a table has.
pub async fn rows(conn: &impl ConnectionTrait, table: &str) -> Result<u64> {
    let count = format!("SELECT COUNT(*) AS rows FROM \"{table}\"");
    let row = conn.query_one_raw(Statement::from_string(conn.get_database_backend(), count)).await?;
    let rows: i64 = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// Everything that the database can check of itself; answers what is wrong, one sentence each. On PostgreSQL it is asked
/// within a transaction, which goes on whatever is found.
pub async fn check(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    match conn.get_database_backend() {
        DbBackend::Postgres => postgres(conn).await,
        _ => sqlite(conn).await,
    }
}

async fn sqlite(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    let mut faults = vec![];
    let pages = format!("PRAGMA integrity_check({TOLD})");
    for row in conn.query_all_raw(Statement::from_string(DbBackend::Sqlite, pages)).await? {
        let told: String = row.try_get("", "integrity_check")?;
        if told != "ok" {
            faults.push(format!("database: {told}"));
        }
    }
    let broken = "SELECT \"table\" AS child, parent, COUNT(*) AS rows FROM pragma_foreign_key_check GROUP BY 1, 2";
    for row in conn.query_all_raw(Statement::from_string(DbBackend::Sqlite, broken)).await? {
        let (child, parent): (String, String) = (row.try_get("", "child")?, row.try_get("", "parent")?);
        faults.push(references(row.try_get("", "rows")?, &child, &parent));
    }
    Ok(faults)
}

fn references(rows: i64, child: &str, parent: &str) -> String {
    format!("database: {rows} row(s) of {child} name a row of {parent} that is not there")
}

/// PostgreSQL checks its pages when they are read (where checksums are on) and its indexes by `amcheck`, where the
/// operator installed it and lets us. Its references hold unless somebody turned them off: each is asked again.
async fn postgres(conn: &impl ConnectionTrait) -> Result<Vec<String>> {
    let of = |sql: &str| Statement::from_string(DbBackend::Postgres, sql);
    let keys = "SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent, \
        string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND ') AS same, \
        string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND ') AS given \
        FROM pg_constraint c \
        CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k(here, there) \
        JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.here \
        JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.there \
        WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace \
        GROUP BY c.oid, c.conrelid, c.confrelid ORDER BY 1, 2";
    let mut faults = vec![];
    for key in conn.query_all_raw(of(keys)).await? {
        let text = |name: &str| key.try_get::<String>("", name);
        let (child, parent, same, given) = (text("child")?, text("parent")?, text("same")?, text("given")?);
        let broken = format!(
            "SELECT COUNT(*) AS rows FROM {child} c WHERE {given} AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE {same})"
        );
        let rows: i64 = conn.query_one_raw(of(&broken)).await?.map_or(Ok(0), |row| row.try_get("", "rows"))?;
        if rows > 0 {
            faults.push(references(rows, &child, &parent));
        }
    }
    let allowed = "SELECT 1 AS one FROM pg_proc WHERE proname = 'bt_index_check' AND pronargs = 2 \
        AND has_function_privilege(oid, 'EXECUTE') AND pg_function_is_visible(oid)";
    if conn.query_one_raw(of(allowed)).await?.is_some() {
        let indexes = "SELECT i.indexrelid::regclass::text AS name FROM pg_index i \
            JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam \
            WHERE a.amname = 'btree' AND c.relnamespace = current_schema()::regnamespace AND i.indisvalid";
        for index in conn.query_all_raw(of(indexes)).await? {
            let name: String = index.try_get("", "name")?;
            let check = format!("SELECT 1 AS one FROM bt_index_check('{name}'::regclass, true)");
            conn.execute_unprepared("SAVEPOINT looked").await?;
            if let Err(told) = conn.query_one_raw(of(&check)).await {
                conn.execute_unprepared("ROLLBACK TO SAVEPOINT looked").await?;
                faults.push(format!("database: index {name}: {told}"));
            }
        }
    }
    faults.truncate(TOLD);
    Ok(faults)
}
