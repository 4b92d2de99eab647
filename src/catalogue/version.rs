//! Published versions: what a programme said at a given edition, for ever.

use chrono::{DateTime, Utc};
use entity::{programme, programme_version::Model};
use poem_openapi::Object;
use uuid::Uuid;

use super::content::Content;
use crate::platform::{
    answer::Versioned,
    codes::stored,
    error::{Error, Result},
    scope::Scope,
};

/// A published version.
#[derive(Debug, Clone, Object)]
pub struct ProgrammeVersionOut {
    /// Identifier: bookings and quotes keep it.
    pub id: Uuid,
    /// Counts the changes; a version never changes.
    pub version: i64,
    /// The place of its publication in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// Its programme.
    pub programme_id: Uuid,
    /// Its number, from 1.
    pub number: i32,
    /// SHA-256 of its content: what a proof of information quotes.
    pub content_hash: String,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// What it says.
    pub content: Content,
}

impl Versioned for ProgrammeVersionOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl ProgrammeVersionOut {
    /// From its row.
    pub fn from_row(row: &Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            programme_id: row.programme_id,
            number: row.number,
            content_hash: row.content_hash.clone(),
            published_at: row.published_at,
            content: content(row)?,
        })
    }
}

/// What a version says.
pub fn content(row: &Model) -> Result<Content> {
    stored(&row.content)
}

/// The version of a programme that is sold today; a draft or retired programme is not sold.
pub async fn current_version(scope: &Scope<'_>, programme: Uuid) -> Result<Model> {
    let row = scope.get::<programme::Entity>(programme).await?;
    match row.current_version_id {
        Some(id) if row.state == "published" => scope.get::<entity::programme_version::Entity>(id).await,
        _ => Err(Error::refused(
            "programme.not_on_sale",
            format!("Le programme « {} » n’est pas en vente\u{a0}: publiez-le d’abord.", row.title),
            format!("The programme “{}” is not on sale: publish it first.", row.title),
        )),
    }
}
