//! A needs analysis: who took part, what is expected, what there is, and the decision.

use chrono::NaiveDate;
use entity::{
    client,
    needs_analysis::{ActiveModel, Column, Entity, Model},
    programme,
};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::{
    events::Event,
    rules::{self, valid_free_text},
};
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        codes::{store, stored},
        error::{Error, Result},
        resource::{Resource, Step, place},
        scope::Scope,
        text::fold,
        tx::Tx,
    },
    words,
};

words! {
    /// How people met.
    pub enum AppointmentKind {
        /// A video call (visioconférence).
        VideoCall = "video_call",
        /// A day with the governing body.
        Day = "day",
        /// A visit.
        Visit = "visit",
        /// A phone call.
        Phone = "phone",
    }
}

words! {
    /// What was decided.
    pub enum Conclusion {
        /// Go ahead.
        GoAhead = "go_ahead",
        /// Adapt what was asked.
        Adapt = "adapt",
        /// Do not start.
        DoNotStart = "do_not_start",
    }
}

/// A meeting upstream; never a half-day of training.
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct Appointment {
    /// Its day.
    pub on: NaiveDate,
    /// Its length, in minutes.
    #[oai(validator(minimum(value = "1"), maximum(value = "1440")))]
    pub minutes: i32,
    /// How people met.
    pub kind: AppointmentKind,
}

/// Somebody who took part.
#[derive(Debug, Clone, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct Participant {
    /// First and last name.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[validate(custom(function = valid_free_text))]
    pub name: String,
    /// What they are in the organisation.
    #[oai(validator(min_length = 1, max_length = 200))]
    #[validate(custom(function = valid_free_text))]
    pub role: Option<String>,
}

/// What the organisation works with (état des lieux numérique).
#[derive(Debug, Clone, Default, PartialEq, Eq, Object, Validate, Serialize, Deserialize)]
pub struct DigitalEstate {
    /// Computers, phones and other devices.
    #[oai(validator(max_length = 4000))]
    #[validate(custom(function = valid_free_text))]
    pub devices: Option<String>,
    /// Servers and online services.
    #[oai(validator(max_length = 4000))]
    #[validate(custom(function = valid_free_text))]
    pub servers: Option<String>,
    /// Where data are, who reaches them.
    #[oai(validator(max_length = 4000))]
    #[validate(custom(function = valid_free_text))]
    pub data_location: Option<String>,
    /// Backups, and whether restoring was tried.
    #[oai(validator(max_length = 4000))]
    #[validate(custom(function = valid_free_text))]
    pub backups: Option<String>,
    /// Tools and people on which everything hangs.
    #[oai(validator(max_length = 4000))]
    #[validate(custom(function = valid_free_text))]
    pub dependencies: Option<String>,
    /// Who knows what (carte des compétences).
    #[oai(validator(max_length = 4000))]
    #[validate(custom(function = valid_free_text))]
    pub skills_map: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    appointments: Vec<Appointment>,
    participants: Vec<Participant>,
    context: Option<String>,
    expectations: Option<String>,
    digital_estate: Option<DigitalEstate>,
}

/// A needs analysis, as a caller writes it: only what bears on the training (art. L6353-9).
#[derive(Debug, Clone, Object, Validate)]
pub struct NewNeedsAnalysis {
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The client; the analysis belongs to its activity.
    pub client_id: Uuid,
    /// The programme of the catalogue that is thought of, if any.
    pub programme_id: Option<Uuid>,
    /// What is asked, in a line.
    #[oai(validator(min_length = 1, max_length = 300))]
    #[validate(custom(function = valid_free_text))]
    pub subject: String,
    /// The day of the analysis.
    pub held_on: Option<NaiveDate>,
    /// Meetings upstream; never half-days of training.
    #[oai(default, validator(max_items = 50))]
    pub appointments: Vec<Appointment>,
    /// Who took part.
    #[oai(default, validator(max_items = 100))]
    #[validate(nested)]
    pub participants: Vec<Participant>,
    /// The context.
    #[oai(validator(max_length = 8000))]
    #[validate(custom(function = valid_free_text))]
    pub context: Option<String>,
    /// What is expected.
    #[oai(validator(max_length = 8000))]
    #[validate(custom(function = valid_free_text))]
    pub expectations: Option<String>,
    /// What the organisation works with.
    #[validate(nested)]
    pub digital_estate: Option<DigitalEstate>,
}

/// A needs analysis, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct NeedsAnalysisOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant) of the client.
    pub activity_id: Uuid,
    /// What was decided, once it was.
    pub conclusion: Option<Conclusion>,
    /// Why, unless it is to go ahead.
    pub conclusion_reason: Option<String>,
    /// What was written.
    #[oai(flatten)]
    pub analysis: NewNeedsAnalysis,
}

