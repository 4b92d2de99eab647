//! Which identity of the provider is whose user: bound once, by the name that the provider never gives to another.

use chrono::{DateTime, Utc};
use entity::user_identity::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{enter::live_keys, events::Event};
use crate::{
    access::end_key,
    platform::{
        access::Ctx,
        answer::Versioned,
        error::{Error, Result},
        permission::{Permission, UsersManage},
        scope::Scope,
        tx::Tx,
    },
};

/// An identity by which a user signs in.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Identity")]
pub struct IdentityOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the audit, for `updated_after`.
    pub seq: i64,
    /// The user who signs in by it.
    pub user_id: Uuid,
    /// The provider.
    pub issuer: String,
    /// The provider's own name for this person.
    pub subject: String,
    /// When it was bound: at their first sign-in.
    pub created_at: DateTime<Utc>,
}

impl Versioned for IdentityOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for IdentityOut {
    fn from(row: Model) -> Self {
        let Model { id, activity_id: _, user_id, issuer, subject, version, seq, created_at, updated_at: _ } = row;
        Self { id, version, seq, user_id, issuer, subject, created_at }
    }
}

/// The identity of that name.
pub async fn of(scope: &Scope<'_>, issuer: &str, subject: &str) -> Result<Option<Model>> {
    scope.find::<Entity>().filter(Column::Issuer.eq(issuer)).filter(Column::Subject.eq(subject)).one().await
}

/// The identity of a user at a provider.
pub async fn of_user(scope: &Scope<'_>, issuer: &str, user: Uuid) -> Result<Option<Model>> {
    scope.find::<Entity>().filter(Column::Issuer.eq(issuer)).filter(Column::UserId.eq(user)).one().await
}

/// Bind an identity to a user.
pub async fn bind(tx: &mut Tx<'_>, user: Uuid, issuer: &str, subject: &str) -> Result<Model> {
    let id = tx.new_id();
    tx.act(None, Event::Bound { identity: id, user }.into())
        .insert(ActiveModel {
            id: Set(id),
            user_id: Set(user),
            issuer: Set(issuer.to_owned()),
            subject: Set(subject.to_owned()),
            ..Default::default()
        })
        .await
}

/// Unbind an identity, and end the keys of its user's sign-ins: the next sign-in binds anew.
pub async fn unbind(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    whole(ctx)?;
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(id).await?;
    let user = row.user_id;
    for key in live_keys(&tx.scope(), user, tx.now()).await? {
        end_key(&mut tx, key).await?;
    }
    tx.act(None, Event::Unbound { identity: id, user }.into()).delete::<Entity>(row).await?;
    tx.commit().await
}

/// Only who sees the whole cooperative sees how its staff sign in.
pub fn whole(ctx: &Ctx) -> Result<()> {
    if ctx.scope().sees_all() { Ok(()) } else { Err(Error::Forbidden(UsersManage::ID)) }
}
