//! The worker: takes due jobs, calls the feature, keeps attempts.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::platform::{app::App, error::Result};

/// Carry out what is due; answers how many jobs.
pub async fn run_due(_app: &App) -> Result<usize> {
    Ok(0)
}

/// Carry out what is due until told to stop.
pub async fn run_forever(_app: App, stop: Arc<Notify>) {
    stop.notified().await;
}
