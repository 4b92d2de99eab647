//! A paper, as those who sign it read its name.

use entity::document;

use crate::{
    document::{Kind, word},
    platform::error::Result,
};

/// « la convention CNV-2026-0001 », in the middle of a sentence.
pub fn described(paper: &document::Model) -> Result<String> {
    let word = word(paper)?;
    let article = match Kind::of(&paper.kind)? {
        Kind::Agreement if word == "Contrat" => "le ",
        Kind::Agreement | Kind::Convocation | Kind::AttendanceSheet | Kind::SignatureEvidence => "la ",
        Kind::Amendment | Kind::Attestation | Kind::Assiduity => "l’",
        Kind::Quote
        | Kind::Programme
        | Kind::Certificate
        | Kind::WelcomeBooklet
        | Kind::InternalRules
        | Kind::DistanceRecord => "le ",
    };
    let mut letters = word.chars();
    let first: String = letters.next().map(|letter| letter.to_lowercase().collect()).unwrap_or_default();
    Ok(format!("{article}{first}{} {}", letters.as_str(), paper.reference))
}

/// « Convention CNV-2026-0001 », for subjects and titles.
pub fn title_of(paper: &document::Model) -> Result<String> {
    Ok(format!("{} {}", word(paper)?, paper.reference))
}
