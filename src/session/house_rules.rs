//! The règlement intérieur as it applies to a session: the cooperative's text, and the host's rules of health and safety
//! where the host has its own (art. R6352-1).

use chrono::NaiveDate;
use entity::{organisation_text, session};
use serde::{Deserialize, Serialize};

use super::{
    handouts::body,
    slots::{places, slots_of_session},
};
use crate::{
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
        prose::prose,
    },
    pdf::{Block, Paper},
    platform::{
        calendar::{and, date, dates},
        error::Result,
        scope::Scope,
    },
};

/// What the paper prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// The title of the cooperative's text.
    pub heading: String,
    /// What it says, paragraphs separated by empty lines.
    pub text: String,
    /// The number of its edition.
    pub edition: i32,
    /// Since when it has been in force.
    pub valid_from: NaiveDate,
    /// The exact title of the action.
    pub title: String,
    /// Its days.
    pub days: Vec<NaiveDate>,
    /// The places whose host has rules of its own: « Maison des associations, 12 rue des Lilas, 75020 Paris ».
    pub hosts: Vec<String>,
}

/// Gather what the rules of a session print.
pub(super) async fn content(
    scope: &Scope<'_>,
    session: &session::Model,
    text: &organisation_text::Model,
    day: NaiveDate,
) -> Result<Content> {
    let slots = slots_of_session(scope, session.id).await?;
    let mut days: Vec<NaiveDate> = slots.iter().map(|slot| slot.day).collect();
    days.dedup();
    Ok(Content {
        issuer: issuer(scope, session.activity_id, day).await?,
        heading: text.title.clone(),
        text: body(text)?,
        edition: text.edition,
        valid_from: text.valid_from,
        title: session.title.clone(),
        days,
        hosts: places(session, &slots)?
            .into_iter()
            .filter(|place| place.host_rules)
            .map(|place| format!("{}, {}, {} {}", place.name, place.address, place.postcode, place.city))
            .collect(),
    })
}

/// The rules on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, heading, text, edition, valid_from, title, days, hosts } = content;
    let when = if days.is_empty() { String::new() } else { format!(", {}", dates(days)) };
    let mut paper = blocks::paper(heading, issuer, stamp, DeclarationLine::Public)
        .push(Block::title(heading.as_str()))
        .push(Block::subtitle(format!("Édition {edition}, en vigueur depuis le {}", date(*valid_from))))
        .extend(blocks::introduction(issuer))
        .push(Block::paragraph(format!(
            "{} remet ce règlement aux stagiaires de la formation « {title} »{when}, en application des articles L. 6352-3 et \
             R. 6352-1 et suivants du code du travail.",
            issuer.name
        )));
    if !hosts.is_empty() {
        paper = paper.push(Block::heading("Santé et sécurité : le règlement du lieu d’accueil s’applique")).push(
            Block::paragraph(format!(
                "La formation a lieu dans les locaux d’une structure dotée de son propre règlement intérieur : {}. Les \
                 mesures de santé et de sécurité applicables aux stagiaires y sont celles de ce règlement (article \
                 R. 6352-1 du code du travail) ; il se consulte sur place. Pour tout le reste, le règlement ci-dessous \
                 s’applique.",
                and(hosts)
            )),
        );
    }
    paper.extend(prose(text)).extend(blocks::closing(issuer))
}
