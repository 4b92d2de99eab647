//! Where a session and each of its half-days take place, for papers and mails.

use entity::{session, session_slot};
use serde_json::Value;

use super::{is_distance, out::place_of, place::Place};
use crate::platform::error::Result;

/// Where one half-day takes place: in a room, or at a distance. What it does not say, its session says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Venue {
    /// In this room.
    Room(Box<Place>),
    /// At a distance, by this link once it is known.
    Distance(Option<String>),
}

/// Where a half-day takes place, as its own way of being taught wants it: a room for one that is taught face to face, a
/// link for one at a distance.
pub fn venue(session: &session::Model, slot: &session_slot::Model) -> Result<Option<Venue>> {
    if is_distance(slot) {
        return Ok(Some(Venue::Distance(slot.link.clone().or_else(|| session.link.clone()))));
    }
    let place = place_of(slot.place.as_deref().or(session.place.as_deref()))?;
    Ok(place.map(|place| Venue::Room(Box::new(place))))
}

impl Venue {
    /// The room's name, or the link: for a column.
    pub fn name(&self) -> String {
        match self {
            Self::Room(place) => place.name.clone(),
            Self::Distance(link) => link.clone().unwrap_or_default(),
        }
    }

    /// « Salle des fêtes, 3 rue des Lilas, 75020 Paris », or « à distance : https://… »: within a sentence.
    pub fn line(&self) -> String {
        match self {
            Self::Room(place) => {
                let town = format!("{} {}", place.postcode, place.city);
                let parts = [place.name.as_str(), place.address.as_str(), town.trim()];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
            }
            Self::Distance(Some(link)) => format!("à distance : {link}"),
            Self::Distance(None) => "à distance".into(),
        }
    }
}

/// « Salle des fêtes, 3 rue des Lilas, 75020 Paris », « à distance », or nothing.
pub fn place_in_words(row: &session::Model) -> Option<String> {
    let stored: Option<Value> = row.place.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let words = |place: &Value| {
        let part = |name: &str| place[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let town = [part("postcode"), part("city")].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let parts = [part("name"), part("address"), Some(town).filter(|town| !town.is_empty())];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let place = stored.as_ref().map(words).filter(|text| !text.is_empty());
    place.or_else(|| row.link.as_ref().map(|_| "à distance".to_owned()))
}
