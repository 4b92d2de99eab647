//! An entry of the audit, and what checking the chains found.

use chrono::{DateTime, Utc};
use entity::audit_entry::Model;
use poem_openapi::{Object, types::Any};
use serde_json::Value;
use uuid::Uuid;

use super::readers::keep_readable;
use crate::platform::{access::Ctx, audit::Checked, codes::stored, error::Result};

/// One act: who did what to what, when.
#[derive(Debug, Clone, Object)]
pub struct AuditEntry {
    /// Identifier.
    pub id: Uuid,
    /// The chain it belongs to: an activity's, or the organisation's.
    pub stream: String,
    /// Its place in the chain, without gaps; rows show it as their `seq`.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who acted.
    pub actor: String,
    /// On whose behalf, when it was not their own.
    pub behalf: Option<String>,
    /// The request that asked for it.
    pub request_id: Option<String>,
    /// The activity (tenant) in which it happened; absent for the organisation.
    pub activity_id: Option<Uuid>,
    /// What happened, a stable name.
    pub event: String,
    /// The kind of what it happened to.
    pub subject_kind: String,
    /// The identifier of what it happened to.
    pub subject_id: Option<Uuid>,
    /// The facts of the event.
    pub facts: Any<Value>,
    /// The rows that were written, before and after, of the tables that the key may read; absent once they were erased (RGPD
    /// art. 17).
    pub changes: Option<Any<Value>>,
    /// How many rows were written in tables that the key may not read.
    pub changes_withheld: u32,
    /// SHA-256 of the salted changes; it stays when they are erased.
    pub changes_digest: String,
    /// SHA-256 of this entry and of the one before it.
    pub hash: String,
    /// When the changes were erased.
    pub erased_at: Option<DateTime<Utc>>,
}

impl AuditEntry {
    /// An entry as a caller may see it.
    pub fn shown(ctx: &Ctx, row: Model) -> Result<Self> {
        let mut changes: Option<Value> = row.changes.as_deref().map(stored).transpose()?;
        let changes_withheld = changes.as_mut().map_or(0, |changes| keep_readable(ctx, changes));
        Ok(Self {
            id: row.id,
            stream: row.stream,
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            behalf: row.behalf,
            request_id: row.request_id,
            activity_id: row.activity_id,
            event: row.event,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            facts: Any(stored(&row.event_data)?),
            changes: changes.map(Any),
            changes_withheld,
            changes_digest: row.changes_digest,
            hash: row.hash,
            erased_at: row.erased_at,
        })
    }
}

/// What recomputing every hash of every chain found.
#[derive(Debug, Clone, Object)]
pub struct AuditReport {
    /// Chains that were read.
    pub streams: u64,
    /// Entries that were read.
    pub entries: u64,
    /// Rows that were compared with what the chains say of them: evidence (marks, signatures, late marks, sheets) column by
    /// column, the others by the acts that wrote or removed them.
    pub rows: u64,
    /// What is wrong, one sentence each, naming the chain and the entry; empty when all is well.
    pub faults: Vec<String>,
}

impl From<Checked> for AuditReport {
    fn from(checked: Checked) -> Self {
        let Checked { streams, entries, rows, counted, faults } = checked;
        Self { streams: streams as u64, entries, rows: rows + counted, faults }
    }
}
