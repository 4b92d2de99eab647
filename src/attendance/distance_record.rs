//! The record of what was followed at a distance (relevé de connexion et de suivi à distance): who connected to which
//! half-day, from when to when; what was to be done, its average length, the assistance (art. D6313-3-1).

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    organisation::Issuer,
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Cell, Column, Paper, Table},
    platform::{calendar, money::Minutes},
    session::Distance,
};

/// What the record prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// The title of the action.
    pub title: String,
    /// The session's reference.
    pub session: String,
    /// The client, when the record is about one booking.
    pub client: Option<String>,
    /// Who teaches.
    pub trainers: Vec<String>,
    /// The half-days at a distance.
    pub slots: Vec<Slot>,
    /// What goes with teaching at a distance.
    pub distance: Option<Distance>,
    /// The trainees, by name.
    pub trainees: Vec<Trainee>,
    /// The day of issue.
    pub day: NaiveDate,
}

/// A half-day at a distance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its day.
    pub day: NaiveDate,
    /// Beginning, in Paris.
    pub from: NaiveTime,
    /// End, in Paris.
    pub to: NaiveTime,
    /// Its minutes of training.
    pub minutes: Minutes,
}

/// Somebody and their connections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trainee {
    /// First and last name.
    pub name: String,
    /// Employer.
    pub detail: String,
    /// In order.
    pub connections: Vec<Connection>,
    /// Minutes connected during half-days, in all.
    pub connected: Minutes,
}

/// A stretch of presence in a half-day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The day of the half-day.
    pub day: NaiveDate,
    /// When they joined, in Paris.
    pub joined: NaiveTime,
    /// When they left, in Paris.
    pub left: NaiveTime,
    /// Minutes of it inside the half-day.
    pub minutes: Minutes,
    /// Which log says so: « BigBlueButton »…
    pub source: String,
}

/// From when to when, in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// When somebody joined.
    pub joined: DateTime<Utc>,
    /// When they left.
    pub left: DateTime<Utc>,
    /// Which log says so.
    pub source: String,
}

impl Stretch {
    /// Minutes that lie inside a half-day, begun ones not counted.
    pub fn inside(&self, starts: DateTime<Utc>, ends: DateTime<Utc>) -> Minutes {
        let length = self.left.min(ends) - self.joined.max(starts);
        Minutes(i32::try_from(length.max(TimeDelta::zero()).num_minutes()).unwrap_or(i32::MAX))
    }
}

/// Stretches in order, those that overlap or touch made one: two devices at once count once.
pub fn merged(mut stretches: Vec<Stretch>) -> Vec<Stretch> {
    stretches.sort_by_key(|one| (one.joined, one.left));
    let mut out: Vec<Stretch> = vec![];
    for one in stretches {
        match out.last_mut() {
            Some(last) if one.joined <= last.left => {
                last.left = last.left.max(one.left);
                if !last.source.split(", ").any(|source| source == one.source) {
                    last.source = format!("{}, {}", last.source, one.source);
                }
            }
            _ => out.push(one),
        }
    }
    out
}

/// The record on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, title, session, client, trainers, slots, distance, trainees, day } = content;
    let mut facts = vec![("Action".to_owned(), title.clone()), ("Session".to_owned(), session.clone())];
    facts.extend(client.clone().map(|client| ("Client".to_owned(), client)));
    if !trainers.is_empty() {
        facts.push(("Formation assurée par".to_owned(), calendar::and(trainers)));
    }
    let planned = Minutes(slots.iter().map(|slot| slot.minutes.0).fold(0, i32::saturating_add));
    let rows = slots.iter().map(|slot| {
        vec![
            calendar::long_date(slot.day),
            format!("{} à {}", calendar::time(slot.from), calendar::time(slot.to)),
            slot.minutes.to_string(),
        ]
    });
    let columns = vec![Column::left("Jour", 3.0), Column::left("Horaires", 2.0), Column::right("Durée", 1.0)];
    let mut paper =
        blocks::paper("Relevé de connexion et de suivi à distance", issuer, stamp, DeclarationLine::Contract)
            .push(Block::title("Relevé de connexion et de suivi à distance"))
            .push(Block::key_values(facts))
            .push(Block::heading("Demi-journées à distance"))
            .push(Block::table(columns, rows))
            .push(Block::note(format!("Durée à distance prévue : {planned}.")));
    if let Some(distance) = distance {
        paper = paper
            .push(Block::heading("Accompagnement à distance (art. D. 6313-3-1 du code du travail)"))
            .push(distance.block());
    }
    paper = paper.push(Block::heading("Connexions"));
    for trainee in trainees {
        let name = if trainee.detail.is_empty() {
            trainee.name.clone()
        } else {
            format!("{} – {}", trainee.name, trainee.detail)
        };
        paper = paper.push(Block::subheading(name)).push(connections(trainee));
    }
    paper
        .push(Block::note(
            "Établi d’après les journaux de connexion. Seul le temps passé pendant les demi-journées est compté ; plusieurs \
             connexions en même temps comptent une fois.",
        ))
        .push(Block::paragraph(format!("Fait à {}, le {}.", issuer.city, calendar::date(*day))))
        .extend(blocks::closing(issuer))
}

fn connections(trainee: &Trainee) -> Block {
    if trainee.connections.is_empty() {
        return Block::paragraph("Aucune connexion relevée.");
    }
    let columns = vec![
        Column::left("Jour", 2.0),
        Column::left("Arrivée", 1.0),
        Column::left("Départ", 1.0),
        Column::right("Durée", 1.0),
        Column::left("Journal", 1.6),
    ];
    let mut rows: Vec<Vec<Cell>> = trainee
        .connections
        .iter()
        .map(|one| {
            vec![
                calendar::short_date(one.day).into(),
                calendar::time(one.joined).into(),
                calendar::time(one.left).into(),
                one.minutes.to_string().into(),
                one.source.as_str().into(),
            ]
        })
        .collect();
    rows.push(vec!["Temps connecté".into(), "".into(), "".into(), trainee.connected.to_string().into(), "".into()]);
    Block::Table(Table { columns, rows, totals: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(joined: &str, left: &str, source: &str) -> Stretch {
        let at = |time: &str| format!("2026-03-03T{time}:00Z").parse().unwrap();
        Stretch { joined: at(joined), left: at(left), source: source.into() }
    }

    #[test]
    fn two_devices_at_once_count_once() {
        let all = merged(vec![
            stretch("10:00", "11:00", "téléphone"),
            stretch("08:00", "09:30", "BigBlueButton"),
            stretch("09:00", "09:45", "téléphone"),
        ]);
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].left, all[0].source.as_str()),
            (stretch("09:45", "09:45", "").left, "BigBlueButton, téléphone")
        );
    }

    #[test]
    fn only_what_lies_inside_the_half_day_counts() {
        let half = stretch("08:00", "11:30", "");
        let inside = |joined, left| stretch(joined, left, "").inside(half.joined, half.left);
        assert_eq!(inside("07:45", "09:00"), Minutes(60));
        assert_eq!(inside("11:00", "12:00"), Minutes(30));
        assert_eq!(inside("12:00", "13:00"), Minutes(0));
    }
}
