//! Who calls.

use chrono::{DateTime, Utc};
use entity::activity;
use poem_openapi::Object;
use uuid::Uuid;

use crate::platform::{
    access::{Actor, Ctx},
    error::{Error, Result},
    permission::Role,
    scope::Reach,
};

/// An activity within reach.
#[derive(Debug, Clone, Object)]
pub struct MyActivity {
    /// Identifier.
    pub id: Uuid,
    /// The brand (nom commercial).
    pub name: String,
}

/// Who one is, and what one's key opens.
#[derive(Debug, Clone, Object)]
pub struct Me {
    /// The user.
    pub user_id: Uuid,
    /// The key.
    pub key_id: Uuid,
    /// First and last name.
    pub name: String,
    /// What the user is for the cooperative.
    pub role: Role,
    /// What the key may do.
    pub permissions: Vec<String>,
    /// When the key ends, or the user's access if that is sooner: replace it before.
    pub key_ends_at: Option<DateTime<Utc>>,
    /// Whether the key's successor (`POST /v1/me/key/rotate`) lasts as long again.
    pub key_renewable: bool,
    /// Whether the key sees every activity of the cooperative.
    pub sees_all: bool,
    /// The activities that the key reaches, 200 at most.
    pub activities: Vec<MyActivity>,
}

/// Who calls.
pub async fn me(ctx: &Ctx) -> Result<Me> {
    let Actor::Key(principal) = ctx.actor() else { return Err(Error::Unauthorized) };
    let rows = ctx.scope().find::<activity::Entity>().ascending(activity::Column::Name).limit(200).all().await?;
    Ok(Me {
        user_id: principal.user,
        key_id: principal.key,
        name: principal.name.clone(),
        role: principal.role,
        permissions: principal.permissions.names().into_iter().map(str::to_owned).collect(),
        key_ends_at: principal.grant.ends_at,
        key_renewable: principal.grant.renewable,
        sees_all: *ctx.reach() == Reach::Organisation,
        activities: rows.into_iter().map(|row| MyActivity { id: row.id, name: row.name }).collect(),
    })
}
