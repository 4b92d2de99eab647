//! The texts that the cooperative publishes, by editions: publishing one closes the previous.

use chrono::NaiveDate;
use entity::organisation_text::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    events::Event,
    fact::{common, free, in_order, overlap},
};
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        audit::sha256,
        error::{Error, Result},
        resource::{Resource, Step, place},
        tx::Tx,
    },
    words,
};

words! {
    /// Kinds of published text.
    pub enum TextKind {
        /// Règlement intérieur (art. L6352-3), part of the information due before enrolment (art. L6353-8).
        InternalRules = "internal_rules",
        /// Conditions générales de vente.
        Terms = "terms",
        /// Livret d'accueil.
        WelcomeBooklet = "welcome_booklet",
        /// Information about personal data (RGPD art. 13).
        Privacy = "privacy",
    }
}

/// An edition of a text: its body, or a file that holds it.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewOrganisationText {
    /// Which text.
    pub kind: TextKind,
    /// Its title, as papers print it.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: String,
    /// The text itself, paragraphs separated by an empty line; absent in lists.
    #[oai(validator(min_length = 1, max_length = 200_000))]
    pub body: Option<String>,
    /// Or the common file that holds it.
    pub stored_file_id: Option<Uuid>,
    /// First day; the previous edition ends the day before.
    pub valid_from: NaiveDate,
    /// Last day, once it is known.
    pub valid_to: Option<NaiveDate>,
}

/// An edition of a text, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct OrganisationTextOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the audit, for `updated_after`.
    pub seq: i64,
    /// Its number among the editions of this kind, from 1.
    pub edition: i32,
    /// SHA-256 of the text or of its file, in hexadecimal: what a trainee was given can be proved.
    pub sha256: String,
    /// What was written.
    #[oai(flatten)]
    pub text: NewOrganisationText,
}

impl Versioned for OrganisationTextOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl OrganisationTextOut {
    /// Without the text itself, for lists.
    pub fn short(row: Model) -> Self {
        Self::from(Model { body: None, ..row })
    }
}

impl From<Model> for OrganisationTextOut {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            edition: row.edition,
            sha256: row.sha256.clone(),
            text: written(&row),
        }
    }
}

fn written(row: &Model) -> NewOrganisationText {
    NewOrganisationText {
        kind: TextKind::of(&row.kind).unwrap_or(TextKind::Terms),
        title: row.title.clone(),
        body: row.body.clone(),
        stored_file_id: row.stored_file_id,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    }
}

/// Publish an edition; the previous one of the same kind ends the day before.
pub async fn publish(ctx: &mut Ctx, input: NewOrganisationText) -> Result<Model> {
    common(ctx)?;
    let mut tx = ctx.begin().await?;
    let period = (input.valid_from, input.valid_to);
    in_order(period)?;
    tx.lock::<entity::organisation::Entity>(super::settings::ROW).await?;
    let sha256 = hash(&tx, &input).await?;
    let last = tx
        .scope()
        .find::<Entity>()
        .filter(Column::Kind.eq(input.kind.name()))
        .descending(Column::Edition)
        .one()
        .await?;
    let edition = last.as_ref().map_or(1, |row| row.edition + 1);
    let text = tx.new_id();
    if let Some(last) = last {
        if last.valid_from >= input.valid_from {
            return Err(overlap(period, (last.valid_from, last.valid_to)));
        }
        if last.valid_to.is_none_or(|end| end >= input.valid_from) {
            tx.act(None, Event::FactChanged { fact: last.id }.into())
                .update(last, |edit: &mut ActiveModel| edit.valid_to = Set(input.valid_from.pred_opt()))
                .await?;
        }
    }
    let mut edit = ActiveModel { id: Set(text), edition: Set(edition), sha256: Set(sha256), ..Default::default() };
    Text::fill(input, &mut edit)?;
    let row = tx.act(None, Event::TextPublished { text }.into()).insert(edit).await?;
    tx.answers_at(place::<Text>(row.id), 201);
    tx.commit().await?;
    Ok(row)
}

async fn hash(tx: &Tx<'_>, input: &NewOrganisationText) -> Result<String> {
    match (&input.body, input.stored_file_id) {
        (Some(body), None) => Ok(sha256(body)),
        (None, Some(id)) => {
            let file = tx.scope().get::<entity::stored_file::Entity>(id).await?;
            if file.activity_id.is_some() {
                return Err(Error::invalid(
                    "/stored_file_id",
                    "file.not_common",
                    "Ce fichier appartient à une activité : déposez-le sans « activity_id », pour que toutes le lisent.",
                    "This file belongs to an activity: upload it without “activity_id”, so that all may read it.",
                ));
            }
            Ok(file.sha256)
        }
        _ => Err(Error::invalid(
            "/body",
            "text.one_source",
            "Donnez soit « body », soit « stored_file_id », et un seul des deux.",
            "Give either “body” or “stored_file_id”, and only one of them.",
        )),
    }
}

/// The resource.
pub struct Text;

impl Resource for Text {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewOrganisationText;
    const PATH: &'static str = "organisation/texts";

    fn activity(ctx: &Ctx, _: &NewOrganisationText) -> Result<Option<Uuid>> {
        common(ctx)
    }

    fn input(row: &Model) -> Result<NewOrganisationText> {
        Ok(written(row))
    }

    fn fill(input: NewOrganisationText, edit: &mut ActiveModel) -> Result<()> {
        let NewOrganisationText { kind, title, body, stored_file_id, valid_from, valid_to } = input;
        edit.kind = Set(kind.into());
        edit.title = Set(title);
        edit.body = Set(body);
        edit.stored_file_id = Set(stored_file_id);
        edit.valid_from = Set(valid_from);
        edit.valid_to = Set(valid_to);
        Ok(())
    }

    fn event(fact: Uuid, step: Step) -> crate::events::Event {
        super::fact::event(fact, step)
    }

    async fn check(tx: &Tx<'_>, input: &NewOrganisationText, before: Option<&Model>) -> Result<()> {
        let published = before.map(written);
        if published.is_some_and(|old| {
            (old.kind, &old.body, old.stored_file_id) != (input.kind, &input.body, input.stored_file_id)
        }) {
            return Err(Error::refused(
                "organisation.text_published",
                "Une édition publiée ne change plus de contenu : publiez-en une nouvelle.",
                "A published edition keeps its content: publish a new one.",
            ));
        }
        let period = (input.valid_from, input.valid_to);
        let same = Column::Kind.eq(input.kind.name());
        let of = |row: &Model| (row.valid_from, row.valid_to);
        free::<Entity>(tx, (Column::ValidFrom, Column::ValidTo), Some(same), period, before.map(|row| row.id), of).await
    }
}
