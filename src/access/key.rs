//! A key as a resource: its secret is answered once, when it is made.

use chrono::{DateTime, Utc};
use entity::api_key::Model;
use poem_openapi::Object;
use uuid::Uuid;

use super::actions::{MadeKey, NewKey, create_key, rotate_key};
use crate::platform::{
    access::{Actor, Ctx},
    answer::Versioned,
    codes::stored,
    error::{Error, Result},
    scope::Reach,
};

/// A key, as the system knows it: never its secret.
#[derive(Debug, Clone, Object)]
pub struct KeyOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the audit, for `updated_after`.
    pub seq: i64,
    /// Whose key it is.
    pub user_id: Uuid,
    /// Its first characters, to tell it from others.
    pub prefix: String,
    /// When it was revoked; it opens nothing since.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether its successor lasts as long again: its end was not chosen by whoever made it.
    pub renewable: bool,
    /// What was asked for.
    #[oai(flatten)]
    pub key: NewKey,
}

/// A key that was just made.
#[derive(Debug, Clone, Object)]
pub struct MadeKeyOut {
    /// The key itself: shown now and never again, even when the request is repeated.
    pub secret: String,
    /// The key without its secret.
    #[oai(flatten)]
    pub made: KeyOut,
}

impl Versioned for KeyOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Versioned for MadeKeyOut {
    fn version(&self) -> i64 {
        self.made.version
    }
}

impl TryFrom<Model> for KeyOut {
    type Error = Error;
    fn try_from(row: Model) -> Result<Self> {
        let key = NewKey {
            label: row.label,
            permissions: row.permissions.as_deref().map(stored).transpose()?,
            activities: row.activities.as_deref().map(stored).transpose()?,
            expires_at: row.expires_at,
        };
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            user_id: row.user_id,
            prefix: row.prefix,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            renewable: row.renewable,
            key,
        })
    }
}

/// Where a key is.
pub fn place(key: Uuid) -> String {
    format!("/v1/keys/{key}")
}

/// A key as somebody sees it: of the activities it is narrowed to, those within reach.
pub fn shown(row: Model, reach: &Reach) -> Result<KeyOut> {
    let mut out = KeyOut::try_from(row)?;
    if let Some(activities) = &mut out.key.activities {
        activities.retain(|activity| reach.holds(*activity));
    }
    Ok(out)
}

/// Replace the caller's own key; a repetition is refused as that of [`add`] is.
pub async fn rotate(ctx: &Ctx) -> Result<MadeKeyOut> {
    let Actor::Key(principal) = ctx.actor() else { return Err(Error::Unauthorized) };
    let mut own = ctx.oneself();
    let app = ctx.app().clone();
    let mut tx = own.begin().await?;
    let MadeKey { row, secret } = rotate_key(&mut tx, &*app.ids, principal.key).await?;
    tx.answered_once(place(row.id));
    tx.commit().await?;
    Ok(MadeKeyOut { secret, made: row.try_into()? })
}

/// Make a key for a user. What a repetition under the same Idempotency-Key could show has no secret: it is refused, told
/// which key was made, and whoever lost the answer revokes that one and makes another.
pub async fn add(ctx: &mut Ctx, user: Uuid, input: NewKey) -> Result<MadeKeyOut> {
    super::user::whole(ctx)?;
    let app = ctx.app().clone();
    let mut tx = ctx.begin().await?;
    let MadeKey { row, secret } = create_key(&mut tx, &*app.ids, user, input).await?;
    tx.answered_once(place(row.id));
    tx.commit().await?;
    Ok(MadeKeyOut { secret, made: row.try_into()? })
}
