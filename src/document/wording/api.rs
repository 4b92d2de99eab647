//! Operations on the texts that staff add to papers, and what those may name.

use entity::paper_text::{Column, Entity};
use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    super::Kind,
    place::Place,
    template::Filter,
    text::{NewPaperText, PaperText, PaperTextOut, owned, remove},
    variables::{self, Form},
};
use crate::{
    api::Tag,
    platform::{
        access::Allow,
        answer::{Found, Gone, Made, View},
        contract::{Patch, Valid},
        error::Result,
        page::{Page, PageQuery},
        permission::{DocumentsRead, PapersDesign},
        resource::{self, place},
    },
};

/// What the texts of a kind of paper may hold.
#[derive(Debug, Object)]
pub struct PaperVariables {
    /// The kind of paper.
    pub kind: Kind,
    /// Where a text may stand on it.
    pub places: Vec<Place>,
    /// What a text may name, between double braces.
    pub variables: Vec<PaperVariable>,
}

/// Something that a text may name.
#[derive(Debug, Object)]
pub struct PaperVariable {
    /// Its name.
    pub name: String,
    /// What it says, in French.
    pub says: String,
    /// What it is, which says how it is printed.
    pub form: Form,
    /// Whether a paper may lack it: a text then says what to print instead, by `| default("…")`.
    pub optional: bool,
    /// The filters that fit it, beside `default("…")`.
    pub filters: Vec<String>,
    /// As a sample prints it.
    pub printed: String,
}

impl From<&variables::Variable> for PaperVariable {
    fn from(of: &variables::Variable) -> Self {
        let filters = Filter::ALL.into_iter().filter(|filter| filter.fits(of.form));
        Self {
            name: of.name.to_owned(),
            says: of.says.to_owned(),
            form: of.form,
            optional: of.optional,
            filters: filters.map(|filter| filter.name().to_owned()).collect(),
            printed: of.example.to_owned(),
        }
    }
}

/// Added texts.
pub struct PaperTextsApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Documents")]
impl PaperTextsApi {
    /// List the texts that papers bear beside their own: the cooperative's, and those of the activities within reach.
    #[oai(path = "/paper-texts", method = "get", operation_id = "list_paper_texts")]
    async fn list_paper_texts(
        &self,
        auth: Allow<DocumentsRead>,
        kind: Query<Option<Kind>>,
        page: PageQuery,
    ) -> Result<View<Page<PaperTextOut>>> {
        let of_kind = kind.0.map(|kind| Column::Kind.eq(kind.name()));
        let (rows, next) = auth.ctx.scope().find::<Entity>().filter_some(of_kind).page_rows(&page).await?;
        Ok(View(Page { items: rows.into_iter().map(PaperTextOut::try_from).collect::<Result<_>>()?, next }))
    }

    /// Add a text to a kind of paper: an unknown variable is refused with its line, its column and the nearest ones.
    #[oai(path = "/paper-texts", method = "post", operation_id = "create_paper_text")]
    async fn create_paper_text(
        &self,
        mut auth: Allow<PapersDesign>,
        body: Valid<NewPaperText>,
    ) -> Result<Made<PaperTextOut>> {
        let text = owned(&auth.ctx, body.0)?;
        let row = resource::create::<PaperText>(&mut auth.ctx, text).await?;
        Ok(Made(place::<PaperText>(row.id), row.try_into()?))
    }

    /// Read a text.
    #[oai(path = "/paper-texts/:id", method = "get", operation_id = "get_paper_text")]
    async fn get_paper_text(&self, auth: Allow<DocumentsRead>, id: Path<Uuid>) -> Result<Found<PaperTextOut>> {
        Ok(Found(auth.ctx.scope().get::<Entity>(id.0).await?.try_into()?))
    }

    /// Change a text; papers issued before keep what they said.
    #[oai(path = "/paper-texts/:id", method = "patch", operation_id = "change_paper_text")]
    async fn change_paper_text(
        &self,
        mut auth: Allow<PapersDesign>,
        id: Path<Uuid>,
        body: Patch<NewPaperText>,
    ) -> Result<Found<PaperTextOut>> {
        Ok(Found(resource::change::<PaperText>(&mut auth.ctx, id.0, &body).await?.try_into()?))
    }

    /// Delete a text; papers issued before keep what they said.
    #[oai(path = "/paper-texts/:id", method = "delete", operation_id = "delete_paper_text")]
    async fn delete_paper_text(&self, mut auth: Allow<PapersDesign>, id: Path<Uuid>) -> Result<Gone> {
        remove(&mut auth.ctx, id.0).await?;
        Ok(Gone)
    }

    /// List what the texts of a kind of paper may name, how it is printed, and where they may stand.
    #[oai(path = "/paper-variables", method = "get", operation_id = "get_paper_variables")]
    async fn get_paper_variables(&self, auth: Allow<DocumentsRead>, kind: Query<Kind>) -> Result<View<PaperVariables>> {
        let Allow { .. } = auth;
        let variables = variables::of(kind.0).into_iter().map(PaperVariable::from).collect();
        Ok(View(PaperVariables { kind: kind.0, places: Place::on(kind.0).to_vec(), variables }))
    }
}
