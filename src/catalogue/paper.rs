//! The programme as a paper (fiche programme): public, so it carries the line of art. L6352-12.

use chrono::NaiveDate;
use entity::programme_version;
use serde::{Deserialize, Serialize};

use super::content::{Content as Programme, Module};
use crate::{
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Paper},
    platform::{
        calendar::{date, local_day},
        error::Result,
        money::{Cents, Minutes},
        scope::Scope,
    },
};

/// What the paper prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Who sells it.
    pub issuer: Issuer,
    /// The number of the version.
    pub number: i32,
    /// The day of the version.
    pub dated: NaiveDate,
    /// What it says.
    pub programme: Programme,
}

/// Freeze what the paper prints.
pub async fn content(scope: &Scope<'_>, version: &programme_version::Model, day: NaiveDate) -> Result<Content> {
    Ok(Content {
        issuer: issuer(scope, version.activity_id, day).await?,
        number: version.number,
        dated: version.published_at.map_or(day, local_day),
        programme: super::content(version)?,
    })
}

/// Lay it out.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, number, dated, programme } = content;
    blocks::paper(&programme.title, issuer, stamp, DeclarationLine::Public)
        .push(Block::title(programme.title.as_str()))
        .push(Block::subtitle(format!("Programme de formation – version {number} du {}", date(*dated))))
        .extend(blocks::introduction(issuer))
        .extend(body(programme))
        .extend(told("Prix et accès", access(programme)))
        .extend(blocks::closing(issuer))
}

fn said<'a>(label: &'static str, text: Option<&'a String>) -> Option<(&'static str, String)> {
    text.map(|text: &'a String| (label, text.clone()))
}

/// A heading and what is known under it, or nothing.
fn told(title: &str, pairs: Vec<(&'static str, String)>) -> Vec<Block> {
    if pairs.is_empty() { vec![] } else { vec![Block::heading(title), Block::key_values(pairs)] }
}

/// Objectives, content, methods, evaluation: what the convention and the quote also print.
pub fn body(programme: &Programme) -> Vec<Block> {
    let mut blocks = vec![];
    if !programme.objectives.is_empty() {
        blocks.push(Block::heading("Objectifs"));
        blocks.push(Block::paragraph("À l’issue de la formation, chaque stagiaire sera capable de\u{a0}:"));
        blocks.push(Block::table(
            vec![Column::left("Objectif", 3.0), Column::left("Évaluation", 2.0)],
            programme.objectives.iter().map(|objective| vec![objective.text.as_str(), objective.assessment.as_str()]),
        ));
    }
    blocks.push(Block::key_values(
        [
            said("Public visé", programme.audience.as_ref()),
            said("Prérequis", programme.prerequisites.as_ref()),
            Some(("Durée", duration(programme))),
            programme.modality.map(|modality| ("Modalité", modality.printed().to_owned())),
            Some(("Taux des enseignements à distance", format!("{} de la durée totale", programme.distance_rate()))),
        ]
        .into_iter()
        .flatten(),
    ));
    if !programme.modules.is_empty() {
        blocks.push(Block::heading("Contenu"));
    }
    for module in &programme.modules {
        blocks.push(Block::subheading(heading(module)));
        if !module.points.is_empty() {
            blocks.push(Block::bullets(module.points.iter().map(String::as_str)));
        }
    }
    blocks.extend(told(
        "Méthodes, moyens, suivi",
        [
            said("Méthodes mobilisées", programme.methods.as_ref()),
            said("Moyens pédagogiques", programme.means.teaching.as_ref()),
            said("Moyens techniques", programme.means.technical.as_ref()),
            said("Encadrement", programme.means.staffing.as_ref()),
            said("Modalités d’évaluation", programme.evaluation.as_ref()),
            said("Modalités de suivi", programme.follow_up.as_ref()),
            said("Modalités de sanction", programme.outcome.as_ref()),
        ]
        .into_iter()
        .flatten()
        .collect(),
    ));
    if let Some(help) = programme.distance_assistance.as_ref().filter(|_| programme.at_a_distance() > Minutes::ZERO) {
        blocks.push(Block::heading("À distance (art. D. 6313-3-1 du code du travail)"));
        blocks.push(Block::key_values([
            ("Assistance technique et pédagogique", help.assistance.clone()),
            (
                "Activités pédagogiques",
                format!("{} (durée moyenne\u{a0}: {})", help.activities, Minutes(help.average_minutes)),
            ),
            ("Évaluations", help.evaluations.clone()),
        ]));
    }
    if let Some(certification) = programme.certification.as_ref().filter(|_| programme.certifying) {
        blocks.push(Block::heading("Certification"));
        blocks.push(Block::key_values([
            ("Intitulé", certification.title.clone()),
            ("Code", certification.code.clone()),
            ("Certificateur", certification.certifier.clone()),
            ("Enregistrée le", date(certification.registered_on)),
        ]));
    }
    blocks
}

/// What [`body`] prints: prices, group and access are the public sheet's.
pub fn without_access(programme: Programme) -> Programme {
    Programme {
        access: None,
        access_delay: None,
        accessibility: None,
        contacts: None,
        price_per_group_cents: None,
        price_per_head_cents: None,
        min_heads: None,
        max_heads: None,
        ..programme
    }
}

fn heading(module: &Module) -> String {
    match module.minutes {
        Some(minutes) => format!("{} – {}", module.title, Minutes(minutes)),
        None => module.title.clone(),
    }
}

/// « 21 h (3 jours) »: days of seven hours, when they are whole.
pub fn duration(programme: &Programme) -> String {
    let minutes = programme.minutes();
    match (minutes.0 / 420, minutes.0 % 420) {
        (1, 0) => format!("{minutes} (1 jour)"),
        (days, 0) if days > 1 => format!("{minutes} ({days} jours)"),
        _ => minutes.to_string(),
    }
}

fn access(programme: &Programme) -> Vec<(&'static str, String)> {
    let group = programme.price_per_group_cents.map(|cents| format!("{} HT par groupe", Cents(cents)));
    let head = programme.price_per_head_cents.map(|cents| format!("{} HT par personne", Cents(cents)));
    let price: Vec<String> = group.into_iter().chain(head).collect();
    let people = |heads: i32| format!("{heads} personne{}", if heads > 1 { "s" } else { "" });
    let heads = match (programme.min_heads, programme.max_heads) {
        (Some(least), Some(most)) if least == most => Some(people(least)),
        (Some(least), Some(most)) => Some(format!("de {least} à {most} personnes")),
        (Some(least), None) => Some(format!("{} au moins", people(least))),
        (None, Some(most)) => Some(format!("{} au plus", people(most))),
        (None, None) => None,
    };
    [
        (!price.is_empty()).then(|| ("Tarif", price.join(", "))),
        heads.map(|heads| ("Groupe", heads)),
        said("Modalités d’accès", programme.access.as_ref()),
        said("Délai d’accès", programme.access_delay.as_ref()),
        said("Accessibilité", programme.accessibility.as_ref()),
        said("Contacts", programme.contacts.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}
