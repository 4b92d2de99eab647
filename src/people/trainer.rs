//! People who teach, with what proves that they can (art. L6352-1), and the cooperative's accreditation.

pub mod api;
pub mod events;

use std::borrow::Cow;

use chrono::NaiveDate;
use entity::{
    person, stored_file,
    trainer::{ActiveModel, Column, Entity, Model},
    user_account,
};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use self::events::Event;
use super::person::{NewPerson, Person, name_of};
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        calendar::date,
        check,
        codes::{store, stored},
        error::{Error, Result},
        number::Nda,
        page::{Page, PageQuery},
        resource::{self, Resource, Step, place},
        scope::Scope,
        text::fold,
        tx::Tx,
    },
    words,
};

words! {
    /// How a trainer works for the cooperative.
    pub enum TrainerStatus {
        /// Entrepreneur-salarié of the cooperative (art. L7331-2).
        EntrepreneurSalarie = "entrepreneur_salarie",
        /// Employee (salarié).
        Employee = "employee",
        /// Subcontractor (sous-traitant), with a declaration of activity of their own.
        Subcontractor = "subcontractor",
    }
}

/// Somebody who teaches, as a caller writes them.
#[derive(Debug, Clone, Object, Validate)]
#[validate(schema(function = "subcontractor_is_declared"))]
pub struct NewTrainer {
    /// The activity (tenant) in which they teach; needed when the key reaches several.
    pub activity_id: Option<Uuid>,
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The person, when they are already known.
    pub person_id: Option<Uuid>,
    /// Or the person, made in the same call.
    #[validate(nested)]
    pub person: Option<NewPerson>,
    /// Their user account, if they use the API.
    pub user_id: Option<Uuid>,
    /// How they work for the cooperative.
    pub status: TrainerStatus,
    /// A subcontractor's own declaration of activity (NDA), 11 digits.
    #[oai(validator(max_length = 25))]
    #[validate(custom(function = check::valid_nda))]
    pub nda: Option<String>,
    /// Reference of the subcontracting contract.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub contract_reference: Option<String>,
    /// What they can teach (compétences).
    #[oai(validator(max_items = 50, max_length = 200))]
    pub skills: Vec<String>,
    /// Diplomas and titles (titres et diplômes).
    #[oai(validator(max_items = 50, max_length = 200))]
    pub diplomas: Vec<String>,
    /// Experience and references, printed in the programme.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub references: Option<String>,
    /// The file of their CV.
    pub cv_file_id: Option<Uuid>,
    /// The date of the CV.
    pub cv_dated: Option<NaiveDate>,
}

fn subcontractor_is_declared(input: &NewTrainer) -> Result<(), ValidationError> {
    if input.status != TrainerStatus::Subcontractor {
        return Ok(());
    }
    let at = match (&input.nda, &input.contract_reference) {
        (Some(_), Some(_)) => return Ok(()),
        (None, _) => "/nda",
        (Some(_), None) => "/contract_reference",
    };
    let mut error = ValidationError::new("trainer.subcontractor").with_message(Cow::Borrowed(
        "Un sous-traitant a son propre numéro de déclaration d’activité (« nda ») et un contrat (« contract_reference »).",
    ));
    error.add_param(
        "en".into(),
        &"A subcontractor has a declaration of activity of their own (“nda”) and a contract (“contract_reference”).",
    );
    error.add_param("at".into(), &at);
    Err(error)
}

/// Somebody who teaches, as the system knows them.
#[derive(Debug, Clone, Object)]
pub struct TrainerOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// First and last name.
    pub name: String,
    /// First day of the cooperative's accreditation.
    pub accredited_from: Option<NaiveDate>,
    /// Last day of the cooperative's accreditation.
    pub accredited_to: Option<NaiveDate>,
    /// What was written.
    #[oai(flatten)]
    pub trainer: NewTrainer,
}

