//! An activity as a resource, and its end.

use chrono::NaiveDate;
use entity::activity::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::Validate;

use super::{
    actions::{NewActivity, fill, gone},
    events::Event,
};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    calendar::date,
    error::{Error, Result},
    permission::{ActivitiesManage, Permission},
    resource::{Resource, Step, place},
    tx::Tx,
};

/// An activity, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct ActivityOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the audit, for `updated_after`.
    pub seq: i64,
    /// The name as addresses write it.
    pub slug: String,
    /// The day since which the cooperative no longer carries it: nothing new is sold.
    pub left_on: Option<NaiveDate>,
    /// Why it left.
    pub left_reason: Option<String>,
    /// What was written.
    #[oai(flatten)]
    pub activity: NewActivity,
}

impl Versioned for ActivityOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for ActivityOut {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            slug: row.slug.clone(),
            left_on: row.left_on,
            left_reason: row.left_reason.clone(),
            activity: written(row),
        }
    }
}

fn written(row: Model) -> NewActivity {
    NewActivity {
        external_id: row.external_id,
        name: row.name,
        description: row.description,
        email: row.email,
        phone: row.phone,
        website: row.website,
        accent: row.accent,
        opened_on: row.opened_on,
    }
}

/// The end of an activity.
#[derive(Debug, Clone, Object, Validate)]
pub struct Leaving {
    /// The first day on which the cooperative no longer carries it.
    pub on: NaiveDate,
    /// Why it leaves.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub reason: Option<String>,
}

/// The resource.
pub struct Activity;

impl Resource for Activity {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewActivity;
    const PATH: &'static str = "activities";

    fn activity(ctx: &Ctx, _: &NewActivity) -> Result<Option<Uuid>> {
        if ctx.scope().sees_all() { Ok(None) } else { Err(Error::Forbidden(ActivitiesManage::ID)) }
    }

    fn input(row: &Model) -> Result<NewActivity> {
        Ok(written(row.clone()))
    }

    fn fill(input: NewActivity, edit: &mut ActiveModel) -> Result<()> {
        fill(input, edit);
        Ok(())
    }

    fn event(activity: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Opened { activity },
            Step::Changed | Step::Deleted => Event::Changed { activity },
        }
        .into()
    }

    fn external_id() -> Option<Column> {
        Some(Column::ExternalId)
    }

    async fn check(_: &Tx<'_>, input: &NewActivity, before: Option<&Model>) -> Result<()> {
        match before.and_then(|row| row.left_on).filter(|left| *left < input.opened_on) {
            Some(left) => Err(order("/opened_on", input.opened_on, left)),
            None => Ok(()),
        }
    }
}

fn order(pointer: &str, opened: NaiveDate, left: NaiveDate) -> Error {
    Error::invalid(
        pointer,
        "dates.order",
        format!("Le départ ({}) précède l’ouverture ({}).", date(left), date(opened)),
        format!("The leaving ({left}) is before the opening ({opened})."),
    )
}

/// The activity leaves the cooperative: nothing new is sold from that day on; what was sold is kept and read.
pub async fn leave(ctx: &mut Ctx, activity: Uuid, input: Leaving) -> Result<Model> {
    let Leaving { on, reason } = input;
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(activity).await?;
    if let Some(left) = row.left_on {
        return Err(gone(&row.name, left));
    }
    if on < row.opened_on {
        return Err(order("/on", row.opened_on, on));
    }
    let row = tx
        .act(activity, Event::Left { activity }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.left_on = Set(Some(on));
            edit.left_reason = Set(reason);
        })
        .await?;
    tx.answers_at(place::<Activity>(activity), 200);
    tx.commit().await?;
    Ok(row)
}
