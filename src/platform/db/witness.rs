//! A commit is acknowledged when the database itself tells that it holds it: what the unit of work wrote is read again,
//! after the commit, on another connection.
//!
//! The driver's word is not enough. After a failed write SQLite rolls back by itself while the driver goes on counting a
//! transaction, and the « commit » of the next unit may be the release of a savepoint that commits nothing
//! (docs/traps/sqlite-commit.md); PostgreSQL answers the commit of a broken transaction by a rollback, without an error; and a
//! connection that is lost at that very moment tells nothing at all.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};
use tracing::{error, warn};
use uuid::Uuid;

use super::{
    Db,
    failure::{self, Failure, UNKNOWN},
};
use crate::platform::error::Result;

/// How long the database is asked again when it does not answer, or when a lost connection may still be committing.
const PATIENCE: [u64; 5] = [20, 80, 400, 1_000, 2_000];

/// How long one answer may take: with the pauses between six of them, whoever waits is told in half a minute at most.
const ANSWER: Duration = Duration::from_secs(4);

/// A row that is there if, and only if, its unit of work was committed.
#[derive(Debug, Clone)]
pub(in crate::platform) enum Witness {
    /// The audit's entry of one of its acts.
    Entry(Uuid),
    /// The record of a request under its Idempotency-Key.
    Request {
        /// Who asked.
        principal: String,
        /// Under which key.
        key: String,
    },
    /// Nothing was written.
    Nothing,
}

impl Witness {
    fn question(&self, db: &Db) -> Option<Statement> {
        let ask = |sql: &str, values: Vec<Value>| {
            Some(Statement::from_sql_and_values(db.backend, super::numbered(db.backend, sql), values))
        };
        match self {
            Self::Entry(id) => ask("SELECT 1 FROM audit_entry WHERE id = ?", vec![(*id).into()]),
            Self::Request { principal, key } => ask(
                "SELECT 1 FROM idempotency WHERE principal = ? AND key = ?",
                vec![principal.clone().into(), key.clone().into()],
            ),
            Self::Nothing => None,
        }
    }
}

impl Db {
    /// Commit, and acknowledge only what another connection sees.
    pub(in crate::platform) async fn commit(&self, txn: DatabaseTransaction, witness: &Witness) -> Result<()> {
        let said = txn.commit().await;
        let (failed, may_yet_come) = match &said {
            Ok(()) => (None, false),
            Err(failure) => match failure::of(failure) {
                // The server may still be committing what it was told.
                Failure::Lost => (Some(failure), true),
                Failure::Unsynchronised | Failure::Unindexed => (Some(failure), false),
                _ => return said.map_err(Into::into),
            },
        };
        let Some(question) = witness.question(self) else {
            return failed.map_or(Ok(()), |failure| Err(unknown(failure)));
        };
        let mut told = self.ask(&question).await;
        for pause in PATIENCE {
            if told.as_ref().is_ok_and(|row| row.is_some() || !may_yet_come) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
            told = self.ask(&question).await;
        }
        match (told, failed) {
            (Ok(Some(_)), _) => Ok(()),
            (_, Some(failure)) => Err(unknown(failure)),
            (Err(failure), None) => Err(unknown(&failure)),
            (Ok(None), None) => {
                error!("The driver acknowledged a commit that the database does not hold");
                Err(UNKNOWN.into())
            }
        }
    }
}

impl Db {
    /// Ask the witness, who answers in its time or not at all.
    pub(super) async fn ask(&self, question: &Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        tokio::time::timeout(ANSWER, self.witness.query_one_raw(question.clone()))
            .await
            .unwrap_or_else(|_| Err(DbErr::Custom("the database did not answer in time".into())))
    }
}

fn unknown(failure: &DbErr) -> crate::platform::error::Error {
    warn!("The outcome of a commit is not known: {failure}");
    UNKNOWN.into()
}

#[cfg(test)]
mod tests {
    use sea_orm::TransactionTrait;

    use super::*;
    use crate::platform::{db::Opening, error::Error};

    /// A database with nothing but the records of requests, in a folder that vanishes with the test.
    struct Alone(Db, std::path::PathBuf);

