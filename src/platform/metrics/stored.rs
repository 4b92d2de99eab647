//! What the database holds that somebody must look at: a fixed small number of queries, none of which reads what is done.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};

use crate::platform::{
    db::Db,
    error::Result,
    upkeep::{self, Last},
};

/// Jobs that are not done. The words of each `WHERE` are those of an index: PostgreSQL and SQLite then read only it.
const JOBS: &str = "SELECT state, COUNT(*) AS n, SUM(CASE WHEN due_at <= AT THEN 1 ELSE 0 END) AS due, \
                    MIN(due_at) AS oldest FROM outbox WHERE state IN ('ready', 'running') GROUP BY state \
                    UNION ALL SELECT 'dead', COUNT(*), 0, NULL FROM outbox WHERE state = 'dead'";
/// Mails that did not leave.
const MESSAGES: &str = "SELECT state, COUNT(*) AS n FROM message WHERE state IN ('ready', 'failed', 'unaddressed') \
                        GROUP BY state";
/// What a database of PostgreSQL takes; SQLite's files are measured on their disk.
const SIZE: &str = "SELECT pg_database_size(current_database()) AS n";

/// Figures of the database at an instant.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    /// Jobs that are not done, by state.
    pub jobs: Vec<(&'static str, i64)>,
    /// Those that are ready and whose time has come.
    pub due: i64,
    /// How long the oldest of those waits.
    pub age: Duration,
    /// Mails that did not leave, by state.
    pub messages: Vec<(&'static str, i64)>,
    /// What was last done beside the service.
    pub upkeep: Vec<(String, Last)>,
    /// What the database takes, when the database knows.
    pub bytes: Option<u64>,
}

/// Ask the database, at this instant.
pub(super) async fn look(db: &Db, now: DateTime<Utc>) -> Result<Stored> {
    let backend = db.backend();
    let place = if backend == DbBackend::Postgres { "$1" } else { "?" };
    let select = Statement::from_sql_and_values(backend, JOBS.replace("AT", place), [now.into()]);
    let rows = db.reader().query_all_raw(select).await?;
    let (mut due, mut age) = (0, Duration::ZERO);
    for row in &rows {
        if row.try_get::<String>("", "state")? == "ready" {
            due = row.try_get("", "due")?;
            let oldest: Option<DateTime<Utc>> = row.try_get("", "oldest")?;
            age = oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default();
        }
    }
    let jobs = counts(&rows, &["ready", "running", "dead"])?;
    let rows = db.reader().query_all_raw(Statement::from_string(backend, MESSAGES)).await?;
    let messages = counts(&rows, &["ready", "failed", "unaddressed"])?;
    let upkeep = upkeep::last(db).await?;
    let bytes = match backend {
        DbBackend::Postgres => {
            let row = db.reader().query_one_raw(Statement::from_string(backend, SIZE)).await?;
            row.map(|row| row.try_get::<i64>("", "n")).transpose()?.map(i64::unsigned_abs)
        }
        _ => None,
    };
    Ok(Stored { jobs, due, age, messages, upkeep, bytes })
}

/// How many in each state; none is told too, so that a figure never goes away.
fn counts(rows: &[QueryResult], states: &[&'static str]) -> Result<Vec<(&'static str, i64)>> {
    let mut found = vec![];
    for state in states {
        let mut count = 0;
        for row in rows {
            if row.try_get::<String>("", "state")? == *state {
                count += row.try_get::<i64>("", "n")?;
            }
        }
        found.push((*state, count));
    }
    Ok(found)
}
