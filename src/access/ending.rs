//! Keys that end soon: their users are told, thirty days before and once more.

use chrono::{DateTime, Utc};
use entity::{api_key, user_account};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    events::Event,
    rules::{TOLD_BEFORE, must_tell},
};
use crate::platform::{access::Ctx, error::Result};

/// What a mail about the end of a key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// First and last name of its user.
    pub name: String,
    /// Their address.
    pub address: String,
    /// What the key is for.
    pub label: String,
    /// Its first characters.
    pub prefix: String,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Whether its successor lasts as long again.
    pub renewable: bool,
}

/// Note the keys whose end is to be told now: each act queues its mail. Answers how many.
pub async fn tell_ends(ctx: &mut Ctx) -> Result<usize> {
    use api_key::Column as K;
    let now = ctx.now();
    let soon = ctx
        .scope()
        .find::<api_key::Entity>()
        .filter(K::RevokedAt.is_null())
        .filter(K::ExpiresAt.gt(now))
        .filter(K::ExpiresAt.lte(now + TOLD_BEFORE))
        .ascending(K::Id)
        .all()
        .await?;
    let due =
        |key: &api_key::Model| key.expires_at.filter(|ends_at| must_tell(key.created_at, *ends_at, key.told_at, now));
    let mut told = 0;
    for key in soon.iter().filter(|key| due(key).is_some()) {
        let mut tx = ctx.begin().await?;
        let row = tx.lock::<api_key::Entity>(key.id).await?;
        // Another instance may have been first.
        let Some(ends_at) = due(&row) else { continue };
        tx.act(None, Event::KeyEnding { user: row.user_id, key: row.id, ends_at }.into())
            .update(row, |edit: &mut api_key::ActiveModel| edit.told_at = Set(Some(now)))
            .await?;
        tx.commit().await?;
        told += 1;
    }
    Ok(told)
}

/// What to tell of a key; nothing when it was replaced or revoked meanwhile, or its user is gone.
pub async fn ending(ctx: &Ctx, key: Uuid) -> Result<Option<Ending>> {
    let (scope, now) = (ctx.scope(), ctx.now());
    let key = scope.get::<api_key::Entity>(key).await?;
    let user = scope.get::<user_account::Entity>(key.user_id).await?;
    let Some(ends_at) = key.expires_at.filter(|end| *end > now && key.revoked_at.is_none()) else { return Ok(None) };
    if user.disabled_at.is_some() || user.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    Ok(Some(Ending {
        name: format!("{} {}", user.first_name, user.last_name),
        address: user.email,
        label: key.label,
        prefix: key.prefix,
        ends_at,
        renewable: key.renewable && user.expires_at.is_none(),
    }))
}
