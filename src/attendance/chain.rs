//! Check a half-day's evidence: its entries of the audit, its rows against what they say, its signatures against their
//! digests.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{
    attendance_sheet, audit_entry, connection, late_mark, mark, mark_dispute, mark_evidence, presence_time,
    session_slot, trainer_mark, walk_in,
};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::evidence::{self, digest_of, network_digest};
use crate::platform::{
    access::Ctx,
    audit::{self, moment, sha256},
    calendar,
    error::Result,
    scope::Scope,
    seal::{Seals, check_some, of_half_days},
};

/// A piece of evidence and the entry of the audit that seals it.
#[derive(Debug, Clone, Object)]
pub struct ChainLink {
    /// The evidence.
    pub evidence_id: Uuid,
    /// Its digest.
    pub digest: String,
    /// The number of the entry that sealed it when it was written.
    pub entry_seq: Option<i64>,
    /// The hash of that entry.
    pub entry_hash: Option<String>,
    /// What became of its address, browser and device: « conservées », or « effacées le … ».
    pub network: String,
}

/// What checking a half-day found.
#[derive(Debug, Clone, Object)]
pub struct SlotChain {
    /// The half-day.
    pub slot_id: Uuid,
    /// When it was checked.
    pub checked_at: DateTime<Utc>,
    /// Entries of the audit about it, each recomputed.
    pub entries: i64,
    /// Rows (marks, signatures, late marks, sheet…) compared with what the entries say of them.
    pub rows: i64,
    /// The last entry about it.
    pub head_seq: Option<i64>,
    /// The hash of that entry.
    pub head_hash: Option<String>,
    /// Its signatures, in order.
    pub links: Vec<ChainLink>,
    /// What is wrong, one sentence each, naming the row or the entry; empty when all is as it was written.
    pub faults: Vec<String>,
}

/// How often a half-day is read while others write, before it is locked.
const TRIES: usize = 3;

/// Check a half-day: nobody wrote between two reads. Others write meanwhile; whoever meets a write each time locks it at
/// last. Nothing is changed.
pub async fn check(ctx: &mut Ctx, slot: Uuid) -> Result<SlotChain> {
    for _ in 0..TRIES {
        let scope = ctx.scope();
        let row = scope.get::<session_slot::Entity>(slot).await?;
        let seen = moment(&scope, row.activity_id).await?;
        let found = examine(&scope, &row, ctx.now()).await?;
        if moment(&scope, row.activity_id).await? == seen {
            return Ok(found);
        }
    }
    let tx = ctx.begin().await?;
    let slot = tx.lock::<session_slot::Entity>(slot).await?;
    examine(&tx.scope(), &slot, tx.now()).await
}

async fn examine(scope: &Scope<'_>, slot: &session_slot::Model, now: DateTime<Utc>) -> Result<SlotChain> {
    let (entries, mut faults) = audit::entries_about(scope, slot.activity_id, slot.id).await?;
    let mut seals = Seals::default();
    for entry in &entries {
        seals.read(entry);
    }
    let rows = compare(scope, slot.id, &mut seals, &mut faults).await?;
    faults.extend(seals.missing());
    let kept = evidence::of_slots(scope, &[slot.id]).await?;
    faults.extend(kept.iter().filter_map(fault_of));
    let sealed = sealed_by(&entries);
    let links = kept
        .iter()
        .map(|row| {
            let entry = sealed.get(&row.id);
            ChainLink {
                evidence_id: row.id,
                digest: row.digest.clone(),
                entry_seq: entry.map(|entry| entry.seq),
                entry_hash: entry.map(|entry| entry.hash.clone()),
                network: network_in_words(row),
            }
        })
        .collect();
    Ok(SlotChain {
        slot_id: slot.id,
        checked_at: now,
        entries: i64::try_from(entries.len()).unwrap_or(i64::MAX),
        rows,
        head_seq: entries.last().map(|entry| entry.seq),
        head_hash: entries.last().map(|entry| entry.hash.clone()),
        links,
        faults,
    })
}

async fn compare(scope: &Scope<'_>, slot: Uuid, seals: &mut Seals, faults: &mut Vec<String>) -> Result<i64> {
    let mut rows = 0;
    macro_rules! tables {
        ($($name:ident),*) => { $(
            rows += check_some::<$name::Entity>(scope, $name::Column::SlotId.eq(slot), seals, faults).await?;
        )* };
    }
    of_half_days!(tables);
    Ok(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// The entry that first sealed each piece of evidence.
pub(super) fn sealed_by(entries: &[audit_entry::Model]) -> HashMap<Uuid, &audit_entry::Model> {
    let mut found = HashMap::new();
    for entry in entries {
        let Some(serde_json::Value::Object(said)) =
            entry.seals.as_deref().and_then(|text| serde_json::from_str(text).ok())
        else {
            continue;
        };
        for id in said.keys().filter_map(|name| name.strip_prefix("mark_evidence/")?.parse::<Uuid>().ok()) {
            found.entry(id).or_insert(entry);
        }
    }
    found
}

/// What is wrong with a piece of evidence by itself: its digest, the digest of what it showed, of its network.
pub(super) fn fault_of(row: &mark_evidence::Model) -> Option<String> {
    let name = format!("mark_evidence {}", row.id);
    if digest_of(row) != row.digest {
        return Some(format!("{name}: its digest is not that of its contents"));
    }
    if sha256(&row.slot_facts) != row.slot_hash {
        return Some(format!("{name}: the half-day that was shown was altered"));
    }
    match (&row.network, &row.network_salt, row.network_erased_at) {
        (Some(network), Some(salt), None) => (network_digest(salt, network) != row.network_digest)
            .then(|| format!("{name}: its address, browser or device was altered")),
        (None, None, Some(_)) => None,
        _ => Some(format!("{name}: its address, browser and device are gone, and no erasure says so")),
    }
}

/// « effacées le 3 mars 2027 ».
pub(super) fn network_in_words(row: &mark_evidence::Model) -> String {
    match row.network_erased_at {
        Some(at) => format!("effacées le {}", calendar::date(calendar::local_day(at))),
        None => "conservées".into(),
    }
}
