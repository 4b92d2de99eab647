//! When a person is taken, in whichever activity: the one look-up that crosses the walls between activities.
//!
//! It tells hours and whether they are firm. Which session takes them is told only within the caller's reach; outside
//! it, the answer is « indisponible » and nothing else.

use chrono::{DateTime, Utc};
use entity::{booking, session, session_slot, slot_trainer, trainer};
use sea_orm::{
    ColumnTrait, FromQueryResult,
    sea_query::{Alias, Cond, Expr, ExprTrait, Query},
};
use uuid::Uuid;

use super::{
    error::Result,
    scope::{Reach, Scope},
};

/// A stretch of time that a trainer already has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// The trainer who was asked about.
    pub trainer: Uuid,
    /// From this instant.
    pub starts_at: DateTime<Utc>,
    /// Until this one.
    pub ends_at: DateTime<Utc>,
    /// Whether it is agreed with somebody (or running), not merely planned.
    pub firm: bool,
    /// The half-day and its session, when the caller may see them.
    pub visible: Option<(Uuid, Uuid)>,
}

#[derive(FromQueryResult)]
struct Row {
    trainer_id: Uuid,
    slot_id: Uuid,
    session_id: Uuid,
    activity_id: Uuid,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    firm: bool,
}

impl Scope<'_> {
    /// What these trainers already teach between two instants: in their activity and, when a trainer is a user, in
    /// every activity where that user teaches.
    pub async fn busy(&self, trainers: &[Uuid], from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Busy>> {
        if trainers.is_empty() {
            return Ok(vec![]);
        }
        let asked = |column: trainer::Column| Expr::col((Alias::new("asked"), column));
        let other = |column: trainer::Column| Expr::col((trainer::Entity, column));
        let slot = |column: session_slot::Column| Expr::col((session_slot::Entity, column));
        let dated = |column: session::Column| Expr::col((session::Entity, column));
        let taught = |column: slot_trainer::Column| Expr::col((slot_trainer::Entity, column));
        let agreed = Query::select()
            .expr(Expr::val(1))
            .from(booking::Entity)
            .and_where(
                Expr::col((booking::Entity, booking::Column::SessionId)).equals((session::Entity, session::Column::Id)),
            )
            .and_where(booking::Column::State.eq("agreed"))
            .to_owned();
        let mut query = Query::select();
        query
            .expr_as(asked(trainer::Column::Id), "trainer_id")
            .expr_as(slot(session_slot::Column::Id), "slot_id")
            .expr_as(slot(session_slot::Column::SessionId), "session_id")
            .expr_as(slot(session_slot::Column::ActivityId), "activity_id")
            .expr_as(slot(session_slot::Column::StartsAt), "starts_at")
            .expr_as(slot(session_slot::Column::EndsAt), "ends_at")
            .expr_as(dated(session::Column::State).eq("running").or(Expr::exists(agreed)), "firm")
            .from_as(trainer::Entity, "asked")
            .inner_join(
                trainer::Entity,
                other(trainer::Column::Id)
                    .equals(("asked", trainer::Column::Id))
                    .or(other(trainer::Column::UserId).equals(("asked", trainer::Column::UserId))),
            )
            .inner_join(
                slot_trainer::Entity,
                taught(slot_trainer::Column::TrainerId).equals((trainer::Entity, trainer::Column::Id)),
            )
            .inner_join(
                session_slot::Entity,
                slot(session_slot::Column::Id).equals((slot_trainer::Entity, slot_trainer::Column::SlotId)),
            )
            .inner_join(
                session::Entity,
                dated(session::Column::Id).equals((session_slot::Entity, session_slot::Column::SessionId)),
            )
            .and_where(asked(trainer::Column::Id).is_in(trainers.iter().copied()))
            .and_where(slot(session_slot::Column::State).ne("cancelled"))
            .and_where(dated(session::Column::State).ne("cancelled"))
            .and_where(slot(session_slot::Column::StartsAt).lt(to))
            .and_where(slot(session_slot::Column::EndsAt).gt(from));
        if let Reach::Activities(mine) = self.reach {
            query.cond_where(Cond::all().add(asked(trainer::Column::ActivityId).is_in(mine.iter().copied())));
        }
        let rows = self.report::<Row>(&query).await?;
        let mut busy: Vec<Busy> = rows
            .into_iter()
            .map(|row| Busy {
                trainer: row.trainer_id,
                starts_at: row.starts_at,
                ends_at: row.ends_at,
                firm: row.firm,
                visible: self.reach.holds(row.activity_id).then_some((row.slot_id, row.session_id)),
            })
            .collect();
        busy.sort_by_key(|one| (one.starts_at, one.trainer));
        Ok(busy)
    }
}
