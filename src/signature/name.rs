//! A paper, as those who sign it read its name.

use entity::document;

use crate::{document::Kind, platform::error::Result};

/// « la convention de formation CNV-2026-0001 ».
pub fn described(paper: &document::Model) -> Result<String> {
    let the = match Kind::of(&paper.kind)? {
        Kind::Quote => "le devis",
        Kind::Programme => "le programme",
        Kind::Agreement if is_contract(paper) => "le contrat de formation",
        Kind::Agreement => "la convention de formation",
        Kind::Convocation => "la convocation",
        Kind::AttendanceSheet => "la feuille d’émargement",
        Kind::Certificate => "le certificat de réalisation",
        Kind::Attestation => "l’attestation de fin de formation",
        Kind::Amendment => "l’avenant",
        Kind::WelcomeBooklet => "le livret d’accueil",
        Kind::InternalRules => "le règlement intérieur",
        Kind::DistanceRecord => "le relevé de connexion",
        Kind::Assiduity => "l’attestation d’assiduité",
        Kind::SignatureEvidence => "la fiche de preuve",
    };
    Ok(format!("{the} {}", paper.reference))
}

/// « Convention CNV-2026-0001 », for subjects and titles.
pub fn title_of(paper: &document::Model) -> Result<String> {
    let name = match Kind::of(&paper.kind)? {
        Kind::Quote => "Devis",
        Kind::Programme => "Programme",
        Kind::Agreement if is_contract(paper) => "Contrat",
        Kind::Agreement => "Convention",
        Kind::Convocation => "Convocation",
        Kind::AttendanceSheet => "Feuille d’émargement",
        Kind::Certificate => "Certificat de réalisation",
        Kind::Attestation => "Attestation de fin de formation",
        Kind::Amendment => "Avenant",
        Kind::WelcomeBooklet => "Livret d’accueil",
        Kind::InternalRules => "Règlement intérieur",
        Kind::DistanceRecord => "Relevé de connexion",
        Kind::Assiduity => "Attestation d’assiduité",
        Kind::SignatureEvidence => "Fiche de preuve",
    };
    Ok(format!("{name} {}", paper.reference))
}

fn is_contract(paper: &document::Model) -> bool {
    paper.title.to_lowercase().contains("contrat")
}
