//! Whether a paper is genuine and still stands, for whoever holds it: never a name, nor a way to another paper.

use chrono::NaiveDate;
use entity::{document, document_file};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use serde_json::Value;

use super::{FileRole, Kind, State, bytes::word, code};
use crate::{
    platform::{access::Ctx, app::App, codes::stored, error::Result},
    words,
};

words! {
    /// What is known of a code.
    pub enum Standing as "VerificationStanding" {
        /// Genuine, and the one to use.
        Current = "current",
        /// Genuine, but what it says may have changed since: a half-day was reopened.
        Outdated = "outdated",
        /// Genuine, but a later issue stands for it.
        Replaced = "replaced",
        /// Genuine, but taken back by who issued it.
        Revoked = "revoked",
        /// No paper has this code.
        Unknown = "unknown",
    }
}

/// The hash of one of a paper's files.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct VerifiedFile {
    /// As presented, signed, sealed, or sealed again once signed.
    pub role: FileRole,
    /// SHA-256 of the file, in hexadecimal: compare it with the one of the file that you hold.
    pub sha256: String,
}

/// What is said of a paper to whoever has its code.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Verification {
    /// Whether a paper was issued under this code.
    pub genuine: bool,
    /// Where it stands.
    pub standing: Standing,
    /// Which paper it is.
    pub kind: Option<Kind>,
    /// Its name in French, as files are named.
    pub kind_name: Option<String>,
    /// Its number.
    pub reference: Option<String>,
    /// The organisation that issued it.
    pub organisation: Option<String>,
    /// The day of its issue, in Paris.
    pub issued_on: Option<NaiveDate>,
    /// Whether it is only a specimen.
    pub specimen: Option<bool>,
    /// The files that were handed out, by their hashes.
    pub files: Vec<VerifiedFile>,
}

impl Verification {
    fn unknown() -> Self {
        Self {
            genuine: false,
            standing: Standing::Unknown,
            kind: None,
            kind_name: None,
            reference: None,
            organisation: None,
            issued_on: None,
            specimen: None,
            files: vec![],
        }
    }

    /// The file that has this hash, if it is one of the paper's.
    pub fn file(&self, sha256: &str) -> Option<&VerifiedFile> {
        self.files.iter().find(|file| file.sha256 == sha256)
    }
}

/// What is known of a code; a code that nobody has is looked for like any other.
pub async fn verify(app: &App, typed: &str) -> Result<Verification> {
    let ctx = Ctx::verifier(app);
    let scope = ctx.scope();
    let found = scope
        .find::<document::Entity>()
        .filter(document::Column::VerificationCode.eq(code::typed(typed)))
        .one()
        .await?;
    let id = found.as_ref().map(|paper| paper.id).unwrap_or_default();
    let files = scope
        .find::<document_file::Entity>()
        .filter(document_file::Column::DocumentId.eq(id))
        .ascending(document_file::Column::Id)
        .all()
        .await?;
    let Some(paper) = found else { return Ok(Verification::unknown()) };
    let content: Value = stored(&paper.content)?;
    Ok(Verification {
        genuine: true,
        standing: match State::of(&paper.state)? {
            State::Current => Standing::Current,
            State::Outdated => Standing::Outdated,
            State::Replaced => Standing::Replaced,
            State::Revoked => Standing::Revoked,
        },
        kind: Some(Kind::of(&paper.kind)?),
        kind_name: Some(word(&paper)?.to_owned()),
        reference: Some(paper.reference),
        organisation: content["issuer"]["name"].as_str().map(str::to_owned),
        issued_on: Some(paper.issued_on),
        specimen: Some(paper.specimen),
        files: files
            .into_iter()
            .map(|file| Ok(VerifiedFile { role: FileRole::of(&file.role)?, sha256: file.sha256 }))
            .collect::<Result<_>>()?,
    })
}
