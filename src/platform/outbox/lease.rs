//! How a worker holds its jobs: it says over and over that it lives, and whoever falls silent loses them.
//!
//! Nobody compares clocks: a worker watches what the others write, and takes a job whose row stood still for [`LEASE`] as
//! its own watch tells it. So a clock that is wrong, differs from another machine's, or is put right neither takes a job
//! from a living worker nor leaves it with a dead one.

use std::{
    collections::{HashMap, HashSet},
    hash::BuildHasher,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::outbox::{self, Column};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::MAX_ATTEMPTS;
use crate::platform::{app::App, error::Result};

/// How long a worker may be silent before its jobs are taken from it.
pub const LEASE: TimeDelta = TimeDelta::seconds(20);
/// How often a worker says that it lives.
pub const BEAT: Duration = Duration::from_secs(5);

/// What a worker last wrote on a job.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Sign {
    by: Option<String>,
    until: Option<DateTime<Utc>>,
    attempts: i32,
}

impl Sign {
    fn of(job: &outbox::Model) -> Self {
        Self { by: job.locked_by.clone(), until: job.locked_until, attempts: job.attempts }
    }

    /// Whether the row still says so.
    fn stands(&self) -> Condition {
        let by = self.by.as_ref().map_or_else(|| Column::LockedBy.is_null(), |by| Column::LockedBy.eq(by.as_str()));
        let until = self.until.map_or_else(|| Column::LockedUntil.is_null(), |until| Column::LockedUntil.eq(until));
        Condition::all().add(by).add(until).add(Column::Attempts.eq(self.attempts))
    }
}

/// What this program saw of the jobs that are under way, and when it first saw it so.
#[derive(Default)]
pub struct Sightings(Mutex<HashMap<Uuid, (Sign, Duration)>>);

impl Sightings {
    /// Look at the jobs that are under way; answers those that nobody has touched for a whole lease.
    fn silent(&self, running: &[outbox::Model], now: Duration) -> Vec<outbox::Model> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lease = LEASE.to_std().unwrap_or_default();
        let mut silent = vec![];
        let mut still = HashMap::new();
        for job in running {
            let sign = Sign::of(job);
            let since = match seen.remove(&job.id) {
                Some((before, since)) if before == sign => since,
                _ => now,
            };
            if now.saturating_sub(since) >= lease {
                silent.push(job.clone());
            }
            still.insert(job.id, (sign, since));
        }
        *seen = still;
        silent
    }
}

/// Say that a worker lives and holds these jobs.
pub async fn keep(app: &App, worker: &str, jobs: &[Uuid]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    outbox::Entity::update_many()
        .col_expr(Column::LockedUntil, Expr::value(app.now() + LEASE))
        .filter(Column::Id.is_in(jobs.iter().copied()))
        .filter(Column::State.eq("running"))
        .filter(Column::LockedBy.eq(worker))
        .exec(app.db.writer())
        .await?;
    Ok(())
}

/// Take the jobs of workers that fell silent back, but for one's own; answers those that were tried for the last time.
pub async fn take_back(app: &App, own: &HashSet<Uuid, impl BuildHasher>) -> Result<Vec<outbox::Model>> {
    #[expect(clippy::disallowed_methods, reason = "the outbox is the platform's own table")]
    let running = outbox::Entity::find().filter(Column::State.eq("running")).all(app.db.reader()).await?;
    let mut spent = vec![];
    for job in app.sightings.silent(&running, app.clock.elapsed()) {
        if own.contains(&job.id) {
            continue;
        }
        let last = job.attempts >= MAX_ATTEMPTS;
        let why = "le processus qui s’en chargeait s’est arrêté";
        let update = outbox::Entity::update_many()
            .col_expr(Column::State, Expr::value(if last { "dead" } else { "ready" }))
            // A job under the same key may have become ready meanwhile: this one goes on without it.
            .col_expr(Column::CoalesceKey, Expr::value(None::<String>))
            .col_expr(Column::LastError, Expr::value(Some(why)))
            .filter(Column::Id.eq(job.id))
            .filter(Column::State.eq("running"))
            .filter(Sign::of(&job).stands());
        let taken = update.exec(app.db.writer()).await?.rows_affected == 1;
        if taken && last {
            spent.push(outbox::Model { last_error: Some(why.to_owned()), ..job });
        }
    }
    Ok(spent)
}

/// Let all go that a worker could not finish, what it had claimed and not yet begun included: they are due again at once,
/// and the attempt does not count.
pub async fn let_go(app: &App, worker: &str) -> Result<u64> {
    let update = outbox::Entity::update_many()
        .col_expr(Column::State, Expr::value("ready"))
        .col_expr(Column::CoalesceKey, Expr::value(None::<String>))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).sub(1))
        .filter(Column::State.eq("running"))
        .filter(Column::LockedBy.eq(worker));
    Ok(update.exec(app.db.writer()).await?.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(number: u128, until: i64) -> outbox::Model {
        let instant = DateTime::from_timestamp(until, 0).unwrap();
        outbox::Model {
            id: Uuid::from_u128(number),
            activity_id: None,
            kind: "send".into(),
            payload: "{}".into(),
            cause: String::new(),
            once_key: None,
            coalesce_key: None,
            due_at: instant,
            state: "running".into(),
            attempts: 1,
            locked_by: Some("somebody".into()),
            locked_until: Some(instant),
            last_error: None,
            created_at: instant,
            done_at: None,
        }
    }

    #[test]
    fn whoever_says_that_it_lives_keeps_its_jobs_whatever_the_clocks_show() {
        let sightings = Sightings::default();
        let at = |seconds| Duration::from_secs(seconds);
        // It says so every five seconds, by a clock that is two days behind, then put right.
        for (second, shown) in [(0, 100), (5, 105), (10, 172_900), (15, 172_905), (20, 172_910), (39, 172_929)] {
            assert!(sightings.silent(&[held(1, shown)], at(second)).is_empty(), "{second}");
        }
        assert!(sightings.silent(&[held(1, 172_929)], at(58)).is_empty());
        assert_eq!(sightings.silent(&[held(1, 172_929)], at(59)).len(), 1, "silent for a whole lease");
    }

    #[test]
    fn a_job_that_was_taken_anew_is_watched_anew() {
        let sightings = Sightings::default();
        let at = |seconds| Duration::from_secs(seconds);
        sightings.silent(&[held(1, 100)], at(0));
        let again = outbox::Model { attempts: 2, ..held(1, 100) };
        assert!(sightings.silent(std::slice::from_ref(&again), at(19)).is_empty());
        assert!(sightings.silent(std::slice::from_ref(&again), at(30)).is_empty());
        assert_eq!(sightings.silent(&[again], at(39)).len(), 1);
        sightings.silent(&[], at(40));
        assert!(sightings.silent(&[held(1, 100)], at(60)).is_empty(), "what is gone is forgotten");
    }
}
