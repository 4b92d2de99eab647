//! The welcome booklet of a session (livret d'accueil): the cooperative's text, with what this training needs to say.

use chrono::NaiveDate;
use entity::{organisation_text, session};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    contacts::{Referent, people, referents, trainer_lines},
    distance::{Distance, distance},
    handouts::body,
    place::{Place, place_blocks},
    slots::{day_lines, links, places, planned_minutes, slots_of_session},
};
use crate::{
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
        prose::prose,
    },
    pdf::{Block, Paper},
    platform::{error::Result, money::Minutes, scope::Scope},
};

/// What the booklet prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// The title of the cooperative's text.
    pub heading: String,
    /// What it says, paragraphs separated by empty lines.
    pub text: String,
    /// The number of its edition.
    pub edition: i32,
    /// The exact title of the action.
    pub title: String,
    /// When, one line a day.
    pub schedule: Vec<String>,
    /// Minutes of training in all.
    pub minutes: Minutes,
    /// Where, for half-days that are face to face.
    pub places: Vec<Place>,
    /// Links of those at a distance.
    pub links: Vec<String>,
    /// What goes with teaching at a distance (art. D6313-3-1).
    pub distance: Option<Distance>,
    /// Who teaches.
    pub trainers: Vec<String>,
    /// Whom to ask.
    pub referents: Vec<Referent>,
}

/// Gather what the booklet of a session prints.
pub(super) async fn content(
    scope: &Scope<'_>,
    session: &session::Model,
    text: &organisation_text::Model,
    day: NaiveDate,
) -> Result<Content> {
    let slots = slots_of_session(scope, session.id).await?;
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    Ok(Content {
        issuer: issuer(scope, session.activity_id, day).await?,
        heading: text.title.clone(),
        text: body(text)?,
        edition: text.edition,
        title: session.title.clone(),
        schedule: day_lines(&slots),
        minutes: planned_minutes(&slots),
        places: places(session, &slots)?,
        links: links(session, &slots),
        distance: distance(scope, session, &slots).await?,
        trainers: trainer_lines(scope, &ids).await?,
        referents: referents(scope, day).await?,
    })
}

/// The booklet on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content {
        issuer,
        heading,
        text,
        edition,
        title,
        schedule,
        minutes,
        places,
        links,
        distance,
        trainers,
        referents,
    } = content;
    let mut paper = blocks::paper(heading, issuer, stamp, DeclarationLine::Public)
        .push(Block::title(heading.as_str()))
        .push(Block::subtitle(format!("Formation « {title} » – édition {edition}")))
        .extend(blocks::introduction(issuer))
        .push(Block::heading("Votre formation"))
        .push(Block::bullets(schedule.iter().map(String::as_str)))
        .push(Block::paragraph(format!("Durée totale : {minutes}.")));
    if !places.is_empty() {
        paper = paper.push(Block::heading("Où")).extend(places.iter().flat_map(place_blocks));
    }
    if let Some(distance) = distance {
        paper = paper.push(Block::heading("À distance (art. D. 6313-3-1 du code du travail)"));
        if !links.is_empty() {
            paper = paper.push(Block::bullets(links.iter().map(|link| format!("Se connecter : {link}"))));
        }
        paper = paper.push(distance.block());
    }
    paper
        .push(Block::heading("À qui s’adresser"))
        .push(Block::key_values(people(trainers, issuer, referents)))
        .push(Block::paragraph(
            "Une situation de handicap, un besoin particulier ? Dites-le-nous avant la formation ou à tout moment : nous \
             l’adapterons ensemble.",
        ))
        .extend(prose(text))
        .extend(blocks::closing(issuer))
}
