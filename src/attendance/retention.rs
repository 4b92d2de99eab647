//! Addresses, browsers and devices of signatures live shorter than the signatures: a rule erases them, visibly, and the
//! evidence still verifies because its digest covers only theirs.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::mark_evidence;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::events::Event;
use crate::{
    organisation::settings,
    platform::{access::Ctx, error::Result},
};

/// How many are erased in one go.
const BATCH: u64 = 200;

/// Erase what is older than the organisation keeps it, in the caller's activities; answers how many.
pub async fn forget_networks(ctx: &mut Ctx) -> Result<u64> {
    let mut erased = 0;
    loop {
        let some = forget_some(ctx).await?;
        erased += some;
        if some < BATCH {
            return Ok(erased);
        }
    }
}

async fn forget_some(ctx: &mut Ctx) -> Result<u64> {
    use mark_evidence::Column as C;
    let days = settings(&ctx.scope()).await?.network_retention_days;
    let before = ctx.now() - TimeDelta::days(i64::from(days));
    let due = ctx
        .scope()
        .find::<mark_evidence::Entity>()
        .filter(C::Network.is_not_null())
        .filter(C::SignedAt.lt(before))
        .ascending(C::Id)
        .limit(BATCH)
        .all()
        .await?;
    if due.is_empty() {
        return Ok(0);
    }
    let count = due.len() as u64;
    let mut by_slot: BTreeMap<Uuid, Vec<mark_evidence::Model>> = BTreeMap::new();
    for row in due {
        by_slot.entry(row.slot_id).or_default().push(row);
    }
    let mut tx = ctx.begin().await?;
    let now = tx.now();
    for (slot, rows) in by_slot {
        let Some(activity) = rows.first().map(|row| row.activity_id) else { continue };
        let mut act = tx.act(activity, Event::NetworkErased { slot }.into());
        for row in rows {
            act.update(row, |edit: &mut mark_evidence::ActiveModel| {
                edit.network = Set(None);
                edit.network_salt = Set(None);
                edit.network_erased_at = Set(Some(now));
            })
            .await?;
        }
    }
    tx.commit().await?;
    Ok(count)
}