impl Versioned for NeedsAnalysisOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl NeedsAnalysisOut {
    /// From its row.
    pub fn from_row(row: &Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            conclusion: row.conclusion.as_deref().map(Conclusion::of).transpose()?,
            conclusion_reason: row.conclusion_reason.clone(),
            analysis: NeedsAnalysis::input(row)?,
        })
    }
}

/// What was decided.
#[derive(Debug, Clone, Object, Validate)]
pub struct Conclude {
    /// What was decided.
    pub conclusion: Conclusion,
    /// Why; required unless it is to go ahead.
    #[oai(validator(max_length = 2000))]
    #[validate(custom(function = valid_free_text))]
    pub reason: Option<String>,
}

/// The resource. It is made in the activity of its client: see [`create`].
pub struct NeedsAnalysis;

impl Resource for NeedsAnalysis {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewNeedsAnalysis;
    const PATH: &'static str = "needs-analyses";

    fn activity(ctx: &Ctx, _: &NewNeedsAnalysis) -> Result<Option<Uuid>> {
        ctx.activity(None).map(Some)
    }

    fn input(row: &Model) -> Result<NewNeedsAnalysis> {
        let Kept { appointments, participants, context, expectations, digital_estate } = stored(&row.content)?;
        Ok(NewNeedsAnalysis {
            external_id: row.external_id.clone(),
            client_id: row.client_id,
            programme_id: row.programme_id,
            subject: row.subject.clone(),
            held_on: row.held_on,
            appointments,
            participants,
            context,
            expectations,
            digital_estate,
        })
    }

    fn fill(input: NewNeedsAnalysis, edit: &mut ActiveModel) -> Result<()> {
        let NewNeedsAnalysis {
            external_id,
            client_id,
            programme_id,
            subject,
            held_on,
            appointments,
            participants,
            context,
            expectations,
            digital_estate,
        } = input;
        edit.external_id = Set(external_id);
        edit.client_id = Set(client_id);
        edit.programme_id = Set(programme_id);
        edit.search = Set(fold(&subject));
        edit.subject = Set(subject);
        edit.held_on = Set(held_on);
        edit.content = Set(store(&Kept { appointments, participants, context, expectations, digital_estate })?);
        Ok(())
    }

    fn event(needs_analysis: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Created { needs_analysis },
            Step::Changed => Event::Changed { needs_analysis },
            Step::Deleted => Event::Deleted { needs_analysis },
        }
        .into()
    }

    fn external_id() -> Option<Column> {
        Some(Column::ExternalId)
    }

    async fn check(tx: &Tx<'_>, input: &NewNeedsAnalysis, before: Option<&Model>) -> Result<()> {
        let client = tx.scope().get::<client::Entity>(input.client_id).await?;
        if before.is_some_and(|row| row.activity_id != client.activity_id) {
            return Err(Error::Missing("client"));
        }
        let programme = tx.scope().maybe::<programme::Entity>(input.programme_id).await?;
        if programme.is_some_and(|programme| programme.activity_id != client.activity_id) {
            return Err(Error::Missing("programme"));
        }
        Ok(())
    }
}

/// Write an analysis in the activity of its client.
pub(super) async fn create(ctx: &mut Ctx, input: NewNeedsAnalysis) -> Result<Model> {
    let mut tx = ctx.begin().await?;
    let activity = tx.scope().get::<client::Entity>(input.client_id).await?.activity_id;
    NeedsAnalysis::check(&tx, &input, None).await?;
    let row = crate::platform::resource::insert::<NeedsAnalysis>(&mut tx, Some(activity), input).await?;
    tx.answers_at(place::<NeedsAnalysis>(row.id), 201);
    tx.commit().await?;
    Ok(row)
}

/// Decide.
pub(super) async fn conclude(ctx: &mut Ctx, id: Uuid, input: Conclude) -> Result<Model> {
    let Conclude { conclusion, reason } = input;
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(id).await?;
    rules::conclude(row.conclusion.as_deref(), conclusion, reason.as_deref())?;
    let row = tx
        .act(row.activity_id, Event::Concluded { needs_analysis: id }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.conclusion = Set(Some(conclusion.into()));
            edit.conclusion_reason = Set(reason);
        })
        .await?;
    tx.answers_at(place::<NeedsAnalysis>(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// What an analysis concluded, if it did.
pub async fn concluded(scope: &Scope<'_>, id: Uuid) -> Result<Option<Conclusion>> {
    scope.get::<Entity>(id).await?.conclusion.as_deref().map(Conclusion::of).transpose()
}
