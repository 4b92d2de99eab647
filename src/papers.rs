//! Kind of paper → its content → its layout: one match, no `_`.

use chrono::{DateTime, NaiveDate, Utc};

pub mod blocks;

/// What an issued paper is stamped with, beside its content.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// Its number: `CNV-2026-0001`.
    pub reference: String,
    /// Its title, as lists show it.
    pub title: String,
    /// The day of its issue, in Paris.
    pub issued_on: NaiveDate,
    /// The instant of its issue.
    pub issued_at: DateTime<Utc>,
    /// Whether it must carry « SPÉCIMEN ».
    pub specimen: bool,
}
