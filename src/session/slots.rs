//! The half-days of a session, as other features read them and as papers print them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::session_slot::{Column, Entity, Model};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    input::Modality,
    out::trainers_by_slot,
    place::{Place, place_lines},
    venue::{Venue, venue},
};
use crate::platform::{
    calendar,
    error::Result,
    money::{Minutes, Rate},
    scope::Scope,
};

/// The half-days of a session that are not cancelled, in order.
pub async fn slots_of_session(scope: &Scope<'_>, session: Uuid) -> Result<Vec<Model>> {
    scope
        .find::<Entity>()
        .filter(Column::SessionId.eq(session))
        .filter(Column::State.ne("cancelled"))
        .ascending(Column::StartsAt)
        .all()
        .await
}

/// Minutes of training in a half-day: from start to end, without its break.
pub fn minutes_of(slot: &Model) -> Minutes {
    let length = (slot.ends_at - slot.starts_at).num_minutes();
    Minutes(i32::try_from(length).unwrap_or(i32::MAX).saturating_sub(slot.break_minutes))
}

/// Minutes of training in all of them.
pub fn planned_minutes(slots: &[Model]) -> Minutes {
    Minutes(slots.iter().map(|slot| minutes_of(slot).0).fold(0, i32::saturating_add))
}

/// First and last day.
pub fn period(slots: &[Model]) -> Option<(NaiveDate, NaiveDate)> {
    Some((slots.iter().map(|slot| slot.day).min()?, slots.iter().map(|slot| slot.day).max()?))
}

/// The part of the minutes that is taught at a distance, in basis points.
pub fn distance_rate(slots: &[Model]) -> Rate {
    let total = i64::from(planned_minutes(slots).0);
    let distance: i64 = slots.iter().filter(|slot| is_distance(slot)).map(|slot| i64::from(minutes_of(slot).0)).sum();
    if total == 0 { Rate(0) } else { Rate(i32::try_from(distance * 10_000 / total).unwrap_or(10_000)) }
}

/// Whether a half-day is taught at a distance.
pub fn is_distance(slot: &Model) -> bool {
    slot.modality == Modality::Distance.name()
}

/// Who teaches these half-days, once each: (trainer, first and last name), by name.
pub async fn trainers_of(scope: &Scope<'_>, slots: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    let by_slot = trainers_by_slot(scope, slots).await?;
    let once: BTreeSet<(String, Uuid)> =
        by_slot.into_values().flatten().map(|trainer| (trainer.name, trainer.trainer_id)).collect();
    Ok(once.into_iter().map(|(name, id)| (id, name)).collect())
}

/// « 9 h – 12 h 30 ».
pub fn hours(slot: &Model) -> String {
    let (from, to) = (calendar::local(slot.starts_at).time(), calendar::local(slot.ends_at).time());
    format!("{} – {}", calendar::time(from), calendar::time(to))
}

/// One line per day: « lundi 2 mars 2026 : 9 h – 12 h 30 et 13 h 30 – 17 h (à distance) ».
pub fn day_lines(slots: &[Model]) -> Vec<String> {
    let mut slots: Vec<&Model> = slots.iter().collect();
    slots.sort_by_key(|slot| slot.starts_at);
    let mixed = slots.iter().any(|slot| is_distance(slot)) && !slots.iter().all(|slot| is_distance(slot));
    slots
        .chunk_by(|one, other| one.day == other.day)
        .filter_map(|day| {
            let times: Vec<String> = day
                .iter()
                .map(|slot| {
                    let note = if mixed && is_distance(slot) { " (à distance)" } else { "" };
                    format!("{}{note}", hours(slot))
                })
                .collect();
            Some(format!("{}\u{a0}: {}", calendar::long_date(day.first()?.day), calendar::and(&times)))
        })
        .collect()
}

/// Where these half-days are, once each, as papers print it: the session's place and link, unless they say otherwise.
pub fn place_lines_of(session: &entity::session::Model, slots: &[Model]) -> Result<Vec<String>> {
    let mut lines: Vec<String> = vec![];
    for place in places(session, slots)? {
        lines.extend(place_lines(&place));
    }
    for link in links(session, slots) {
        lines.push(format!("À distance : {link}"));
    }
    Ok(lines)
}

/// The places of face-to-face half-days, once each.
pub fn places(session: &entity::session::Model, slots: &[Model]) -> Result<Vec<Place>> {
    let mut found: Vec<Place> = vec![];
    for slot in slots {
        if let Some(Venue::Room(place)) = venue(session, slot)?
            && !found.contains(&place)
        {
            found.push(*place);
        }
    }
    Ok(found)
}

/// The links of distance half-days, once each.
pub fn links(session: &entity::session::Model, slots: &[Model]) -> Vec<String> {
    let mut found: Vec<String> = vec![];
    for slot in slots.iter().filter(|slot| is_distance(slot)) {
        let link = slot.link.as_ref().or(session.link.as_ref());
        found.extend(link.filter(|link| !found.contains(link)).cloned());
    }
    found
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::*;

    fn slot(day: &str, starts: &str, ends: &str, modality: Modality) -> Model {
        let day: NaiveDate = day.parse().unwrap();
        let at = |text: &str| calendar::at(day, NaiveTime::parse_from_str(text, "%H:%M").unwrap());
        let id = Uuid::nil();
        Model {
            id,
            activity_id: id,
            session_id: id,
            day,
            half: "morning".into(),
            starts_at: at(starts),
            ends_at: at(ends),
            break_minutes: 0,
            modality: modality.name().into(),
            place: None,
            link: None,
            state: "planned".into(),
            reason: None,
            previous_starts_at: None,
            version: 1,
            seq: 0,
            created_at: at(starts),
            updated_at: at(starts),
        }
    }

    #[test]
    fn days_are_printed_with_their_half_days() {
        let slots = [
            slot("2026-03-02", "13:30", "17:00", Modality::FaceToFace),
            slot("2026-03-02", "09:00", "12:30", Modality::FaceToFace),
        ];
        let said = day_lines(&slots).join("\n").replace('\u{a0}', " ");
        assert_eq!(said, "lundi 2 mars 2026 : 9 h – 12 h 30 et 13 h 30 – 17 h");
        assert_eq!(period(&slots).map(|(first, last)| first == last), Some(true));
    }

    #[test]
    fn the_distance_part_is_counted_in_minutes() {
        let slots = [
            slot("2026-03-02", "09:00", "12:00", Modality::FaceToFace),
            slot("2026-03-03", "09:00", "10:00", Modality::Distance),
        ];
        assert_eq!(distance_rate(&slots), Rate(2500));
        assert!(day_lines(&slots)[1].ends_with("(à distance)"));
        assert_eq!(distance_rate(&[]), Rate(0));
    }
}
