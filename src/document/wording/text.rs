//! A text as a resource: one for each kind of paper, place and owner.

use entity::paper_text::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait, ExprTrait};
use uuid::Uuid;
use validator::Validate;

use super::{super::Kind, events::Event, place::Place, template, variables};
use crate::{
    organisation::settings,
    platform::{
        access::Ctx,
        answer::Versioned,
        error::{Error, Result},
        resource::{Resource, Step},
        tx::Tx,
    },
};

/// A text to add to a kind of paper.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewPaperText {
    /// The activity whose papers bear it; absent, those of all (cooperative's staff) or of the key's only activity.
    pub activity_id: Option<Uuid>,
    /// The kind of paper.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
    /// The text: paragraphs parted by an empty line, `- ` before the items of a list, `# ` before a title; variables
    /// between double braces, `{{ client.name }}`, from `GET /v1/paper-variables`.
    #[oai(validator(min_length = 1, max_length = 8000))]
    pub body: String,
}

/// A text, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct PaperTextOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the audit, for `updated_after`.
    pub seq: i64,
    /// What was written.
    #[oai(flatten)]
    pub text: NewPaperText,
}

impl Versioned for PaperTextOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for PaperTextOut {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self { id: row.id, version: row.version, seq: row.seq, text: PaperText::input(&row)? })
    }
}

/// The owner of a new text: the activity that is named, or the only one within reach; nobody when it is for all.
pub fn owned(ctx: &Ctx, text: NewPaperText) -> Result<NewPaperText> {
    let activity_id = match text.activity_id {
        None if ctx.scope().sees_all() => None,
        named => Some(ctx.activity(named)?),
    };
    Ok(NewPaperText { activity_id, ..text })
}

/// Delete a text: papers issued before keep what they said.
pub async fn remove(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<Entity>(id).await?;
    allowed(&tx, Place::of(&row.place)?).await?;
    let activity = row.activity_id;
    tx.act(activity, Event::Deleted { text: id }.into()).delete::<Entity>(row).await?;
    tx.commit().await
}

/// Trainers write the texts of their own papers as far as the cooperative lets them.
async fn allowed(tx: &Tx<'_>, place: Place) -> Result<()> {
    let rules = settings(&tx.scope()).await?;
    let open = match place {
        Place::Introduction | Place::Closing => rules.activities_introductions,
        Place::Clauses => rules.activities_clauses,
    };
    if open || tx.scope().sees_all() {
        return Ok(());
    }
    Err(Error::refused(
        "paper_text.cooperative_only",
        "La coopérative rédige elle-même ces textes : demandez-lui ce changement, ou d’ouvrir ce réglage.",
        "The cooperative writes these texts itself: ask it for this change, or to open this setting.",
    ))
}

/// The resource.
pub struct PaperText;

impl Resource for PaperText {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewPaperText;
    const PATH: &'static str = "paper-texts";

    fn activity(_: &Ctx, input: &NewPaperText) -> Result<Option<Uuid>> {
        Ok(input.activity_id)
    }

    fn input(row: &Model) -> Result<NewPaperText> {
        Ok(NewPaperText {
            activity_id: row.activity_id,
            kind: Kind::of(&row.kind)?,
            place: Place::of(&row.place)?,
            body: row.body.clone(),
        })
    }

    fn fill(input: NewPaperText, edit: &mut ActiveModel) -> Result<()> {
        let NewPaperText { activity_id: _, kind, place, body } = input;
        edit.kind = Set(kind.into());
        edit.place = Set(place.into());
        edit.body = Set(body);
        Ok(())
    }

    fn event(text: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Written { text },
            Step::Changed => Event::Changed { text },
            Step::Deleted => Event::Deleted { text },
        }
        .into()
    }

    async fn check(tx: &Tx<'_>, input: &NewPaperText, before: Option<&Model>) -> Result<()> {
        allowed(tx, input.place).await?;
        input.place.stands_on(input.kind, "/place")?;
        template::read(&input.body, &variables::of(input.kind), "/body")?;
        match before {
            None => alone(tx, input).await,
            Some(row) if (row.kind.as_str(), row.place.as_str()) == (input.kind.name(), input.place.name()) => Ok(()),
            Some(_) => Err(Error::invalid(
                "/place",
                "fixed",
                "Un texte ne change ni de document ni de place : supprimez-le et écrivez-en un autre.",
                "A text changes neither paper nor place: delete it and write another one.",
            )),
        }
    }
}

/// No other text of the same owner stands there.
async fn alone(tx: &Tx<'_>, input: &NewPaperText) -> Result<()> {
    // Two at once would each find the place free.
    match input.activity_id {
        Some(activity) => tx.lock::<entity::activity::Entity>(activity).await.map(drop)?,
        None => {
            let organisation = settings(&tx.scope()).await?.id;
            tx.lock::<entity::organisation::Entity>(organisation).await.map(drop)?;
        }
    }
    let owner =
        input.activity_id.map_or_else(|| Column::ActivityId.is_null(), |activity| Column::ActivityId.eq(activity));
    let other = tx
        .scope()
        .find::<Entity>()
        .filter(owner)
        .filter(Column::Kind.eq(input.kind.name()).and(Column::Place.eq(input.place.name())))
        .one()
        .await?;
    match other {
        None => Ok(()),
        Some(other) => Err(Error::refused(
            "paper_text.taken",
            format!("Un texte se trouve déjà à cette place : changez le texte {}.", other.id),
            format!("A text already stands there: change the text {}.", other.id),
        )),
    }
}
