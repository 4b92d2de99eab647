//! Make users and keys. A key is shown once, when it is made; only its hash is kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{api_key, user_account};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    administrators::{self, kept},
    events::Event,
    rules::{self, Bounds},
};
use crate::platform::{
    access::{Ctx, KEY_PREFIX, hash_of_key},
    check,
    clock::Ids,
    codes::store,
    error::{Error, Result},
    permission::Role,
    tx::Tx,
};

/// A user, as the cooperative's administration writes them.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewUser {
    /// First name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub first_name: String,
    /// Last name.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub last_name: String,
    /// Email address, unique among users.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: String,
    /// What they are for the cooperative; permissions follow.
    pub role: Role,
    /// When their access ends; required for an auditor.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key, as it is asked for.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewKey {
    /// What the key is for.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub label: String,
    /// Only these permissions, among those of the user's role; as many as the key that makes it when absent.
    #[oai(validator(max_items = 128, max_length = 60))]
    pub permissions: Option<Vec<String>>,
    /// Only these activities, among those of the user; as many as the key that makes it when absent.
    #[oai(validator(max_items = 200))]
    pub activities: Option<Vec<Uuid>>,
    /// When the key ends: in three years at most, and no later than the key that makes it. A year when nothing is said, and
    /// its holder may then replace it by its successor.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key that was just made, with its secret.
pub struct MadeKey {
    /// The row.
    pub row: api_key::Model,
    /// The key itself: shown once.
    pub secret: String,
}

/// An auditor reads until a day.
pub(super) fn auditor_ends(input: &NewUser) -> Result<()> {
    if input.role != Role::Auditor || input.expires_at.is_some() {
        return Ok(());
    }
    Err(Error::invalid(
        "/expires_at",
        "required",
        "Un accès d’auditeur a toujours une fin.",
        "An auditor's access always has an end.",
    ))
}

/// Add a user.
pub async fn create_user(tx: &mut Tx<'_>, input: NewUser) -> Result<user_account::Model> {
    auditor_ends(&input)?;
    rules::covers(tx.grant(), input.role)?;
    let NewUser { first_name, last_name, email, role, expires_at } = input;
    let user = tx.new_id();
    tx.act(None, Event::Created { user }.into())
        .insert(user_account::ActiveModel {
            id: Set(user),
            first_name: Set(first_name),
            last_name: Set(last_name),
            email: Set(email.to_lowercase()),
            role: Set(role.name().to_owned()),
            expires_at: Set(expires_at),
            disabled_at: Set(None),
            ..Default::default()
        })
        .await
}

/// Make a key for a user.
pub async fn create_key(tx: &mut Tx<'_>, ids: &dyn Ids, user: Uuid, input: NewKey) -> Result<MadeKey> {
    let user = tx.scope().get::<user_account::Entity>(user).await?;
    let term = TimeDelta::days(tx.settings().key_days.into());
    let Bounds { permissions, activities, expires_at, renewable } = rules::bounds(&input, tx.grant(), tx.now(), term)?;
    for activity in activities.iter().flatten() {
        tx.scope().get::<entity::activity::Entity>(*activity).await?;
    }
    let secret = secret(ids);
    let key = tx.new_id();
    let row = tx
        .act(None, Event::KeyCreated { user: user.id, key }.into())
        .insert(api_key::ActiveModel {
            id: Set(key),
            user_id: Set(user.id),
            label: Set(input.label),
            prefix: Set(prefix(&secret)),
            hash: Set(hash_of_key(&secret)),
            permissions: Set(permissions.map(|names| store(&names)).transpose()?),
            activities: Set(activities.map(|list| store(&list)).transpose()?),
            expires_at: Set(Some(expires_at)),
            revoked_at: Set(None),
            last_used_at: Set(None),
            renewable: Set(renewable),
            told_at: Set(None),
            ..Default::default()
        })
        .await?;
    Ok(MadeKey { row, secret })
}

/// 256 random bits, with what scanners of leaked secrets recognise.
fn secret(ids: &dyn Ids) -> String {
    let mut random = [0; 32];
    ids.secret(&mut random);
    format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// The first characters of a key, which tell it from others.
fn prefix(secret: &str) -> String {
    secret.chars().take(KEY_PREFIX.len() + 6).collect()
}

/// How long a key that was replaced still opens what it opened: the time to put the new one where it is used.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Replace a key by its successor: as wide, and as long again unless its end was chosen. The one that is replaced ends
/// within the hour and is not prolonged by another.
pub async fn rotate_key(tx: &mut Tx<'_>, ids: &dyn Ids, key: Uuid) -> Result<MadeKey> {
    let before = tx.lock::<api_key::Entity>(key).await?;
    let now = tx.now();
    let ends_at =
        before.expires_at.filter(|end| *end > now && before.revoked_at.is_none()).ok_or(Error::Unauthorized)?;
    let user = tx.scope().get::<user_account::Entity>(before.user_id).await?;
    let renewable = before.renewable && user.expires_at.is_none();
    let term = TimeDelta::days(tx.settings().key_days.into());
    let secret = secret(ids);
    let successor = tx.new_id();
    let made = api_key::ActiveModel {
        id: Set(successor),
        user_id: Set(before.user_id),
        label: Set(before.label.clone()),
        prefix: Set(prefix(&secret)),
        hash: Set(hash_of_key(&secret)),
        permissions: Set(before.permissions.clone()),
        activities: Set(before.activities.clone()),
        expires_at: Set(Some(rules::succeeds(ends_at, renewable, now, term))),
        revoked_at: Set(None),
        last_used_at: Set(None),
        renewable: Set(renewable),
        told_at: Set(None),
        ..Default::default()
    };
    let mut act = tx.act(None, Event::KeyRotated { user: before.user_id, key, successor }.into());
    act.update(before, |edit: &mut api_key::ActiveModel| {
        edit.expires_at = Set(Some(ends_at.min(now + OVERLAP)));
        edit.renewable = Set(false);
        // That one ends is why it was replaced: nobody is told.
        edit.told_at = Set(Some(now));
    })
    .await?;
    let row = act.insert(made).await?;
    Ok(MadeKey { row, secret })
}

/// End a key at once.
pub async fn revoke_key(ctx: &mut Ctx, key: Uuid) -> Result<api_key::Model> {
    super::user::whole(ctx)?;
    let mut tx = ctx.begin().await?;
    let before = administrators::alone(&tx).await?;
    let row = tx.lock::<api_key::Entity>(key).await?;
    tx.answers_at(super::key::place(key), 200);
    if row.revoked_at.is_some() {
        tx.commit().await?;
        return Ok(row);
    }
    let now = tx.now();
    let row = tx
        .act(None, Event::KeyRevoked { user: row.user_id, key }.into())
        .update(row, |edit: &mut api_key::ActiveModel| edit.revoked_at = Set(Some(now)))
        .await?;
    kept(&tx, before).await?;
    tx.commit().await?;
    Ok(row)
}

/// The keys of a user, newest first.
pub async fn keys_of(ctx: &Ctx, user: Uuid) -> Result<Vec<api_key::Model>> {
    ctx.scope()
        .find::<api_key::Entity>()
        .filter(api_key::Column::UserId.eq(user))
        .descending(api_key::Column::Id)
        .all()
        .await
}
