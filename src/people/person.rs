//! One human: names, how to reach them.

use chrono::NaiveDate;
use entity::person::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        check,
        error::Result,
        resource::{Resource, Step},
        text::fold,
    },
    words,
};

words! {
    /// How somebody wants to be addressed.
    pub enum Civility {
        /// Madame.
        Mme = "mme",
        /// Monsieur.
        M = "m",
    }
}

impl Civility {
    /// As papers print it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::Mme => "Mme",
            Self::M => "M.",
        }
    }
}

/// A human, as a caller writes them.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewPerson {
    /// The activity (tenant) that knows this person; needed when the key reaches several.
    pub activity_id: Option<Uuid>,
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// Civility (civilité), printed on papers when known.
    pub civility: Option<Civility>,
    /// First name (prénom).
    #[oai(validator(min_length = 1, max_length = 100))]
    pub first_name: String,
    /// Birth name (nom de naissance).
    #[oai(validator(min_length = 1, max_length = 100))]
    pub birth_name: String,
    /// Usage name (nom d'usage), printed instead of the birth name when there is one.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub usage_name: Option<String>,
    /// Email address; not unique, because associations share `contact@…`.
    #[oai(validator(max_length = 254))]
    #[validate(custom(function = check::valid_email))]
    pub email: Option<String>,
    /// Phone number, French or international.
    #[oai(validator(max_length = 30))]
    #[validate(custom(function = check::valid_phone))]
    pub phone: Option<String>,
    /// Date of birth, only when a funder asks for it.
    pub born_on: Option<NaiveDate>,
    /// A note for the trainer; never printed.
    #[oai(validator(max_length = 2000))]
    pub note: Option<String>,
}

/// A human, as the system knows them.
#[derive(Debug, Clone, Object)]
pub struct PersonOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The name as papers print it.
    pub printed_name: String,
    /// What was written.
    #[oai(flatten)]
    pub person: NewPerson,
}

impl Versioned for PersonOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for PersonOut {
    fn from(row: Model) -> Self {
        Self { id: row.id, version: row.version, seq: row.seq, printed_name: printed_name(&row), person: written(&row) }
    }
}

fn written(row: &Model) -> NewPerson {
    let Model {
        activity_id,
        external_id,
        civility,
        first_name,
        birth_name,
        usage_name,
        email,
        phone,
        born_on,
        note,
        ..
    } = row.clone();
    NewPerson {
        activity_id: Some(activity_id),
        external_id,
        civility: civility.as_deref().and_then(|name| Civility::of(name).ok()),
        first_name,
        birth_name,
        usage_name,
        email,
        phone,
        born_on,
        note,
    }
}

/// First and last name: « Marie Durand ».
pub fn name_of(row: &Model) -> String {
    format!("{} {}", row.first_name, row.usage_name.as_deref().unwrap_or(&row.birth_name))
}

/// The name as papers print it: « Mme Marie Durand ».
pub fn printed_name(row: &Model) -> String {
    match row.civility.as_deref().and_then(|name| Civility::of(name).ok()) {
        Some(civility) => format!("{} {}", civility.printed(), name_of(row)),
        None => name_of(row),
    }
}

/// The resource.
pub struct Person;

impl Resource for Person {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewPerson;
    const PATH: &'static str = "people";

    fn activity(ctx: &Ctx, input: &NewPerson) -> Result<Option<Uuid>> {
        ctx.activity(input.activity_id).map(Some)
    }

    fn input(row: &Model) -> Result<NewPerson> {
        Ok(written(row))
    }

    fn fill(input: NewPerson, edit: &mut ActiveModel) -> Result<()> {
        let NewPerson {
            activity_id: _,
            external_id,
            civility,
            first_name,
            birth_name,
            usage_name,
            email,
            phone,
            born_on,
            note,
        } = input;
        let words = [Some(&first_name), Some(&birth_name), usage_name.as_ref(), email.as_ref()];
        edit.search = Set(fold(&words.into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")));
        edit.external_id = Set(external_id);
        edit.civility = Set(civility.map(String::from));
        edit.first_name = Set(first_name);
        edit.birth_name = Set(birth_name);
        edit.usage_name = Set(usage_name);
        edit.email = Set(email);
        edit.phone = Set(phone);
        edit.born_on = Set(born_on);
        edit.note = Set(note);
        Ok(())
    }

    fn event(person: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Created { person },
            Step::Changed => Event::Changed { person },
            Step::Deleted => Event::Deleted { person },
        }
        .into()
    }

    fn external_id() -> Option<Column> {
        Some(Column::ExternalId)
    }
}
