//! A user as a resource: changed, disabled, never deleted, because the audit names them.

use entity::user_account::{ActiveModel, Entity, Model};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::{
    actions::{NewUser, auditor_ends, create_user},
    administrators::{alone, kept},
    events::Event,
    rules,
};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    contract::Patch,
    error::{Error, Result},
    permission::{Permission, Role, UsersManage},
    resource::{Resource, Step, place},
    tx::Tx,
};

/// A user, as the system knows them.
#[derive(Debug, Clone, Object)]
pub struct UserOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the audit, for `updated_after`.
    pub seq: i64,
    /// When they were disabled; their keys open nothing since.
    pub disabled_at: Option<chrono::DateTime<chrono::Utc>>,
    /// What was written.
    #[oai(flatten)]
    pub user: NewUser,
}

impl Versioned for UserOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for UserOut {
    type Error = Error;
    fn try_from(row: Model) -> Result<Self> {
        let user = User::input(&row)?;
        Ok(Self { id: row.id, version: row.version, seq: row.seq, disabled_at: row.disabled_at, user })
    }
}

/// Only who sees the whole cooperative writes users and keys.
pub(super) fn whole(ctx: &Ctx) -> Result<()> {
    if ctx.scope().sees_all() { Ok(()) } else { Err(Error::Forbidden(UsersManage::ID)) }
}

/// The resource.
pub struct User;

impl Resource for User {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewUser;
    const PATH: &'static str = "users";

    fn activity(ctx: &Ctx, _: &NewUser) -> Result<Option<Uuid>> {
        whole(ctx).map(|()| None)
    }

    fn input(row: &Model) -> Result<NewUser> {
        let role = Role::of(&row.role).ok_or_else(|| Error::internal(format!("unknown role {}", row.role)))?;
        Ok(NewUser {
            first_name: row.first_name.clone(),
            last_name: row.last_name.clone(),
            email: row.email.clone(),
            role,
            expires_at: row.expires_at,
        })
    }

    fn fill(input: NewUser, edit: &mut ActiveModel) -> Result<()> {
        let NewUser { first_name, last_name, email, role, expires_at } = input;
        edit.first_name = Set(first_name);
        edit.last_name = Set(last_name);
        edit.email = Set(email.to_lowercase());
        edit.role = Set(role.name().to_owned());
        edit.expires_at = Set(expires_at);
        Ok(())
    }

    fn event(user: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Created { user },
            Step::Changed | Step::Deleted => Event::Changed { user },
        }
        .into()
    }

    async fn check(tx: &Tx<'_>, input: &NewUser, before: Option<&Model>) -> Result<()> {
        auditor_ends(input)?;
        rules::covers(tx.grant(), input.role)?;
        let Some(before) = before else { return Ok(()) };
        rules::covers(tx.grant(), User::input(before)?.role)?;
        let longer = before.expires_at.is_some_and(|end| input.expires_at.is_none_or(|asked| asked > end));
        if longer && tx.user() == Some(before.id) {
            return Err(Error::invalid(
                "/expires_at",
                "user.longer",
                "On ne prolonge pas son propre accès : demandez-le à une autre personne de l’administration.",
                "Nobody prolongs their own access: ask another administrator.",
            ));
        }
        Ok(())
    }
}

/// Whoever holds a narrowed key does not make somebody reach more than it does.
pub fn covers_user(tx: &Tx<'_>, user: &Model) -> Result<()> {
    rules::covers(tx.grant(), User::input(user)?.role)
}

/// Change a user, as long as somebody remains who administers.
pub async fn change(ctx: &mut Ctx, user: Uuid, patch: &Patch<NewUser>) -> Result<Model> {
    whole(ctx)?;
    let mut tx = ctx.begin().await?;
    let administrators = alone(&tx).await?;
    let before = tx.edit::<Entity>(user).await?;
    let input = patch.apply(&User::input(&before)?)?;
    User::check(&tx, &input, Some(&before)).await?;
    let mut filled = ActiveModel { ..Default::default() };
    User::fill(input, &mut filled)?;
    let row = tx
        .act(None, Event::Changed { user }.into())
        .update(before, |edit: &mut ActiveModel| {
            edit.first_name = filled.first_name;
            edit.last_name = filled.last_name;
            edit.email = filled.email;
            edit.role = filled.role;
            edit.expires_at = filled.expires_at;
        })
        .await?;
    kept(&tx, administrators).await?;
    tx.commit().await?;
    Ok(row)
}

/// Add a user.
pub async fn add(ctx: &mut Ctx, input: NewUser) -> Result<Model> {
    whole(ctx)?;
    let mut tx = ctx.begin().await?;
    let row = create_user(&mut tx, input).await?;
    tx.answers_at(place::<User>(row.id), 201);
    tx.commit().await?;
    Ok(row)
}

/// Close the API to a user, at once; nobody does so to themselves.
pub async fn disable(ctx: &mut Ctx, user: Uuid) -> Result<Model> {
    if ctx.user() == Some(user) {
        return Err(Error::refused(
            "user.oneself",
            "On ne se retire pas l’accès à soi-même : demandez-le à une autre personne de l’administration.",
            "Nobody disables themselves: ask another administrator.",
        ));
    }
    whole(ctx)?;
    let mut tx = ctx.begin().await?;
    let administrators = alone(&tx).await?;
    let row = tx.lock::<Entity>(user).await?;
    tx.answers_at(place::<User>(user), 200);
    if row.disabled_at.is_some() {
        tx.commit().await?;
        return Ok(row);
    }
    let now = tx.now();
    let row = tx
        .act(None, Event::Disabled { user }.into())
        .update(row, |edit: &mut ActiveModel| edit.disabled_at = Set(Some(now)))
        .await?;
    kept(&tx, administrators).await?;
    tx.commit().await?;
    Ok(row)
}
