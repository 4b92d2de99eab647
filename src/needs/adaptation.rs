//! What a person needs because of a disability, with their consent: never a diagnosis, and never anywhere else.

use chrono::NaiveDate;
use entity::{
    adaptation::{ActiveModel, Column, Entity, Model},
    person,
};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{events::Event, rules::valid_free_text};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    calendar::date,
    contract::Patch,
    error::{Error, Result},
    page::{Page, PageQuery},
    scope::Scope,
};

/// What a person needs to follow a training.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewAdaptation {
    /// What is needed: more time, a screen reader, a place near the door; never a diagnosis.
    #[oai(validator(min_length = 1, max_length = 2000))]
    #[validate(custom(function = valid_free_text))]
    pub needed: String,
    /// The day on which the person agreed that this be noted.
    pub consent_on: NaiveDate,
    /// What was arranged.
    #[oai(validator(min_length = 1, max_length = 2000))]
    #[validate(custom(function = valid_free_text))]
    pub arranged: Option<String>,
}

/// What a person needs, as the system keeps it.
#[derive(Debug, Clone, Object)]
pub struct AdaptationOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The person.
    pub person_id: Uuid,
    /// What is needed; empty once the consent is withdrawn.
    pub needed: String,
    /// The day of the consent.
    pub consent_on: NaiveDate,
    /// What was arranged.
    pub arranged: Option<String>,
    /// The day on which the consent was withdrawn; the texts were erased then.
    pub withdrawn_on: Option<NaiveDate>,
}

impl Versioned for AdaptationOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for AdaptationOut {
    fn from(row: Model) -> Self {
        let Model { id, version, seq, person_id, needed, consent_on, arranged, withdrawn_on, .. } = row;
        Self { id, version, seq, person_id, needed, consent_on, arranged, withdrawn_on }
    }
}

/// The adaptations of one person.
pub(super) async fn list(scope: &Scope<'_>, person: Uuid, page: &PageQuery) -> Result<Page<AdaptationOut>> {
    scope.get::<person::Entity>(person).await?;
    scope.find::<Entity>().filter(Column::PersonId.eq(person)).page(page, AdaptationOut::from).await
}

fn not_to_come(consent_on: NaiveDate, today: NaiveDate) -> Result<()> {
    if consent_on <= today {
        return Ok(());
    }
    Err(Error::invalid(
        "/consent_on",
        "adaptation.consent_in_future",
        format!("Le consentement ne peut être du {}, après aujourd’hui, {}.", date(consent_on), date(today)),
        format!("The consent cannot be of {consent_on}, after today, {today}."),
    ))
}

/// Without a consent, nothing is noted.
fn consented(row: &Model) -> Result<()> {
    let Some(day) = row.withdrawn_on else { return Ok(()) };
    Err(Error::refused(
        "adaptation.withdrawn",
        format!("Ce consentement est déjà retiré, depuis le {}.", date(day)),
        format!("This consent was already withdrawn, on {day}."),
    ))
}

/// Change what is needed, or say what was arranged.
pub(super) async fn change(ctx: &mut Ctx, id: Uuid, patch: &Patch<NewAdaptation>) -> Result<Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.edit::<Entity>(id).await?;
    consented(&row)?;
    let before =
        NewAdaptation { needed: row.needed.clone(), consent_on: row.consent_on, arranged: row.arranged.clone() };
    let NewAdaptation { needed, consent_on, arranged } = patch.apply(&before)?;
    not_to_come(consent_on, tx.today())?;
    let person = row.person_id;
    let row = tx
        .act(row.activity_id, Event::AdaptationChanged { person, adaptation: id }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.needed = Set(needed);
            edit.consent_on = Set(consent_on);
            edit.arranged = Set(arranged);
        })
        .await?;
    tx.commit().await?;
    Ok(row)
}

/// Note what a person needs.
pub(super) async fn note(ctx: &mut Ctx, person: Uuid, input: NewAdaptation) -> Result<Model> {
    let NewAdaptation { needed, consent_on, arranged } = input;
    let mut tx = ctx.begin().await?;
    not_to_come(consent_on, tx.today())?;
    let owner = tx.lock::<person::Entity>(person).await?;
    let id = tx.new_id();
    let row = tx
        .act(owner.activity_id, Event::AdaptationNoted { person, adaptation: id }.into())
        .insert(ActiveModel {
            id: Set(id),
            person_id: Set(person),
            needed: Set(needed),
            consent_on: Set(consent_on),
            arranged: Set(arranged),
            ..Default::default()
        })
        .await?;
    tx.answers_at(format!("/v1/adaptations/{id}"), 201);
    tx.commit().await?;
    Ok(row)
}

/// The consent is withdrawn: the texts are erased, the fact that there was one stays.
pub(super) async fn withdraw(ctx: &mut Ctx, id: Uuid) -> Result<Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(id).await?;
    consented(&row)?;
    let (today, person) = (tx.today(), row.person_id);
    let row = tx
        .act(row.activity_id, Event::AdaptationWithdrawn { person, adaptation: id }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.needed = Set(String::new());
            edit.arranged = Set(None);
            edit.withdrawn_on = Set(Some(today));
        })
        .await?;
    tx.answers_at(format!("/v1/adaptations/{id}"), 200);
    tx.commit().await?;
    Ok(row)
}
