//! Where a session takes place, in words, for papers.

use entity::session;
use serde_json::Value;

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
