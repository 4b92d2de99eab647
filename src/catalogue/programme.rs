//! A programme: its draft, and which version is sold today.

use entity::programme::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use super::{content::Content, events::Event};
use crate::{
    platform::{
        access::Ctx,
        answer::Versioned,
        codes::{store, stored},
        error::{Error, Result},
        resource::{Resource, Step},
        text::fold,
        tx::Tx,
    },
    words,
};

words! {
    /// Where a programme is in its life.
    pub enum ProgrammeState {
        /// Never published: not for sale.
        Draft = "draft",
        /// On sale.
        Published = "published",
        /// No longer sold; what was sold goes on.
        Retired = "retired",
    }
}

/// What is done to a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Change the draft.
    Change,
    /// Freeze a version.
    Publish,
    /// Sell it no more.
    Retire,
}

impl ProgrammeState {
    /// The state after a move.
    pub(super) fn after(self, step: Move) -> Result<Self> {
        use Move::{Change, Publish, Retire};
        use ProgrammeState::{Draft, Published, Retired};
        match (self, step) {
            (state @ (Draft | Published), Change) => Ok(state),
            (Draft | Published, Publish) => Ok(Published),
            (Draft | Published, Retire) => Ok(Retired),
            (Retired, Change | Publish | Retire) => {
                let step = match step {
                    Change => "change",
                    Publish => "publish",
                    Retire => "retire",
                };
                Err(Error::no_move("programme.state", self.name(), step, &["duplicate"]))
            }
        }
    }
}

/// A programme, as a caller writes its draft.
#[derive(Debug, Clone, Object)]
pub struct NewProgramme {
    /// The activity (tenant) that sells it; needed when the key reaches several.
    pub activity_id: Option<Uuid>,
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// What it says.
    #[oai(flatten)]
    pub content: Content,
}

impl Validate for NewProgramme {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.content.validate()
    }
}

/// A programme, as the system knows it: its draft, and the version that is sold.
#[derive(Debug, Clone, Object)]
pub struct ProgrammeOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// Where it is in its life.
    pub state: ProgrammeState,
    /// The number of the version that is sold, once published.
    pub current_version: Option<i32>,
    /// The version that is sold, once published.
    pub current_version_id: Option<Uuid>,
    /// The draft.
    #[oai(flatten)]
    pub draft: NewProgramme,
}

impl Versioned for ProgrammeOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl ProgrammeOut {
    /// From its row.
    pub fn from_row(row: &Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            state: ProgrammeState::of(&row.state)?,
            current_version: row.current_version,
            current_version_id: row.current_version_id,
            draft: Programme::input(row)?,
        })
    }
}

/// The resource.
pub struct Programme;

impl Resource for Programme {
    type Table = Entity;
    type Edit = ActiveModel;
    type Input = NewProgramme;
    const PATH: &'static str = "programmes";

    fn activity(ctx: &Ctx, input: &NewProgramme) -> Result<Option<Uuid>> {
        ctx.activity(input.activity_id).map(Some)
    }

    fn input(row: &Model) -> Result<NewProgramme> {
        Ok(NewProgramme {
            activity_id: Some(row.activity_id),
            external_id: row.external_id.clone(),
            content: stored(&row.draft)?,
        })
    }

    fn fill(input: NewProgramme, edit: &mut ActiveModel) -> Result<()> {
        let NewProgramme { activity_id: _, external_id, content } = input;
        if edit.id.is_set() {
            // Only an insertion comes with its identifier: a change leaves the state alone.
            edit.state = Set(ProgrammeState::Draft.into());
        }
        edit.search = Set(fold(&content.title));
        edit.title = Set(content.title.clone());
        edit.external_id = Set(external_id);
        edit.draft = Set(store(&content)?);
        Ok(())
    }

    fn event(programme: Uuid, step: Step) -> crate::events::Event {
        match step {
            Step::Created => Event::Created { programme },
            Step::Changed => Event::Changed { programme },
            Step::Deleted => Event::Deleted { programme },
        }
        .into()
    }

    fn external_id() -> Option<Column> {
        Some(Column::ExternalId)
    }

    async fn check(_: &Tx<'_>, _: &NewProgramme, before: Option<&Model>) -> Result<()> {
        if let Some(row) = before {
            ProgrammeState::of(&row.state)?.after(Move::Change)?;
        }
        Ok(())
    }
}