    impl Drop for Alone {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.1).ok();
        }
    }

    async fn alone(name: &str) -> Alone {
        let folder = std::env::temp_dir().join(format!("clairiere-witness-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let url = format!("sqlite:{}", folder.join("alone.db").display());
        let db =
            Db::open(&url, Opening { connections: 1, durable: false, foreign_keys: true }).await.expect("it opens");
        run(db.writer(), "CREATE TABLE idempotency (principal TEXT, key TEXT)").await;
        Alone(db, folder)
    }

    async fn run(conn: &impl ConnectionTrait, sql: &str) {
        conn.execute_unprepared(sql).await.expect("the statement is taken");
    }

    fn request(key: &str) -> Witness {
        Witness::Request { principal: "p".into(), key: key.into() }
    }

    const WRITE: &str = "INSERT INTO idempotency VALUES ('p', 'k')";

    #[tokio::test]
    async fn a_commit_is_acknowledged_when_another_connection_sees_it() {
        let alone = alone("seen").await;
        let unit = alone.0.begin().await.expect("a unit begins");
        run(&unit, WRITE).await;
        assert!(alone.0.commit(unit, &request("k")).await.is_ok());
    }

    #[tokio::test]
    async fn a_commit_that_the_database_does_not_hold_is_not_acknowledged() {
        let alone = alone("unseen").await;
        let unit = alone.0.begin().await.expect("a unit begins");
        run(&unit, WRITE).await;
        // What SQLite does by itself after a failed write, then a transaction of which the unit knows nothing.
        run(&unit, "ROLLBACK; BEGIN").await;
        let told = alone.0.commit(unit, &request("k")).await;
        assert!(matches!(told, Err(Error::Unable(UNKNOWN))), "{told:?}");
    }

    #[tokio::test]
    async fn a_commit_that_only_releases_a_savepoint_is_not_acknowledged() {
        let alone = alone("nested").await;
        let outer = alone.0.begin().await.expect("a unit begins");
        let inner = outer.begin().await.expect("a savepoint");
        run(&inner, WRITE).await;
        let told = alone.0.commit(inner, &request("k")).await;
        assert!(matches!(told, Err(Error::Unable(UNKNOWN))), "{told:?}");
    }

    #[tokio::test]
    async fn a_connection_that_was_left_within_a_transaction_is_not_used_again() {
        let alone = alone("left").await;
        // Nobody ends it: the next unit would be nested, or refused.
        run(alone.0.writer(), "BEGIN").await;
        let unit = alone.0.begin().await.expect("a unit begins, on another connection");
        run(&unit, WRITE).await;
        assert!(alone.0.commit(unit, &request("k")).await.is_ok());
        // SQLite rolls back by itself; the driver counts a transaction that is not there.
        let unit = alone.0.begin().await.expect("a unit begins");
        run(&unit, "ROLLBACK").await;
        drop(unit);
        let unit = alone.0.begin().await.expect("a unit begins, on another connection");
        run(&unit, "INSERT INTO idempotency VALUES ('p', 'after')").await;
        assert!(alone.0.commit(unit, &request("after")).await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_went_away_is_told_and_no_empty_one_takes_its_place() {
        let alone = alone("gone").await;
        let file = alone.1.join("alone.db");
        std::fs::rename(&file, alone.1.join("elsewhere.db")).expect("it moves");
        let told = alone.0.begin().await.map(|_| ()).expect_err("nothing begins");
        assert!(matches!(failure::meaning(&told), Some(Error::Unable(failure::UNWRITABLE))), "{told}");
        // The connection that was left so is closed, and another is wanted: it makes no file either.
        run(alone.0.writer(), "BEGIN").await;
        assert!(alone.0.ping().await.is_ok() && alone.0.begin().await.is_err());
        assert!(!file.exists());
        std::fs::write(&file, "another").expect("it is written");
        assert!(alone.0.begin().await.is_err(), "another file has its name");
        std::fs::rename(alone.1.join("elsewhere.db"), &file).expect("it moves back");
        let unit = alone.0.begin().await.expect("a unit begins");
        run(&unit, WRITE).await;
        assert!(alone.0.commit(unit, &request("k")).await.is_ok());
    }

    /// PostgreSQL, when `TEST_DATABASE_URL` names a server.
    #[tokio::test]
    async fn a_commit_whose_connection_is_lost_is_not_acknowledged() {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return };
        let opening = Opening { connections: 3, ..Opening::default() };
        let server = server.trim_end_matches('/');
        let (over, name) =
            (Db::open(&format!("{server}/postgres"), opening).await, format!("clairiere_lost_{}", std::process::id()));
        let over = over.expect("the server takes connections");
        run(over.writer(), &format!("CREATE DATABASE {name}")).await;
        let db = Db::open(&format!("{server}/{name}"), opening).await.expect("it opens");
        run(db.writer(), "CREATE TABLE idempotency (principal TEXT, key TEXT)").await;
        let unit = db.begin().await.expect("a unit begins");
        run(&unit, WRITE).await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        run(db.writer(), end).await;
        let told = db.commit(unit, &request("k")).await;
        assert!(matches!(told, Err(Error::Unable(UNKNOWN))), "{told:?}");
        db.close().await.expect("it closes");
        run(over.writer(), &format!("DROP DATABASE {name}")).await;
        over.close().await.expect("it closes");
    }

    #[tokio::test]
    async fn who_reads_cannot_write() {
        let alone = alone("reader").await;
        assert!(alone.0.reader().execute_unprepared(WRITE).await.is_err());
    }
}
