//! What a sign-in does to users and keys.

use entity::{api_key, user_account};
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait};

use super::events::Event;
use crate::platform::{
    error::{Error, Result},
    permission::Role,
    tx::Tx,
};

/// Take one's turn among those who change who administers: before any row is held.
pub async fn turn(tx: &Tx<'_>) -> Result<()> {
    tx.alone("administrators").await
}

/// Give a user the role that their provider says; somebody remains who administers. Whoever calls took their [`turn`].
pub async fn take_role(tx: &mut Tx<'_>, user: user_account::Model, role: Role) -> Result<user_account::Model> {
    if user.role == Role::CoopAdmin.name() && role != Role::CoopAdmin {
        remains(tx, &user).await?;
    }
    let id = user.id;
    tx.act(None, Event::Changed { user: id }.into())
        .update(user, |edit: &mut user_account::ActiveModel| edit.role = Set(role.name().to_owned()))
        .await
}

/// Somebody else administers, today: with or without a key, since whoever signs in receives one.
async fn remains(tx: &Tx<'_>, user: &user_account::Model) -> Result<()> {
    use user_account::Column as U;
    let others = tx
        .scope()
        .find::<user_account::Entity>()
        .filter(U::Role.eq(Role::CoopAdmin.name()))
        .filter(U::Id.ne(user.id))
        .filter(U::DisabledAt.is_null())
        .filter(U::ExpiresAt.is_null().or(U::ExpiresAt.gt(tx.now())));
    if others.count().await? > 0 {
        return Ok(());
    }
    Err(Error::refused(
        "user.last_admin",
        "Il ne resterait personne pour administrer : donnez d’abord l’administration à quelqu’un d’autre.",
        "Nobody would be left to administer: make somebody else an administrator first.",
    ))
}

/// End a key as part of a larger act; ending it twice changes nothing.
pub async fn end_key(tx: &mut Tx<'_>, key: api_key::Model) -> Result<api_key::Model> {
    if key.revoked_at.is_some() {
        return Ok(key);
    }
    let now = tx.now();
    let event = Event::KeyRevoked { user: key.user_id, key: key.id };
    tx.act(None, event.into()).update(key, |edit: &mut api_key::ActiveModel| edit.revoked_at = Set(Some(now))).await
}
