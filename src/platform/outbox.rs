//! What must happen because of what was committed: written in the same transaction, carried out by the worker.

mod lease;
mod moves;

use chrono::{DateTime, Utc};
use entity::outbox;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    TryInsertResult,
    sea_query::{Expr, OnConflict},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    access::Ctx,
    app::App,
    clock::Ids,
    error::{Error, Result},
    page::PageQuery,
    scope::Reach,
};

pub use lease::{BEAT, LEASE, Sightings, keep, let_go, take_back};
pub use moves::{Outcome, Which, claim, finish, heal, hurry, revive};

/// A job to be done, as a reaction asks for it.
#[derive(Debug, Clone)]
pub struct Due {
    /// Which handler of `work.rs` carries it out.
    pub kind: &'static str,
    /// Kinds and identifiers, never names or addresses.
    pub payload: Value,
    /// Unique for ever: one mail per cause and person.
    pub once: Option<String>,
    /// Unique among the jobs still ready: replan, re-evaluate.
    pub coalesce: Option<String>,
}

impl Due {
    /// As soon as possible.
    pub fn now(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload, once: None, coalesce: None }
    }

    /// At most once, ever, under this key.
    #[must_use]
    pub fn once(mut self, key: impl Into<String>) -> Self {
        self.once = Some(key.into());
        self
    }

    /// At most one ready at a time under this key.
    #[must_use]
    pub fn coalesce(mut self, key: impl Into<String>) -> Self {
        self.coalesce = Some(key.into());
        self
    }
}

/// Attempts before a job is put aside as dead.
pub const MAX_ATTEMPTS: i32 = 12;

pub(super) struct Row {
    pub due: Due,
    pub activity: Option<Uuid>,
    pub cause: String,
}

pub(super) async fn enqueue(
    txn: &DatabaseTransaction,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    mut rows: Vec<Row>,
) -> Result<usize> {
    let mut inserted = 0;
    // In one order: two commits that queue the same jobs never wait for each other in a ring.
    rows.sort_by(|one, other| one.due.coalesce.cmp(&other.due.coalesce));
    for Row { due: Due { kind, payload, once, coalesce }, activity, cause } in rows {
        let conflict = match (&once, &coalesce) {
            // The job that waits already does for this act too, if it is taken after this commit: writing the row keeps
            // workers away from it until then.
            (None, Some(_)) => OnConflict::column(outbox::Column::CoalesceKey)
                .target_and_where(Expr::cust("state = 'ready'"))
                .update_column(outbox::Column::Cause)
                .to_owned(),
            _ => OnConflict::new().do_nothing().to_owned(),
        };
        let row = outbox::ActiveModel {
            id: Set(ids.new_id(now)),
            activity_id: Set(activity),
            kind: Set(kind.to_owned()),
            payload: Set(super::audit::canonical(&payload)),
            cause: Set(cause),
            once_key: Set(once),
            coalesce_key: Set(coalesce),
            due_at: Set(now),
            state: Set("ready".to_owned()),
            attempts: Set(0),
            locked_by: Set(None),
            locked_until: Set(None),
            last_error: Set(None),
            created_at: Set(now),
            done_at: Set(None),
        };
        let result = outbox::Entity::insert(row).on_conflict(conflict).try_insert().exec_without_returning(txn).await?;
        inserted += usize::from(matches!(result, TryInsertResult::Inserted(n) if n > 0));
    }
    Ok(inserted)
}

/// How many jobs stand in each state, for `GET /v1/jobs` and the tests' `done()`.
pub async fn count(app: &App, state: &str) -> Result<u64> {
    Ok(select(state).count(app.db.reader()).await?)
}

/// Jobs of a state, oldest first.
pub async fn list(app: &App, state: &str, at_most: u64) -> Result<Vec<outbox::Model>> {
    Ok(select(state).limit(at_most).all(app.db.reader()).await?)
}

/// One page of the jobs within the caller's reach, newest first.
pub async fn page(ctx: &Ctx, state: Option<&str>, asked: &PageQuery) -> Result<(Vec<outbox::Model>, Option<String>)> {
    let mut query = within(ctx).order_by_desc(outbox::Column::Id).limit(asked.limit + 1);
    if let Some(state) = state {
        query = query.filter(outbox::Column::State.eq(state));
    }
    if let Some(activity) = asked.activity_id {
        ctx.scope().get::<entity::activity::Entity>(activity).await?;
        query = query.filter(outbox::Column::ActivityId.eq(activity));
    }
    if let Some(after) = asked.id_cursor()? {
        query = query.filter(outbox::Column::Id.lt(after));
    }
    let mut rows = query.all(ctx.app().db.reader()).await?;
    let more = rows.len() as u64 > asked.limit;
    rows.truncate(asked.limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok((rows, next))
}

/// One job within the caller's reach.
pub async fn get(ctx: &Ctx, id: Uuid) -> Result<outbox::Model> {
    let found = within(ctx).filter(outbox::Column::Id.eq(id)).one(ctx.app().db.reader()).await?;
    found.ok_or(Error::Missing("job"))
}

#[expect(clippy::disallowed_methods, reason = "the outbox is the platform's own table")]
fn within(ctx: &Ctx) -> sea_orm::Select<outbox::Entity> {
    let query = outbox::Entity::find();
    match ctx.reach() {
        Reach::Organisation => query,
        Reach::Activities(list) => query.filter(outbox::Column::ActivityId.is_in(list.iter().copied())),
    }
}

#[expect(clippy::disallowed_methods, reason = "the outbox is the platform's own table")]
fn select(state: &str) -> sea_orm::Select<outbox::Entity> {
    outbox::Entity::find().filter(outbox::Column::State.eq(state)).order_by_asc(outbox::Column::DueAt)
}
