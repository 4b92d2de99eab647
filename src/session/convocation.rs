//! The convocation of a trainee: when, where, with whom, what to bring, whom to ask.

use chrono::NaiveDate;
use entity::{enrolment, person, session, session_slot};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    contacts::{Referent, people, referents, trainer_lines},
    distance::{Distance, distance},
    input::Half,
    place::{Place, place_blocks},
    slots::{hours, minutes_of, places},
    venue::venue,
};
use crate::{
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Paper, Rich},
    people::printed_name,
    platform::{calendar, error::Result, money::Minutes, scope::Scope},
};

/// What the convocation prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// The trainee.
    pub trainee: String,
    /// The exact title of the action.
    pub title: String,
    /// Its half-days.
    pub half_days: Vec<HalfDay>,
    /// Minutes of training in all.
    pub minutes: Minutes,
    /// The places of face-to-face half-days.
    pub places: Vec<Place>,
    /// Who teaches.
    pub trainers: Vec<String>,
    /// The referents: role in French, name, how to reach them.
    pub referents: Vec<Referent>,
    /// What a training at a distance promises (art. D. 6313-3-1).
    pub distance: Option<Distance>,
    /// What comes with the convocation.
    pub attachments: Vec<String>,
}

/// A half-day, as the convocation prints it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HalfDay {
    /// Its day.
    pub day: NaiveDate,
    /// Which half.
    pub half: Half,
    /// « 9 h – 12 h 30 ».
    pub hours: String,
    /// The name of its place, or its link.
    pub place: String,
}

/// Gather what the convocation of a trainee prints; `slots` are the half-days that they follow.
pub async fn content(
    scope: &Scope<'_>,
    enrolment: &enrolment::Model,
    slots: &[session_slot::Model],
    attachments: Vec<String>,
    day: NaiveDate,
) -> Result<Content> {
    let session = scope.get::<session::Entity>(enrolment.session_id).await?;
    let trainee = scope.get::<person::Entity>(enrolment.person_id).await?;
    let mut half_days = vec![];
    for slot in slots {
        let place = venue(&session, slot)?.map(|venue| venue.name());
        half_days.push(HalfDay {
            day: slot.day,
            half: Half::of(&slot.half)?,
            hours: hours(slot),
            place: place.unwrap_or_default(),
        });
    }
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    Ok(Content {
        issuer: issuer(scope, enrolment.activity_id, day).await?,
        trainee: printed_name(&trainee),
        places: places(&session, slots)?,
        trainers: trainer_lines(scope, &ids).await?,
        referents: referents(scope, day).await?,
        distance: distance(scope, &session, slots).await?,
        minutes: Minutes(slots.iter().map(|slot| minutes_of(slot).0).sum()),
        title: session.title,
        half_days,
        attachments,
    })
}

fn half_word(half: Half) -> &'static str {
    match half {
        Half::Morning => "matin",
        Half::Afternoon => "après-midi",
    }
}

/// The convocation on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, trainee, title, half_days, minutes, places, trainers, referents, distance, attachments } =
        content;
    // One place for all of them is said once, below.
    let first = half_days.first().map(|one| one.place.as_str());
    let apart = places.is_empty() || half_days.iter().any(|one| Some(one.place.as_str()) != first);
    let rows = half_days.iter().map(|one| -> Vec<Rich> {
        let mut row = vec![calendar::long_date(one.day).into(), half_word(one.half).into(), one.hours.as_str().into()];
        if apart {
            row.push(one.place.as_str().into());
        }
        row
    });
    let mut columns = vec![Column::left("Jour", 2.2), Column::left("Demi-journée", 1.2), Column::left("Horaires", 1.3)];
    if apart {
        columns.push(Column::left("Lieu ou lien", 2.3));
    }
    let mut paper = blocks::paper("Convocation", issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("Convocation à une formation"))
        .push(Block::paragraph(format!("{trainee}, nous vous attendons à la formation « {title} ».")))
        .extend(blocks::introduction(issuer))
        .push(Block::heading("Quand"))
        .push(Block::table(columns, rows))
        .push(Block::note(format!("Durée totale : {minutes}.")));
    if !places.is_empty() {
        paper = paper.push(Block::heading("Où")).extend(places.iter().flat_map(place_blocks));
    }
    if let Some(distance) = distance {
        paper = paper.push(Block::heading("À distance (art. D. 6313-3-1 du code du travail)")).push(distance.block());
    }
    paper = paper.push(Block::heading("Avec qui")).push(Block::key_values(people(trainers, issuer, referents))).push(Block::paragraph(
        "Une situation de handicap, un besoin particulier ? Écrivez-nous avant la formation : nous l’adapterons ensemble.",
    ));
    if !attachments.is_empty() {
        paper = paper.push(Block::heading("Documents joints")).push(Block::bullets(attachments.clone()));
    }
    paper.extend(blocks::closing(issuer))
}
