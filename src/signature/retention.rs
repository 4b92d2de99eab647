//! Addresses and browsers of signatures live shorter than the signatures: a rule erases them, visibly, and the evidence
//! still verifies because its digest covers only theirs.

use chrono::TimeDelta;
use entity::signature::{ActiveModel, Column, Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait};

use super::events::Event;
use crate::{
    organisation::settings,
    platform::{access::Ctx, error::Result},
};

/// How many are erased in one go; the others wait for the next.
const BATCH: u64 = 200;

/// Erase what is older than the organisation keeps it, in the caller's activities; answers how many.
pub async fn forget_networks(ctx: &mut Ctx) -> Result<u64> {
    let days = settings(&ctx.scope()).await?.network_retention_days;
    let before = ctx.now() - TimeDelta::days(i64::from(days));
    let due = ctx
        .scope()
        .find::<Entity>()
        .filter(Column::Network.is_not_null())
        .filter(Column::SignedAt.lt(before))
        .ascending(Column::Id)
        .limit(BATCH)
        .all()
        .await?;
    if due.is_empty() {
        return Ok(0);
    }
    let count = due.len() as u64;
    let mut tx = ctx.begin().await?;
    let now = tx.now();
    for row in due {
        tx.act(row.activity_id, Event::NetworkErased { request: row.request_id }.into())
            .update(row, |edit: &mut ActiveModel| {
                edit.network = Set(None);
                edit.network_salt = Set(None);
                edit.network_erased_at = Set(Some(now));
            })
            .await?;
    }
    tx.commit().await?;
    Ok(count)
}
