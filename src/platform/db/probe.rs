//! Whether the database takes a write: tried for real, at most every ten seconds, whoever asks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::sync::Mutex;

use super::Db;
use crate::platform::error::{Error, Result};

/// How long a result serves.
const EVERY: Duration = Duration::from_secs(10);
/// How long a write may take before the database counts as busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// When the last try was, and what became of it.
type Last = Option<(Instant, Result<()>)>;

/// The last try, shared by whoever asks.
#[derive(Clone, Default)]
pub(super) struct Probe(Arc<Mutex<Last>>);

impl Db {
    /// Whether a write is taken: the result of a try that is ten seconds old at most.
    pub async fn takes_writes(&self) -> Result<()> {
        let mut last = self.probe.0.lock().await;
        if let Some((at, result)) = &*last
            && at.elapsed() < EVERY
        {
            return result.clone();
        }
        let tried = tokio::time::timeout(PATIENCE, self.try_to_write()).await.unwrap_or(Err(Error::Busy));
        *last = Some((Instant::now(), tried.clone()));
        tried
    }

    /// Write 8 kB: enough to need room on the disk.
    async fn try_to_write(&self) -> Result<()> {
        if let Some(file) = &self.file {
            file.is_there().map_err(super::lost)?;
        }
        // Random, so that PostgreSQL does not squeeze it into nothing.
        let filler = match self.backend {
            DbBackend::Postgres => "(SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 256))",
            _ => "hex(randomblob(4096))",
        };
        let sql = format!(
            "INSERT INTO write_probe (id, number, filler) VALUES (1, 1, {filler}) \
             ON CONFLICT (id) DO UPDATE SET number = write_probe.number + 1, filler = excluded.filler"
        );
        self.writer.execute_raw(Statement::from_string(self.backend, sql)).await?;
        Ok(())
    }
}
