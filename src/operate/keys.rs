//! Keys from the command line: how the first one is made.

use chrono::TimeDelta;
use clap::Subcommand;
use entity::{activity, api_key, user_account};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::make::make;
use crate::{
    access::{NewKey, NewUser, create_key, create_user, revoke_key},
    config::Settings,
    platform::{
        access::Ctx,
        error::{Error, Result},
        permission::Role,
    },
    start,
};

/// What to do with keys.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key, and its user when there is none with this address; prints the key, once.
    Create {
        /// The user's address.
        #[arg(long)]
        email: String,
        /// The user's first name, when they are new.
        #[arg(long, default_value = "Prénom")]
        first_name: String,
        /// The user's last name, when they are new.
        #[arg(long, default_value = "Nom")]
        last_name: String,
        /// The user's role, when they are new: trainer, coop_training, coop_accounting, coop_quality, coop_admin, auditor.
        #[arg(long, default_value = "coop_admin")]
        role: String,
        /// What the key is for.
        #[arg(long, default_value = "ligne de commande")]
        label: String,
        /// How many days the key lasts, 1 to 1095 (KEY_DAYS when it is not said); one that is said is not prolonged.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1095))]
        days: Option<u16>,
        /// Only this activity (its slug or identifier); may be repeated.
        #[arg(long)]
        activity: Vec<String>,
    },
    /// List keys: prefix, user, role, end, last use.
    List,
    /// End a key at once.
    Revoke {
        /// The key's identifier, or its prefix.
        key: String,
    },
}

/// Carry out a command on keys.
pub async fn key(settings: Settings, command: KeyCommand) -> Result<()> {
    // The first key comes before the first start; the other commands make nothing.
    if settings.database_url.starts_with("sqlite:") && matches!(command, KeyCommand::Create { .. }) {
        make(&settings).await?;
    }
    let app = start::database(settings).await?;
    let mut ctx = Ctx::operator(&app);
    match command {
        KeyCommand::Create { email, first_name, last_name, role, label, days, activity } => {
            let role = Role::of(&role).ok_or_else(|| {
                let names: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
                Error::Internal(format!("--role: expected one of {}", names.join(", ")))
            })?;
            let new = NewUser { first_name, last_name, email, role, expires_at: None };
            println!("{}", create(&mut ctx, new, label, days, &activity).await?);
        }
        KeyCommand::List => list(&ctx).await?,
        KeyCommand::Revoke { key } => {
            let keys = ctx.scope().find::<api_key::Entity>().all().await?;
            let found = keys.into_iter().find(|row| row.id.to_string() == key || row.prefix == key);
            let found = found.ok_or_else(|| Error::Internal(format!("no key {key}")))?;
            revoke_key(&mut ctx, found.id).await?;
            println!("{} revoked", found.prefix);
        }
    }
    app.db.close().await?;
    Ok(())
}

async fn create(
    ctx: &mut Ctx,
    new: NewUser,
    label: String,
    days: Option<u16>,
    activities: &[String],
) -> Result<String> {
    let app = ctx.app().clone();
    let mut tx = ctx.begin().await?;
    let mut only: Vec<Uuid> = vec![];
    for wanted in activities {
        let known = tx.scope().find::<activity::Entity>().all().await?;
        let found = known.iter().find(|row| row.slug == *wanted || row.id.to_string() == *wanted);
        only.push(found.ok_or_else(|| Error::Internal(format!("--activity: no activity {wanted}")))?.id);
    }
    let known = tx
        .scope()
        .find::<user_account::Entity>()
        .filter(user_account::Column::Email.eq(new.email.to_lowercase()))
        .one()
        .await?;
    let user = match known {
        Some(user) => user,
        None => create_user(&mut tx, new).await?,
    };
    let activities = (!only.is_empty()).then_some(only);
    let expires_at = days.map(|days| tx.now() + TimeDelta::days(days.into()));
    let key = NewKey { label, permissions: None, activities, expires_at };
    let made = create_key(&mut tx, &*app.ids, user.id, key).await?;
    tx.commit().await?;
    Ok(made.secret)
}

async fn list(ctx: &Ctx) -> Result<()> {
    let users = ctx.scope().find::<user_account::Entity>().all().await?;
    for key in ctx.scope().find::<api_key::Entity>().ascending(api_key::Column::Id).all().await? {
        let user = users.iter().find(|user| user.id == key.user_id);
        let (email, role) = user.map_or(("?", "?"), |user| (user.email.as_str(), user.role.as_str()));
        let state = match (key.revoked_at, key.expires_at) {
            (Some(_), _) => "revoked".to_owned(),
            (None, Some(end)) if end <= ctx.now() => format!("ended {}", end.to_rfc3339()),
            (None, Some(end)) => format!("open until {}", end.to_rfc3339()),
            (None, None) => "without end, opens nothing".to_owned(),
        };
        let used = key.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
        println!("{}  {}…  {email}  {role}  {state}  last used {used}  {}", key.id, key.prefix, key.label);
    }
    Ok(())
}
