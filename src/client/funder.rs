//! Funders: the 11 OPCO and the FAF, the same for everybody.

use entity::funder::{Column, Entity, Model};
use poem_openapi::Object;
use uuid::Uuid;

use crate::{
    platform::{
        error::Result,
        page::{Page, PageQuery},
        scope::Scope,
        text::fold,
    },
    words,
};

words! {
    /// What a funder is.
    pub enum FunderKind {
        /// Opérateur de compétences: pays for employees.
        Opco = "opco",
        /// Fonds d'assurance formation: pays for the self-employed.
        Faf = "faf",
    }
}

/// A funder.
#[derive(Debug, Clone, Object)]
pub struct FunderOut {
    /// Identifier, the same in every database.
    pub id: Uuid,
    /// A short name that never changes.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: FunderKind,
    /// The fields of work that it covers, in a few words.
    pub fields: String,
}

impl FunderOut {
    /// From its row.
    pub fn from_row(row: Model) -> Result<Self> {
        let Model { id, code, name, kind, fields } = row;
        Ok(Self { id, code, name, kind: FunderKind::of(&kind)?, fields })
    }
}

/// The funders whose name or fields hold the words; there are fifteen, so they are sorted out here.
pub(super) async fn list(scope: &Scope<'_>, page: &PageQuery) -> Result<Page<FunderOut>> {
    scope.maybe::<entity::activity::Entity>(page.activity_id).await?;
    let words = fold(page.q.as_deref().unwrap_or_default());
    let after = page.after.as_deref().unwrap_or_default();
    let rows = scope.find::<Entity>().ascending(Column::Id).all().await?;
    let mut rows: Vec<Model> = rows
        .into_iter()
        .filter(|row| row.id.to_string().as_str() > after)
        .filter(|row| words.split_whitespace().all(|word| fold(&format!("{} {}", row.name, row.fields)).contains(word)))
        .collect();
    let more = rows.len() as u64 > page.limit;
    rows.truncate(page.limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok(Page { items: rows.into_iter().map(FunderOut::from_row).collect::<Result<_>>()?, next })
}
