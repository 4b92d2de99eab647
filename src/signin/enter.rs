//! Let somebody in whom the provider names: find or bind their user, give them the role of the claim, make a key that lasts
//! some hours. One unit of work: a key exists if and only if all of it was written.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{api_key, sign_in, user_account, user_identity};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{claims::Identified, events::Event, identity, refusal::Refusal};
use crate::{
    access::{NewKey, NewUser, create_key, create_user, end_key, take_role, turn},
    config::oidc::Oidc,
    platform::{
        access::{Ctx, RequestFacts},
        app::App,
        audit::sha256,
        calendar,
        error::{Error, Result},
        permission::Role,
        scope::Scope,
        tx::Tx,
    },
};

/// How long a key of a sign-in opens anything.
pub const LIFETIME: TimeDelta = TimeDelta::hours(8);
/// How many such keys a user may have at once: a browser at the office, another at home, a phone.
const AT_ONCE: usize = 5;

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Their user.
    pub user: Uuid,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The key, shown once.
    pub secret: String,
    /// When it ends.
    pub until: DateTime<Utc>,
}

/// The user of an identity that is bound, or else whoever has its verified address.
async fn known(scope: &Scope<'_>, who: &Identified) -> Result<Option<user_account::Model>> {
    if let Some(bound) = identity::of(scope, &who.issuer, &who.subject).await? {
        return scope.get::<user_account::Entity>(bound.user_id).await.map(Some);
    }
    let Some(email) = who.email.as_ref().filter(|email| email.verified) else { return Ok(None) };
    let with_address = user_account::Column::Email.eq(email.address.as_str());
    scope.find::<user_account::Entity>().filter(with_address).one().await
}

/// Let somebody in. `state` names this sign-in: it serves once.
pub async fn enter(
    app: &App,
    oidc: &Oidc,
    who: &Identified,
    state: &str,
    facts: RequestFacts,
) -> Result<Entered, Refusal> {
    if oidc.role_claim.is_some() && who.role.is_none() {
        return Err(Refusal::NoRole);
    }
    // Who they are, for the audit; everything is read again once it is held.
    let reader = Ctx::by_identity(app, None, String::new(), RequestFacts::default());
    let seen = known(&reader.scope(), who).await?;
    let name = seen.as_ref().map_or_else(|| format!("{} {}", who.first_name, who.last_name), full_name);
    let mut ctx = Ctx::by_identity(app, seen.map(|user| user.id), name.trim().to_owned(), facts);
    let mut tx = ctx.begin().await?;
    turn(&tx).await?;
    tx.alone(&format!("sign_in {} {}", who.issuer, who.subject)).await?;
    let state_hash = sha256(state);
    let served = tx.scope().find::<sign_in::Entity>().filter(sign_in::Column::StateHash.eq(state_hash.as_str()));
    if served.one().await?.is_some() {
        return Err(Refusal::Stale);
    }
    let (identity, user) = user(&mut tx, oidc, who).await?;
    let user = role(&mut tx, user, who.role).await?;
    let role = role_of(&user)?;
    make_room(&mut tx, user.id).await?;
    let until = user.expires_at.map_or(tx.now() + LIFETIME, |end| end.min(tx.now() + LIFETIME));
    // The label tells two sign-ins of one minute apart.
    let label = format!("Connexion du {} ({})", calendar::moment(tx.now()), &state_hash[..6]);
    let key = NewKey { label, permissions: None, activities: None, expires_at: Some(until) };
    let made = create_key(&mut tx, &*app.ids, user.id, key).await?;
    let id = tx.new_id();
    tx.act(None, Event::SignedIn { identity: identity.id, user: user.id, key: made.row.id }.into())
        .insert(sign_in::ActiveModel {
            id: Set(id),
            user_id: Set(user.id),
            key_id: Set(made.row.id),
            state_hash: Set(state_hash),
            ..Default::default()
        })
        .await?;
    tx.commit().await?;
    Ok(Entered { user: user.id, name: full_name(&user), role, secret: made.secret, until })
}

fn full_name(user: &user_account::Model) -> String {
    format!("{} {}", user.first_name, user.last_name)
}

fn role_of(user: &user_account::Model) -> Result<Role> {
    Role::of(&user.role).ok_or_else(|| Error::internal(format!("unknown role {}", user.role)))
}

