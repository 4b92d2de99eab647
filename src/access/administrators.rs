//! Who may administer the users: somebody always remains, whatever is changed, disabled or revoked.

use entity::{api_key, user_account};
use sea_orm::{ColumnTrait, ExprTrait};

use super::rules::{self, Lasts};
use crate::platform::{
    codes::stored,
    error::Result,
    permission::{Permission, Role, UsersManage},
    tx::Tx,
};

/// Take one's turn among those who change administrators, before any row is locked; answers until when there is one.
pub(super) async fn alone(tx: &Tx<'_>) -> Result<Lasts> {
    tx.alone("administrators").await?;
    lasts(tx).await
}

/// Refuse an act that leaves nobody. Whoever runs the program's commands makes another key, and is not held by this.
pub(super) async fn kept(tx: &Tx<'_>, before: Lasts) -> Result<()> {
    if tx.user().is_none() { Ok(()) } else { rules::remains(before, lasts(tx).await?, tx.now()) }
}

/// Until when somebody may administer: an administrator who is not disabled, with a key that is not narrowed away from it.
async fn lasts(tx: &Tx<'_>) -> Result<Lasts> {
    use api_key::Column as K;
    use user_account::Column as U;
    let now = tx.now();
    let users = tx
        .scope()
        .find::<user_account::Entity>()
        .filter(U::Role.eq(Role::CoopAdmin.name()))
        .filter(U::DisabledAt.is_null())
        .filter(U::ExpiresAt.is_null().or(U::ExpiresAt.gt(now)))
        .all()
        .await?;
    let keys = tx
        .scope()
        .find::<api_key::Entity>()
        .filter(K::UserId.is_in(users.iter().map(|user| user.id)))
        .filter(K::RevokedAt.is_null())
        .filter(K::ExpiresAt.gt(now))
        .filter(K::Activities.is_null())
        .all()
        .await?;
    let mut last = Lasts::Nobody;
    // Whoever signs in with the provider receives a key each time: they need none to remain.
    if tx.settings().oidc.oidc_issuer.is_some() {
        for user in &users {
            last = last.max(user.expires_at.map_or(Lasts::On, Lasts::Until));
        }
    }
    for key in keys {
        let names: Option<Vec<String>> = key.permissions.as_deref().map(stored).transpose()?;
        if names.is_some_and(|names| !names.iter().any(|name| name == UsersManage::ID)) {
            continue;
        }
        let ends = users.iter().find(|user| user.id == key.user_id).and_then(|user| user.expires_at);
        let until = match (key.renewable, ends) {
            (true, None) => Lasts::On,
            (_, ends) => key.expires_at.into_iter().chain(ends).min().map_or(Lasts::Nobody, Lasts::Until),
        };
        last = last.max(until);
    }
    Ok(last)
}
