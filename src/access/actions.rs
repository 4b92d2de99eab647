//! Make users and keys. A key is shown once, when it is made; only its hash is kept.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{api_key, user_account};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::platform::{
    access::{Ctx, KEY_PREFIX, hash_of_key},
    check,
    clock::Ids,
    codes::store,
    error::{Error, Result},
    permission::{Permissions, Role},
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
    /// Only these permissions, among those of the user's role; all of them when absent.
    #[oai(validator(max_items = 128, max_length = 60))]
    pub permissions: Option<Vec<String>>,
    /// Only these activities, among those of the user; all of them when absent.
    #[oai(validator(max_items = 200))]
    pub activities: Option<Vec<Uuid>>,
    /// When the key ends.
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
    let NewKey { label, permissions, activities, expires_at } = input;
    let user = tx.scope().get::<user_account::Entity>(user).await?;
    if let Some(names) = &permissions {
        Permissions::named(names).map_err(|name| {
            Error::invalid(
                "/permissions",
                "unknown_value",
                format!("La permission « {name} » n’existe pas."),
                format!("There is no permission “{name}”."),
            )
        })?;
    }
    for activity in activities.iter().flatten() {
        tx.scope().get::<entity::activity::Entity>(*activity).await?;
    }
    let mut random = [0; 32];
    ids.secret(&mut random);
    let secret = format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
    let key = tx.new_id();
    let row = tx
        .act(None, Event::KeyCreated { user: user.id, key }.into())
        .insert(api_key::ActiveModel {
            id: Set(key),
            user_id: Set(user.id),
            label: Set(label),
            prefix: Set(secret.chars().take(KEY_PREFIX.len() + 6).collect()),
            hash: Set(hash_of_key(&secret)),
            permissions: Set(permissions.map(|names| store(&names)).transpose()?),
            activities: Set(activities.map(|list| store(&list)).transpose()?),
            expires_at: Set(expires_at),
            revoked_at: Set(None),
            last_used_at: Set(None),
            ..Default::default()
        })
        .await?;
    Ok(MadeKey { row, secret })
}

/// End a key at once.
pub async fn revoke_key(ctx: &mut Ctx, key: Uuid) -> Result<api_key::Model> {
    let mut tx = ctx.begin().await?;
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