impl Versioned for TrainerOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TrainerOut {
    fn new(row: &Model, person: Option<&person::Model>) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            name: person.map(name_of).unwrap_or_default(),
            accredited_from: row.accredited_from,
            accredited_to: row.accredited_to,
            trainer: Trainer::input(row)?,
        })
    }
}

/// The cooperative's accreditation.
#[derive(Debug, Clone, Object, Validate)]
pub struct Accreditation {
    /// First day.
    pub from: NaiveDate,
    /// Last day, if it is limited.
    pub to: Option<NaiveDate>,
}

/// Whether the cooperative has accredited the trainer for a day.
pub fn accredited(trainer: &Model, day: NaiveDate) -> bool {
    trainer.accredited_from.is_some_and(|from| from <= day) && trainer.accredited_to.is_none_or(|to| day <= to)
}

/// First and last name of a trainer.
pub async fn trainer_name(scope: &Scope<'_>, id: Uuid) -> Result<String> {
    let trainer = scope.get::<Entity>(id).await?;
    Ok(name_of(&scope.get::<person::Entity>(trainer.person_id).await?))
}

pub(super) async fn named(scope: &Scope<'_>, row: Model) -> Result<TrainerOut> {
    TrainerOut::new(&row, Some(&scope.get::<person::Entity>(row.person_id).await?))
}

async fn list(scope: &Scope<'_>, page: &PageQuery) -> Result<Page<TrainerOut>> {
    let mut query = scope.find::<Entity>();
    if let Some(words) = page.q.as_deref() {
        let people = scope.find::<person::Entity>().search(person::Column::Search, Some(words));
        let skilled =
            fold(words).split_whitespace().fold(Condition::all(), |all, word| all.add(Column::Search.contains(word)));
        let of_that_name = Column::PersonId.in_subquery(people.column(person::Column::Id));
        query = query.filter(Condition::any().add(of_that_name).add(skilled));
    }
    let (rows, next) = query.page_rows(page).await?;
    let people = scope.map::<person::Entity>(rows.iter().map(|row| row.person_id)).await?;
    let items = rows.iter().map(|row| TrainerOut::new(row, people.get(&row.person_id))).collect::<Result<_>>()?;
    Ok(Page { items, next })
}

/// The resource.
pub struct Trainer;

impl Resource for Trainer {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewTrainer;
    const PATH: &'static str = "trainers";

    fn activity(ctx: &Ctx, input: &NewTrainer) -> Result<Option<Uuid>> {
        ctx.activity(input.activity_id).map(Some)
    }

    fn input(row: &Model) -> Result<NewTrainer> {
        let row = row.clone();
        Ok(NewTrainer {
            activity_id: Some(row.activity_id),
            external_id: row.external_id,
            person_id: Some(row.person_id),
            person: None,
            user_id: row.user_id,
            status: TrainerStatus::of(&row.status)?,
            nda: row.nda,
            contract_reference: row.contract_reference,
            skills: stored(&row.skills)?,
            diplomas: stored(&row.diplomas)?,
            references: row.references,
            cv_file_id: row.cv_file_id,
            cv_dated: row.cv_dated,
        })
    }

    fn fill(input: NewTrainer, edit: &mut ActiveModel) -> Result<()> {
        let NewTrainer {
            activity_id: _,
            external_id,
            person_id,
            person: _,
            user_id,
            status,
            nda,
            contract_reference,
            skills,
            diplomas,
            references,
            cv_file_id,
            cv_dated,
        } = input;
        if let Some(person) = person_id {
            edit.person_id = Set(person);
        }
        edit.search = Set(fold(&skills.join(" ")));
        edit.external_id = Set(external_id);
        edit.user_id = Set(user_id);
        edit.status = Set(status.into());
        edit.nda = Set(nda.map(|nda| Nda::parse(&nda).map_or(nda, String::from)));
        edit.contract_reference = Set(contract_reference);
        edit.skills = Set(store(&skills)?);
        edit.diplomas = Set(store(&diplomas)?);
        edit.references = Set(references);
        edit.cv_file_id = Set(cv_file_id);
        edit.cv_dated = Set(cv_dated);
        Ok(())
    }