/// A user who may come in, held until the end of the unit of work.
async fn open(tx: &Tx<'_>, id: Uuid) -> Result<user_account::Model, Refusal> {
    let user = tx.lock::<user_account::Entity>(id).await?;
    let closed = user.disabled_at.is_some() || user.expires_at.is_some_and(|end| end <= tx.now());
    if closed { Err(Refusal::Closed) } else { Ok(user) }
}

/// The user and the identity by which they sign in, bound now if it is the first time.
async fn user(
    tx: &mut Tx<'_>,
    oidc: &Oidc,
    who: &Identified,
) -> Result<(user_identity::Model, user_account::Model), Refusal> {
    if let Some(bound) = identity::of(&tx.scope(), &who.issuer, &who.subject).await? {
        let user = open(tx, bound.user_id).await?;
        return Ok((bound, user));
    }
    // Only an address that the provider verified says whose account it is.
    let email = who.email.as_ref().filter(|email| email.verified).ok_or(Refusal::Unverified)?;
    let user = match known(&tx.scope(), who).await? {
        Some(user) => open(tx, user.id).await?,
        None => add(tx, oidc, who, email.address.clone()).await?,
    };
    if identity::of_user(&tx.scope(), &who.issuer, user.id).await?.is_some() {
        return Err(Refusal::OtherIdentity);
    }
    let bound = identity::bind(tx, user.id, &who.issuer, &who.subject).await?;
    Ok((bound, user))
}

/// Somebody new, when the provider gives them a role and the settings say that this is enough.
async fn add(tx: &mut Tx<'_>, oidc: &Oidc, who: &Identified, email: String) -> Result<user_account::Model, Refusal> {
    let role = match who.role {
        Some(_) if !oidc.create_users => return Err(Refusal::Unknown),
        // No claim says when an auditor's access ends.
        Some(Role::Auditor) => return Err(Refusal::NoEnd),
        Some(role) => role,
        None => return Err(Refusal::Unknown),
    };
    let called = |name: &str, instead: &str| if name.is_empty() { instead.to_owned() } else { name.to_owned() };
    let local = email.split('@').next().unwrap_or_default().to_owned();
    let (first_name, last_name) = (called(&who.first_name, &local), called(&who.last_name, "–"));
    Ok(create_user(tx, NewUser { first_name, last_name, email, role, expires_at: None }).await?)
}

/// The role of the claim rules, when there is one.
async fn role(tx: &mut Tx<'_>, user: user_account::Model, said: Option<Role>) -> Result<user_account::Model, Refusal> {
    let Some(said) = said else { return Ok(user) };
    if said == Role::Auditor && user.expires_at.is_none() {
        return Err(Refusal::NoEnd);
    }
    if role_of(&user)? == said {
        return Ok(user);
    }
    match take_role(tx, user, said).await {
        Err(Error::Refused(refused)) if refused.code == "user.last_admin" => Err(Refusal::LastAdministrator),
        other => Ok(other?),
    }
}

/// The keys of a user's sign-ins that still open something, the oldest first; those that replaced them bear their label.
pub async fn live_keys(scope: &Scope<'_>, user: Uuid, now: DateTime<Utc>) -> Result<Vec<api_key::Model>> {
    use api_key::Column as K;
    let made = scope
        .find::<sign_in::Entity>()
        .filter(sign_in::Column::UserId.eq(user))
        .filter(sign_in::Column::CreatedAt.gt(now - LIFETIME))
        .column(sign_in::Column::KeyId);
    let first = scope.find::<api_key::Entity>().filter(K::Id.in_subquery(made)).all().await?;
    scope
        .find::<api_key::Entity>()
        .filter(K::UserId.eq(user))
        .filter(K::Label.is_in(first.into_iter().map(|key| key.label)))
        .filter(K::RevokedAt.is_null())
        .filter(K::ExpiresAt.gt(now))
        .ascending(K::Id)
        .all()
        .await
}

/// End the oldest keys, so that one more fits.
async fn make_room(tx: &mut Tx<'_>, user: Uuid) -> Result<()> {
    let live = live_keys(&tx.scope(), user, tx.now()).await?;
    let over = (live.len() + 1).saturating_sub(AT_ONCE);
    for key in live.into_iter().take(over) {
        end_key(tx, key).await?;
    }
    Ok(())
}
