//! What an action at a distance must show (art. D6313-3-1): 1° assistance, 2° the activities and their average duration,
//! 3° evaluations along the way or at the end.

use chrono::NaiveDate;
use entity::{distance_activity, enrolment, session};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        error::{Error, Result},
        scope::Scope,
    },
    words,
};

words! {
    /// Which of the three requirements something at a distance meets.
    pub enum DistanceKind {
        /// Technical or pedagogical assistance (1°).
        Assistance = "assistance",
        /// An activity to be done at a distance, and its average duration (2°).
        Activity = "activity",
        /// An evaluation, along the way or at the end (3°).
        Evaluation = "evaluation",
    }
}

/// Something done at a distance.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewDistanceActivity {
    /// Which requirement it meets.
    pub kind: DistanceKind,
    /// What it is.
    #[oai(validator(min_length = 1, max_length = 300))]
    pub label: String,
    /// How long it takes on average, in minutes; needed for an activity.
    #[oai(validator(minimum(value = "1"), maximum(value = "6000")))]
    pub average_minutes: Option<i32>,
    /// The trainee it concerns; everybody when absent.
    pub enrolment_id: Option<Uuid>,
    /// The day it was done.
    pub done_on: Option<NaiveDate>,
    /// What came of it.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub result: Option<String>,
}

/// Something done at a distance, as it was written down.
#[derive(Debug, Clone, Object)]
#[oai(rename = "DistanceActivity")]
pub struct DistanceActivityOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The session.
    pub session_id: Uuid,
    /// What was written.
    #[oai(flatten)]
    pub activity: NewDistanceActivity,
}

impl Versioned for DistanceActivityOut {
    fn version(&self) -> i64 {
        self.version
    }
}

/// What a session shows of the three requirements.
#[derive(Debug, Clone, Object)]
pub struct DistanceFollowUp {
    /// What was written down, in order.
    pub items: Vec<DistanceActivityOut>,
    /// The requirements of D6313-3-1 that nothing meets yet.
    pub missing: Vec<DistanceKind>,
}

fn shown(row: distance_activity::Model) -> Result<DistanceActivityOut> {
    Ok(DistanceActivityOut {
        id: row.id,
        version: row.version,
        session_id: row.session_id,
        activity: NewDistanceActivity {
            kind: DistanceKind::of(&row.kind)?,
            label: row.label,
            average_minutes: row.average_minutes,
            enrolment_id: row.enrolment_id,
            done_on: row.done_on,
            result: row.result,
        },
    })
}

/// What a session shows.
pub async fn follow_up(scope: &Scope<'_>, session: Uuid) -> Result<DistanceFollowUp> {
    scope.get::<session::Entity>(session).await?;
    let rows = scope
        .find::<distance_activity::Entity>()
        .filter(distance_activity::Column::SessionId.eq(session))
        .ascending(distance_activity::Column::Id)
        .all()
        .await?;
    let items: Vec<DistanceActivityOut> = rows.into_iter().map(shown).collect::<Result<_>>()?;
    let missing =
        DistanceKind::ALL.iter().filter(|kind| !items.iter().any(|item| item.activity.kind == **kind)).copied();
    Ok(DistanceFollowUp { missing: missing.collect(), items })
}

/// Write something down.
pub async fn add(ctx: &mut Ctx, session: Uuid, input: NewDistanceActivity) -> Result<DistanceActivityOut> {
    let NewDistanceActivity { kind, label, average_minutes, enrolment_id, done_on, result } = input;
    if kind == DistanceKind::Activity && average_minutes.is_none() {
        return Err(Error::invalid(
            "/average_minutes",
            "required",
            "Une activité à distance se donne avec sa durée moyenne (art. D6313-3-1, 2°).",
            "An activity at a distance comes with its average duration (art. D6313-3-1, 2°).",
        ));
    }
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let trainee = tx.scope().maybe::<enrolment::Entity>(enrolment_id).await?;
    if trainee.is_some_and(|row| row.session_id != session.id) {
        return Err(Error::Missing("enrolment"));
    }
    let row = tx
        .act(session.activity_id, Event::DistanceRecorded { session: session.id }.into())
        .insert(distance_activity::ActiveModel {
            session_id: Set(session.id),
            enrolment_id: Set(enrolment_id),
            kind: Set(kind.into()),
            label: Set(label),
            average_minutes: Set(average_minutes),
            done_on: Set(done_on),
            result: Set(result),
            ..Default::default()
        })
        .await?;
    tx.answers_at(format!("/v1/sessions/{}/distance-activities", session.id), 200);
    tx.commit().await?;
    shown(row)
}

/// Take it back: it was written by mistake.
pub async fn remove(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<distance_activity::Entity>(id).await?;
    let event = Event::DistanceRecorded { session: row.session_id };
    tx.act(row.activity_id, event.into()).delete::<distance_activity::Entity>(row).await?;
    tx.commit().await
}
