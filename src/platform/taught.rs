//! What a user teaches in an activity that is not theirs: dates, place, title, first names; nothing else of it.
//!
//! These three reads go by the user, not by the reach: the columns that they name are all that leaves.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{enrolment, person, programme, programme_version, session, session_slot, slot_trainer, trainer};
use sea_orm::{
    FromQueryResult, Order,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{error::Result, scope::Scope, text::short_name};

/// A session that the user teaches.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TaughtSession {
    /// Its identifier.
    pub id: Uuid,
    /// Its title.
    pub title: String,
    /// The title of its programme.
    pub programme_title: String,
    /// Its state.
    pub state: String,
    /// Where, as it is stored.
    pub place: Option<String>,
    /// The link of its distance half-days.
    pub link: Option<String>,
    /// First day.
    pub first_day: Option<NaiveDate>,
    /// Last day.
    pub last_day: Option<NaiveDate>,
}

/// A half-day that the user teaches.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TaughtSlot {
    /// Its identifier.
    pub id: Uuid,
    /// Its session.
    pub session_id: Uuid,
    /// Its day.
    pub day: NaiveDate,
    /// Its half.
    pub half: String,
    /// From this instant.
    pub starts_at: DateTime<Utc>,
    /// Until this one.
    pub ends_at: DateTime<Utc>,
    /// Face to face or at a distance.
    pub modality: String,
    /// Its own place, as it is stored.
    pub place: Option<String>,
    /// Its own link.
    pub link: Option<String>,
    /// Its state.
    pub state: String,
}

#[derive(FromQueryResult)]
struct TraineeRow {
    session_id: Uuid,
    first_name: String,
    birth_name: String,
    usage_name: Option<String>,
}

fn taught_by(user: Uuid, column: session_slot::Column) -> SelectStatement {
    Query::select()
        .expr(Expr::col((session_slot::Entity, column)))
        .from(session_slot::Entity)
        .inner_join(
            slot_trainer::Entity,
            Expr::col((slot_trainer::Entity, slot_trainer::Column::SlotId))
                .equals((session_slot::Entity, session_slot::Column::Id)),
        )
        .inner_join(
            trainer::Entity,
            Expr::col((trainer::Entity, trainer::Column::Id))
                .equals((slot_trainer::Entity, slot_trainer::Column::TrainerId)),
        )
        .and_where(Expr::col((trainer::Entity, trainer::Column::UserId)).eq(user))
        .to_owned()
}

impl Scope<'_> {
    /// Sessions of whichever activity (or of this one) in which the user teaches, newest first.
    pub async fn taught_sessions(
        &self,
        user: Uuid,
        activity: Option<Uuid>,
        only: Option<Uuid>,
        before: Option<Uuid>,
        limit: u64,
    ) -> Result<Vec<TaughtSession>> {
        let dated = |column: session::Column| Expr::col((session::Entity, column));
        let mut query = Query::select();
        query
            .columns([
                (session::Entity, session::Column::Id),
                (session::Entity, session::Column::Title),
                (session::Entity, session::Column::State),
                (session::Entity, session::Column::Place),
                (session::Entity, session::Column::Link),
                (session::Entity, session::Column::FirstDay),
                (session::Entity, session::Column::LastDay),
            ])
            .expr_as(Expr::col((programme::Entity, programme::Column::Title)), "programme_title")
            .from(session::Entity)
            .inner_join(
                programme_version::Entity,
                Expr::col((programme_version::Entity, programme_version::Column::Id))
                    .equals((session::Entity, session::Column::ProgrammeVersionId)),
            )
            .inner_join(
                programme::Entity,
                Expr::col((programme::Entity, programme::Column::Id))
                    .equals((programme_version::Entity, programme_version::Column::ProgrammeId)),
            )
            .and_where(dated(session::Column::Id).in_subquery(taught_by(user, session_slot::Column::SessionId)))
            .order_by((session::Entity, session::Column::Id), Order::Desc)
            .limit(limit);
        if let Some(activity) = activity {
            query.and_where(dated(session::Column::ActivityId).eq(activity));
        }
        if let Some(id) = only {
            query.and_where(dated(session::Column::Id).eq(id));
        }
        if let Some(id) = before {
            query.and_where(dated(session::Column::Id).lt(id));
        }
        self.report(&query).await
    }

    /// The half-days of these sessions that the user teaches, in order.
    pub async fn taught_slots(&self, user: Uuid, sessions: &[Uuid]) -> Result<Vec<TaughtSlot>> {
        use session_slot::Column as S;
        let slot = |column: S| Expr::col((session_slot::Entity, column));
        let query = Query::select()
            .columns([S::Id, S::SessionId, S::Day, S::Half, S::StartsAt, S::EndsAt, S::Modality, S::Place, S::Link])
            .column(S::State)
            .from(session_slot::Entity)
            .and_where(slot(S::SessionId).is_in(sessions.iter().copied()))
            .and_where(slot(S::Id).in_subquery(taught_by(user, S::Id)))
            .order_by(S::StartsAt, Order::Asc)
            .to_owned();
        self.report(&query).await
    }

    /// The trainees of these sessions, provided that the user teaches them: first name and initial.
    pub async fn taught_trainees(&self, user: Uuid, sessions: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
        let row = |column: enrolment::Column| Expr::col((enrolment::Entity, column));
        let query = Query::select()
            .column((enrolment::Entity, enrolment::Column::SessionId))
            .columns([
                (person::Entity, person::Column::FirstName),
                (person::Entity, person::Column::BirthName),
                (person::Entity, person::Column::UsageName),
            ])
            .from(enrolment::Entity)
            .inner_join(
                person::Entity,
                Expr::col((person::Entity, person::Column::Id))
                    .equals((enrolment::Entity, enrolment::Column::PersonId)),
            )
            .and_where(row(enrolment::Column::SessionId).is_in(sessions.iter().copied()))
            .and_where(row(enrolment::Column::SessionId).in_subquery(taught_by(user, session_slot::Column::SessionId)))
            .and_where(row(enrolment::Column::State).is_in(["invited", "enrolled", "started", "completed"]))
            .order_by((person::Entity, person::Column::FirstName), Order::Asc)
            .to_owned();
        let rows: Vec<TraineeRow> = self.report(&query).await?;
        let short = |row: TraineeRow| {
            let last = row.usage_name.unwrap_or(row.birth_name);
            (row.session_id, short_name(&row.first_name, &last))
        };
        Ok(rows.into_iter().map(short).collect())
    }
}
