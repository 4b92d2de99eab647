//! Who carries an activity, from a day to another.

use chrono::NaiveDate;
use entity::{membership, user_account};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    actions::{NewMember, join, member_order},
    events::Event,
};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    error::{Error, Result},
    page::{Page, PageQuery},
    scope::Scope,
};

/// Somebody who carries an activity, as the system knows them.
#[derive(Debug, Clone, Object)]
pub struct MemberOut {
    /// Identifier of the membership.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// First and last name.
    pub name: String,
    /// What was written.
    #[oai(flatten)]
    pub member: NewMember,
}

impl Versioned for MemberOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl MemberOut {
    fn new(row: &membership::Model, user: Option<&user_account::Model>) -> Self {
        Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            name: user.map(|user| format!("{} {}", user.first_name, user.last_name)).unwrap_or_default(),
            member: NewMember { user_id: row.user_id, valid_from: row.valid_from, valid_to: row.valid_to },
        }
    }
}

/// The end of a membership.
#[derive(Debug, Clone, Object, Validate)]
pub struct MemberEnd {
    /// Their last day.
    pub on: NaiveDate,
}

/// Where a membership is.
pub fn place(activity: Uuid, member: Uuid) -> String {
    format!("/v1/activities/{activity}/members/{member}")
}

async fn out(scope: &Scope<'_>, row: &membership::Model) -> Result<MemberOut> {
    Ok(MemberOut::new(row, Some(&scope.get::<user_account::Entity>(row.user_id).await?)))
}

/// The members of an activity.
pub async fn list(scope: &Scope<'_>, activity: Uuid, page: &PageQuery) -> Result<Page<MemberOut>> {
    scope.get::<entity::activity::Entity>(activity).await?;
    let members = scope.find::<membership::Entity>().filter(membership::Column::ActivityId.eq(activity));
    let (rows, next) = members.page_rows(page).await?;
    let users = scope.map::<user_account::Entity>(rows.iter().map(|row| row.user_id)).await?;
    Ok(Page { items: rows.iter().map(|row| MemberOut::new(row, users.get(&row.user_id))).collect(), next })
}

/// One member.
pub async fn get(scope: &Scope<'_>, activity: Uuid, member: Uuid) -> Result<MemberOut> {
    let row = scope.get::<membership::Entity>(member).await?;
    if row.activity_id == activity { out(scope, &row).await } else { Err(Error::Missing("membership")) }
}

/// Add a member.
pub async fn add(ctx: &mut Ctx, activity: Uuid, input: NewMember) -> Result<MemberOut> {
    let mut tx = ctx.begin().await?;
    let row = join(&mut tx, activity, input).await?;
    let member = out(&tx.scope(), &row).await?;
    tx.answers_at(place(activity, row.id), 201);
    tx.commit().await?;
    Ok(member)
}

/// End a membership: the day after, the user's keys no longer reach the activity.
pub async fn end(ctx: &mut Ctx, activity: Uuid, member: Uuid, input: MemberEnd) -> Result<MemberOut> {
    let MemberEnd { on } = input;
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<membership::Entity>(member).await?;
    if row.activity_id != activity {
        return Err(Error::Missing("membership"));
    }
    member_order("/on", row.valid_from, Some(on))?;
    let row = tx
        .act(activity, Event::MemberLeft { activity, user: row.user_id }.into())
        .update(row, |edit: &mut membership::ActiveModel| edit.valid_to = Set(Some(on)))
        .await?;
    let member = out(&tx.scope(), &row).await?;
    tx.answers_at(place(activity, row.id), 200);
    tx.commit().await?;
    Ok(member)
}
