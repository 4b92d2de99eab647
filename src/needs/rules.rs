//! What may not be written about people: no social security number, nothing that only a doctor may know (art. L6353-9).

use validator::ValidationError;

use super::analysis::Conclusion;
use crate::platform::{
    error::{Error, Result},
    number::Siret,
};

/// Refuse a text that holds what looks like a social security number (NIR).
pub(super) fn valid_free_text(text: &str) -> Result<(), ValidationError> {
    if !holds_nir(text) {
        return Ok(());
    }
    let mut error = ValidationError::new("needs.nir").with_message(
        "Ce texte contient ce qui ressemble à un numéro de sécurité sociale\u{a0}: il n’a pas à être demandé ni gardé \
         (art. L6353-9)."
            .into(),
    );
    error.add_param(
        "en".into(),
        &"This text holds what looks like a social security number: it may be neither asked for nor kept (art. L6353-9).",
    );
    Err(error)
}

/// 13 to 15 digits that begin with 1 or 2, however they are spaced; a SIRET is none.
fn holds_nir(text: &str) -> bool {
    let mut run = String::new();
    for letter in text.chars().chain(['\n']) {
        if letter.is_ascii_digit() || (run.len() == 6 && matches!(letter, 'A' | 'B' | 'a' | 'b')) {
            run.push(if letter.is_ascii_digit() { letter } else { '0' });
        } else if !matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '.' | '-') {
            if matches!(run.len(), 13..=15) && run.starts_with(['1', '2']) && Siret::parse(&run).is_err() {
                return true;
            }
            run.clear();
        }
    }
    false
}

/// What a conclusion needs: a reason, unless it is to go ahead.
pub(super) fn conclude(before: Option<&str>, conclusion: Conclusion, reason: Option<&str>) -> Result<()> {
    if before.is_some() {
        return Err(Error::refused(
            "needs.concluded",
            "Cette analyse a déjà une conclusion\u{a0}: faites-en une nouvelle.",
            "This analysis is already concluded: make a new one.",
        ));
    }
    if conclusion != Conclusion::GoAhead && reason.is_none_or(|text| text.trim().is_empty()) {
        return Err(Error::invalid(
            "/reason",
            "needs.reason_required",
            "Dites pourquoi adapter, ou pourquoi ne pas commencer.",
            "Say why to adapt, or why not to start.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_social_security_number_is_seen_however_it_is_written() {
        for nir in ["2690549588157", "2 69 05 49 588 157 80", "NIR : 1.85.05.78.006.084.36", "1 85 05 2A 006 084"] {
            assert!(holds_nir(nir), "{nir}");
        }
        for fine in ["73282932000074", "appeler le 01 23 45 67 89", "du 12 au 14, 10 postes", "35600000000048", "2026"]
        {
            assert!(!holds_nir(fine), "{fine}");
        }
    }

    #[test]
    fn only_going_ahead_needs_no_reason() {
        assert!(conclude(None, Conclusion::GoAhead, None).is_ok());
        assert!(conclude(None, Conclusion::Adapt, Some("deux groupes")).is_ok());
        assert!(conclude(None, Conclusion::DoNotStart, Some(" ")).is_err());
        assert!(conclude(Some("adapt"), Conclusion::GoAhead, None).is_err());
    }
}
