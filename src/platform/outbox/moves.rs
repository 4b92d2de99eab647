//! How a job goes from one state to the next: taken, carried out, tried again, given up, revived.

use chrono::TimeDelta;
use entity::outbox::{self, Column};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, LockBehavior, LockType, Order, Query},
};
use uuid::Uuid;

use super::{MAX_ATTEMPTS, lease::LEASE};
use crate::platform::{app::App, error::Result, tx::Tx};

/// Which jobs a hand takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Any.
    All,
    /// Those of these kinds.
    Only(&'static [&'static str]),
    /// Those of every other kind.
    But(&'static [&'static str]),
}

impl Which {
    fn condition(self) -> Condition {
        match self {
            Self::All => Condition::all(),
            Self::Only(kinds) => Condition::all().add(Column::Kind.is_in(kinds.iter().copied())),
            Self::But(kinds) => Condition::all().add(Column::Kind.is_not_in(kinds.iter().copied())),
        }
    }
}

/// Take due jobs: one statement, so that two workers never take the same. Whoever takes them says that it lives
/// ([`super::keep`]) until it has closed them.
pub async fn claim(app: &App, worker: &str, which: Which, at_most: u64) -> Result<Vec<outbox::Model>> {
    let now = app.now();
    let due = Query::select()
        .column(Column::Id)
        .from(outbox::Entity)
        .cond_where(which.condition().add(Column::State.eq("ready")).add(Column::DueAt.lte(now)))
        .order_by(Column::DueAt, Order::Asc)
        .order_by(Column::Id, Order::Asc)
        .limit(at_most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .to_owned();
    let mut jobs = outbox::Entity::update_many()
        .col_expr(Column::State, Expr::value("running"))
        .col_expr(Column::LockedBy, Expr::value(worker))
        .col_expr(Column::LockedUntil, Expr::value(now + LEASE))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.in_subquery(due))
        .exec_with_returning(app.db.writer())
        .await?;
    jobs.sort_by_key(|job| (job.due_at, job.id));
    Ok(jobs)
}

/// What became of a job.
pub enum Outcome {
    /// Carried out.
    Done,
    /// To be tried again, later each time.
    Retry(String),
    /// Never to be tried again.
    Dead(String),
}

/// Close a job; only its holder may.
pub async fn finish(app: &App, worker: &str, job: &outbox::Model, outcome: Outcome) -> Result<bool> {
    let now = app.now();
    let update = outbox::Entity::update_many()
        .filter(Column::Id.eq(job.id))
        .filter(Column::State.eq("running"))
        .filter(Column::LockedBy.eq(worker))
        .filter(Column::Attempts.eq(job.attempts));
    let update = match outcome {
        Outcome::Done => {
            update.col_expr(Column::State, Expr::value("done")).col_expr(Column::DoneAt, Expr::value(Some(now)))
        }
        Outcome::Retry(error) if job.attempts < MAX_ATTEMPTS => update
            .col_expr(Column::State, Expr::value("ready"))
            // A job under the same key may have become ready meanwhile: this one goes on without it.
            .col_expr(Column::CoalesceKey, Expr::value(None::<String>))
            .col_expr(Column::DueAt, Expr::value(now + backoff(job.attempts)))
            .col_expr(Column::LastError, Expr::value(Some(error))),
        Outcome::Retry(error) | Outcome::Dead(error) => {
            update.col_expr(Column::State, Expr::value("dead")).col_expr(Column::LastError, Expr::value(Some(error)))
        }
    };
    Ok(update.exec(app.db.writer()).await?.rows_affected == 1)
}

/// How long a job waits after so many attempts: thirty seconds, then twice as long each time, six hours at most.
fn backoff(attempts: i32) -> TimeDelta {
    TimeDelta::seconds(Ord::min(15_i64 << Ord::clamp(attempts, 0, 12), 6 * 3600))
}

/// Clocks of several machines differ by less than this; what is due later was put off by a clock that was wrong.
const APART: TimeDelta = TimeDelta::minutes(2);

/// Jobs that are due later than any rule makes them wait: they were put off by a clock that ran ahead and was put right.
/// They are due now. Answers how many.
pub async fn heal(app: &App) -> Result<u64> {
    let now = app.now();
    let far = now + APART;
    let mut late = Condition::any().add(Column::Attempts.lte(0).and(Column::DueAt.gt(far)));
    for attempts in 1..=MAX_ATTEMPTS {
        late = late.add(Column::Attempts.eq(attempts).and(Column::DueAt.gt(far + backoff(attempts))));
    }
    let late = Condition::all().add(Column::State.eq("ready")).add(late);
    // A look costs the writer nothing.
    #[expect(clippy::disallowed_methods, reason = "the outbox is the platform's own table")]
    let found = outbox::Entity::find().filter(late.clone()).count(app.db.reader()).await?;
    if found == 0 {
        return Ok(0);
    }
    let update = outbox::Entity::update_many().col_expr(Column::DueAt, Expr::value(now)).filter(late);
    Ok(update.exec(app.db.writer()).await?.rows_affected)
}

/// Give a dead job another life, as part of a larger act; answers whether it was dead.
pub async fn revive(tx: &Tx<'_>, id: Uuid) -> Result<bool> {
    let update = outbox::Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq("dead"))
        .col_expr(Column::State, Expr::value("ready"))
        .col_expr(Column::CoalesceKey, Expr::value(None::<String>))
        .col_expr(Column::Attempts, Expr::value(0))
        .col_expr(Column::DueAt, Expr::value(tx.now()));
    Ok(update.exec(tx.txn()).await?.rows_affected == 1)
}

/// Make a job that waits for its time due now, as part of a larger act; answers whether it waited.
pub async fn hurry(tx: &Tx<'_>, id: Uuid) -> Result<bool> {
    let update = outbox::Entity::update_many()
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq("ready"))
        .filter(Column::DueAt.gt(tx.now()))
        .col_expr(Column::DueAt, Expr::value(tx.now()));
    Ok(update.exec(tx.txn()).await?.rows_affected == 1)
}
