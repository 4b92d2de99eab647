//! When the operator's commands last did their work. They run beside the service, so what they did is told in the
//! database, where every process sees it; nothing of it enters the audit.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tracing::warn;

use super::{app::App, db::Db, error::Result};

/// What is done beside the service, again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upkeep {
    /// A backup that is whole.
    Backup,
    /// A verification, whatever it found.
    Verify,
}

impl Upkeep {
    /// Its name in the table and in the figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Verify => "verify",
        }
    }
}

/// The last time, as the table has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// When it ended.
    pub done_at: DateTime<Utc>,
    /// How many faults it found.
    pub faults: u64,
}

/// Note that this was done now. What was done stands even if it cannot be noted: that is told in the log.
pub async fn done(app: &App, what: Upkeep, faults: usize) {
    if let Err(error) = note(&app.db, what, app.now(), faults).await {
        warn!("The {} was done but could not be noted: {error}", what.name());
    }
}

async fn note(db: &Db, what: Upkeep, now: DateTime<Utc>, faults: usize) -> Result<()> {
    let sql = match db.backend() {
        DbBackend::Postgres => {
            "INSERT INTO upkeep (what, done_at, faults) VALUES ($1, $2, $3) \
             ON CONFLICT (what) DO UPDATE SET done_at = excluded.done_at, faults = excluded.faults"
        }
        _ => {
            "INSERT INTO upkeep (what, done_at, faults) VALUES (?, ?, ?) \
             ON CONFLICT (what) DO UPDATE SET done_at = excluded.done_at, faults = excluded.faults"
        }
    };
    let faults = i64::try_from(faults).unwrap_or(i64::MAX);
    let values = [what.name().into(), now.timestamp().into(), faults.into()];
    db.writer().execute_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await?;
    Ok(())
}

/// What was last done; nothing when it never was.
pub async fn last(db: &Db) -> Result<Vec<(String, Last)>> {
    let select = Statement::from_string(db.backend(), "SELECT what, done_at, faults FROM upkeep");
    let rows = db.reader().query_all_raw(select).await?;
    rows.into_iter()
        .map(|row| {
            let faults: i64 = row.try_get("", "faults")?;
            let done_at = DateTime::from_timestamp(row.try_get("", "done_at")?, 0).unwrap_or_default();
            Ok((row.try_get("", "what")?, Last { done_at, faults: faults.unsigned_abs() }))
        })
        .collect()
}
