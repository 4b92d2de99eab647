//! What a programme must say before it is published: one table, with the article that asks for each item.

use super::content::{Content, Modality};
use crate::platform::error::{Error, Result};

struct Item {
    /// The member of the content.
    name: &'static str,
    /// Its French label.
    label: &'static str,
    /// Who asks for it.
    article: &'static str,
    /// Whether the content holds it.
    said: fn(&Content) -> bool,
}

const fn item(name: &'static str, label: &'static str, article: &'static str, said: fn(&Content) -> bool) -> Item {
    Item { name, label, article, said }
}

const CONVENTION: &str = "art. D6353-1";
const PUBLIC: &str = "indicateur 1 du RNQ";
const BOTH: &str = "art. D6353-1, indicateur 1 du RNQ";

const ITEMS: &[Item] = &[
    item("objectives", "objectifs opérationnels et évaluables", BOTH, |c| !c.objectives.is_empty()),
    item("audience", "public visé", PUBLIC, |c| c.audience.is_some()),
    item("prerequisites", "prérequis (« aucun » s’il n’y en a pas)", PUBLIC, |c| c.prerequisites.is_some()),
    item("modules", "contenu", CONVENTION, |c| !c.modules.is_empty()),
    item("duration_minutes", "durée", BOTH, |c| c.duration_minutes.is_some()),
    item("methods", "méthodes mobilisées", PUBLIC, |c| c.methods.is_some()),
    item("means.teaching", "moyens pédagogiques", CONVENTION, |c| c.means.teaching.is_some()),
    item("means.technical", "moyens techniques", CONVENTION, |c| c.means.technical.is_some()),
    item("means.staffing", "moyens d’encadrement", CONVENTION, |c| c.means.staffing.is_some()),
    item("modality", "modalité (présentiel, distance ou mixte)", CONVENTION, |c| c.modality.is_some()),
    item("distance_minutes", "part à distance", CONVENTION, |c| {
        c.modality != Some(Modality::Mixed) || c.distance_minutes.is_some_and(|minutes| minutes > 0)
    }),
    item("distance_assistance", "assistance, activités et évaluations à distance", "art. D6313-3-1", |c| {
        matches!(c.modality, None | Some(Modality::FaceToFace)) || c.distance_assistance.is_some()
    }),
    item("evaluation", "modalités d’évaluation", PUBLIC, |c| c.evaluation.is_some()),
    item("follow_up", "modalités de suivi", CONVENTION, |c| c.follow_up.is_some()),
    item("outcome", "modalités de sanction", CONVENTION, |c| c.outcome.is_some()),
    item("access", "modalités d’accès", PUBLIC, |c| c.access.is_some()),
    item("access_delay", "délai d’accès", PUBLIC, |c| c.access_delay.is_some()),
    item("accessibility", "accessibilité aux personnes handicapées", PUBLIC, |c| c.accessibility.is_some()),
    item("contacts", "contacts", PUBLIC, |c| c.contacts.is_some()),
    item("price_per_group_cents", "prix (par groupe ou par personne)", BOTH, |c| {
        c.price_per_group_cents.is_some() || c.price_per_head_cents.is_some()
    }),
    item(
        "certification",
        "intitulé, code, certificateur et date d’enregistrement de la certification",
        "art. L6313-7, indicateur 1 du RNQ",
        |c| !c.certifying || c.certification.is_some(),
    ),
];

/// Refuse a content that lacks an item, naming each with its article.
pub(super) fn complete(content: &Content) -> Result<()> {
    let missing: Vec<&Item> = ITEMS.iter().filter(|item| !(item.said)(content)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let fr: Vec<String> = missing.iter().map(|item| format!("{} ({})", item.label, item.article)).collect();
    let en: Vec<String> = missing.iter().map(|item| format!("{} ({})", item.name, item.article)).collect();
    Err(Error::refused(
        "programme.incomplete",
        format!("Le programme ne peut être publié, il y manque\u{a0}: {}.", fr.join("\u{a0}; ")),
        format!("The programme cannot be published, it lacks: {}.", en.join("; ")),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_item_is_named_with_its_article() {
        let empty: Content = serde_json::from_str(r#"{ "title": "Prise en main de Zourit" }"#).unwrap();
        let Err(Error::Refused(refused)) = complete(&empty) else { panic!("published an empty programme") };
        assert!(refused.fr.contains("modalités de sanction (art. D6353-1)"), "{}", refused.fr);
        assert!(refused.fr.contains("délai d’accès (indicateur 1 du RNQ)"), "{}", refused.fr);
        assert!(!refused.fr.contains("certification"), "{}", refused.fr);
    }

    #[test]
    fn a_distance_training_says_how_it_helps() {
        let far: Content =
            serde_json::from_str(r#"{ "title": "Zourit", "modality": "mixed", "certifying": true }"#).unwrap();
        let Err(Error::Refused(refused)) = complete(&far) else { panic!("published") };
        for words in ["part à distance (", "à distance (art. D6313-3-1)", "certification (art. L6313-7"] {
            assert!(refused.fr.contains(words), "{words} not in {}", refused.fr);
        }
    }
}