    fn event(trainer: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Created { trainer },
            Step::Changed => Event::Changed { trainer },
            Step::Deleted => Event::Deleted { trainer },
        }
        .into()
    }

    fn external_id() -> Option<Column> {
        Some(Column::ExternalId)
    }

    async fn check(tx: &Tx<'_>, input: &NewTrainer, before: Option<&Model>) -> Result<()> {
        let scope = tx.scope();
        if let Some(before) = before
            && (input.person.is_some() || input.person_id != Some(before.person_id))
        {
            return Err(Error::invalid(
                "/person_id",
                "trainer.person",
                "Un formateur reste la même personne : changez son nom par « /v1/people ».",
                "A trainer stays the same person: change their name through “/v1/people”.",
            ));
        }
        if input.user_id != before.and_then(|row| row.user_id) {
            binds(tx, input.user_id).await?;
        }
        if let Some(file) = scope.maybe::<stored_file::Entity>(input.cv_file_id).await?
            && file.activity_id.is_some()
            && file.activity_id != before.map(|row| row.activity_id).or(input.activity_id)
        {
            return Err(Error::Missing("stored_file"));
        }
        Ok(())
    }
}

/// A user is bound to a trainer by the cooperative, or by themself: whoever is bound has what they teach shown here, and is
/// known to exist. For anybody else a real user and one that was made up are missing alike.
async fn binds(tx: &Tx<'_>, user: Option<Uuid>) -> Result<()> {
    let Some(user) = user else { return Ok(()) };
    if tx.user() == Some(user) {
        return Ok(());
    }
    if !tx.scope().sees_all() {
        return Err(Error::Missing("user_account"));
    }
    tx.scope().get::<user_account::Entity>(user).await.map(drop)
}

/// Add a trainer and, when they are new, their person: all or nothing.
pub async fn create(ctx: &mut Ctx, mut input: NewTrainer) -> Result<Model> {
    let activity = ctx.activity(input.activity_id)?;
    input.activity_id = Some(activity);
    let mut tx = ctx.begin().await?;
    let person = match (input.person_id, input.person.take()) {
        (Some(id), None) => {
            let person = tx.scope().get::<person::Entity>(id).await?;
            if person.activity_id != activity {
                return Err(Error::Missing("person"));
            }
            id
        }
        (None, Some(person)) => {
            if person.activity_id.is_some_and(|named| named != activity) {
                return Err(Error::Missing("activity"));
            }
            resource::insert::<Person>(&mut tx, Some(activity), person).await?.id
        }
        _ => {
            return Err(Error::invalid(
                "/person_id",
                "trainer.one_person",
                "Donnez soit « person_id », soit « person », et un seul des deux.",
                "Give either “person_id” or “person”, and only one of them.",
            ));
        }
    };
    input.person_id = Some(person);
    Trainer::check(&tx, &input, None).await?;
    let row = resource::insert::<Trainer>(&mut tx, Some(activity), input).await?;
    tx.answers_at(place::<Trainer>(row.id), 201);
    tx.commit().await?;
    Ok(row)
}

/// Accredit a trainer; a new accreditation replaces the previous one, the audit keeps both.
pub async fn accredit(ctx: &mut Ctx, trainer: Uuid, input: Accreditation) -> Result<Model> {
    let Accreditation { from, to } = input;
    if let Some(end) = to.filter(|end| *end < from) {
        return Err(Error::invalid(
            "/to",
            "dates.order",
            format!("La fin ({}) précède le début ({}).", date(end), date(from)),
            format!("The end ({end}) is before the beginning ({from})."),
        ));
    }
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(trainer).await?;
    let row = tx
        .act(row.activity_id, Event::Accredited { trainer }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.accredited_from = Set(Some(from));
            edit.accredited_to = Set(to);
        })
        .await?;
    tx.answers_at(place::<Trainer>(trainer), 200);
    tx.commit().await?;
    Ok(row)
}
