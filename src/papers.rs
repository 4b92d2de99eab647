//! Kind of paper → its content → its layout: one match, no `_`.

use chrono::{DateTime, NaiveDate, Utc};
use entity::document;

use crate::{
    agreement::{self, amendment_paper},
    attendance::{assiduity, certificate, distance_record, sheet, signature_evidence},
    catalogue,
    document::Kind,
    evaluation::attestation,
    pdf::{self, Attachment, Block, Paper, Pictures, Relationship},
    platform::{
        codes::stored,
        error::{Error, Result},
    },
    quote,
    session::{booklet, convocation, house_rules},
};

pub mod api;
pub mod blocks;
pub mod prose;
mod samples;
pub mod signed;
mod typeset;

pub use typeset::typeset;

/// What an issued paper is stamped with, beside its content.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// Its number: `CNV-2026-0001`.
    pub reference: String,
    /// Its title, as lists show it.
    pub title: String,
    /// The day of its issue, in Paris.
    pub issued_on: NaiveDate,
    /// The instant of its issue.
    pub issued_at: DateTime<Utc>,
    /// Whether it must carry « SPÉCIMEN ».
    pub specimen: bool,
    /// The pictures that its content names: logos, signatures.
    pub pictures: Pictures,
    /// Where whoever holds it can verify it.
    pub verification: Option<String>,
}

impl From<&document::Model> for Stamp {
    fn from(row: &document::Model) -> Self {
        Self {
            reference: row.reference.clone(),
            title: row.title.clone(),
            issued_on: row.issued_on,
            issued_at: row.issued_at,
            specimen: row.specimen,
            pictures: Pictures::default(),
            verification: row.verification_address.clone(),
        }
    }
}

/// The bytes of an issued paper.
pub fn render(row: &document::Model, pictures: &Pictures) -> Result<Vec<u8>> {
    pdf::render(&laid(row, pictures)?).map_err(|error| Error::internal(format!("{}: {error}", row.reference)))
}

/// An issued paper: laid out, typeset, with its frozen content attached.
pub fn laid(row: &document::Model, pictures: &Pictures) -> Result<Paper> {
    let stamp = Stamp { pictures: pictures.clone(), ..Stamp::from(row) };
    let mut paper = paper(Kind::of(&row.kind)?, &row.content, &stamp)?;
    typeset(&mut paper);
    with_code(&mut paper, &stamp);
    paper.attachments.push(carried_content(row));
    Ok(paper)
}

/// The code by which whoever holds it verifies a paper: at the end, unless the layout knows a better place.
fn with_code(paper: &mut Paper, stamp: &Stamp) {
    if !paper.blocks.iter().any(|block| matches!(block, Block::Qr { .. } | Block::FactsBesideQr { .. })) {
        paper.blocks.extend(blocks::verification(stamp));
    }
}

/// The frozen content, as papers carry it.
fn carried_content(row: &document::Model) -> Attachment {
    Attachment {
        name: "contenu.json".into(),
        media_type: "application/json".into(),
        description: "Les faits que ce document imprime, tels qu’ils ont été figés à son émission".into(),
        relationship: Relationship::Data,
        data: row.content.clone().into_bytes(),
    }
}

/// The bytes of a preview: marked on each page, with nothing attached.
fn preview_bytes(kind: Kind, content: &str, stamp: &Stamp) -> Result<Vec<u8>> {
    let mut paper = paper(kind, content, stamp)?.watermark("APERÇU");
    typeset::typeset(&mut paper);
    pdf::render(&paper).map_err(Error::internal)
}

/// The layout of a paper, from its frozen content.
pub fn paper(kind: Kind, content: &str, stamp: &Stamp) -> Result<Paper> {
    match kind {
        Kind::Quote => Ok(quote::paper::layout(&stored(content)?, stamp)),
        Kind::Programme => Ok(catalogue::paper::layout(&stored(content)?, stamp)),
        Kind::Agreement => Ok(agreement::layout(&stored(content)?, stamp)),
        Kind::Convocation => Ok(convocation::layout(&stored(content)?, stamp)),
        Kind::AttendanceSheet => Ok(sheet::layout(&stored(content)?, stamp)),
        Kind::Certificate => Ok(certificate::layout(&stored(content)?, stamp)),
        Kind::Attestation => Ok(attestation::layout(&stored(content)?, stamp)),
        Kind::Amendment => Ok(amendment_paper::layout(&stored(content)?, stamp)),
        Kind::WelcomeBooklet => Ok(booklet::layout(&stored(content)?, stamp)),
        Kind::InternalRules => Ok(house_rules::layout(&stored(content)?, stamp)),
        Kind::DistanceRecord => Ok(distance_record::layout(&stored(content)?, stamp)),
        Kind::Assiduity => Ok(assiduity::layout(&stored(content)?, stamp)),
        Kind::SignatureEvidence => Ok(signature_evidence::layout(&stored(content)?, stamp)),
    }
}
