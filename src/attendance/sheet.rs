//! The attendance sheet (feuille d'émargement): trainees × half-days, what is frozen of it.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveTime};
use entity::{booking, client, session};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::sheet_layout::layout;
use super::{
    attended::counted_of,
    matrix::half_of,
    roll::{Records, Teaching, Trainee, records, trainees},
    sheet_told::{Telling, telling},
    words::{Presence, Proof, SheetState},
};
use crate::{
    organisation::{Issuer, issuer},
    pdf::Depicted,
    platform::{calendar, error::Result, money::Minutes, scope::Scope},
    session::{minutes_of, slots_of_session},
};

/// What the sheet prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// The title of the action, the same as on its agreement.
    pub title: String,
    /// The session's reference.
    pub session: String,
    /// The client, when the sheet is about one booking.
    pub client: Option<String>,
    /// Where it takes place.
    pub place: Option<String>,
    /// Whether it is to be signed by hand.
    pub blank: bool,
    /// The half-days.
    pub slots: Vec<Half>,
    /// The trainees.
    pub trainees: Vec<Row>,
    /// The trainers.
    pub trainers: Vec<Row>,
}

/// A half-day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Half {
    /// Its day.
    pub day: NaiveDate,
    /// « matin » or « après-midi ».
    pub half: String,
    /// Beginning, in Paris.
    pub from: NaiveTime,
    /// End, in Paris.
    pub to: NaiveTime,
    /// Its minutes of training.
    pub minutes: Minutes,
    /// How many presences were counted when it closed.
    pub count: Option<i32>,
    /// The digest of what was counted.
    pub head: Option<String>,
    /// Why it was closed with gaps.
    pub gaps: Option<String>,
    /// When and why it was corrected after its closing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amended: Option<String>,
}

/// Somebody and their half-days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// First and last name.
    pub name: String,
    /// Employer or role.
    pub detail: String,
    /// One for each half-day.
    pub cells: Vec<Cell>,
    /// Minutes attended, from closed half-days: what the certificate says.
    pub attended: Option<Minutes>,
}

/// A presence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// To be signed.
    Blank,
    /// Not expected on this half-day.
    Elsewhere,
    /// Nothing was recorded, and the half-day is closed.
    Gap,
    /// Recorded.
    Marked {
        /// What it was.
        presence: Presence,
        /// Its minutes.
        minutes: Minutes,
        /// What proves it.
        proof: Proof,
        /// What else is known of it: when they came and left, how they signed, what was said.
        #[serde(flatten)]
        told: Told,
    },
}

/// What a presence also tells, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When they came, when it was not at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<NaiveTime>,
    /// When they left, when it was not at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<NaiveTime>,
    /// The signature that was given on a device or on a numbered sheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Why there is no signature (« n'a pas pu signer : … »), or why it came late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

/// A signature, as the sheet shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The picture that was drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Depicted>,
    /// « signé électroniquement le 24/03/2026 à 9 h 02 », « feuille n° EMG-2026-0001 ».
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

impl Told {
    /// The lines under a presence: times, how it was signed (else what proves it), what was said.
    pub(super) fn lines(&self, proof: Proof) -> Vec<String> {
        let Self { arrived, left, signature, statement } = self;
        let mut lines = vec![];
        let times = [
            arrived.map(|time| format!("arrivée {}", calendar::time(time))),
            left.map(|time| format!("départ {}", calendar::time(time))),
        ];
        let times: Vec<String> = times.into_iter().flatten().collect();
        if !times.is_empty() {
            lines.push(times.join(", "));
        }
        match signature.as_ref().map(|one| one.lines.as_slice()) {
            Some([]) | None => lines.push(proof.printed().to_owned()),
            Some(how) => lines.extend(how.iter().cloned()),
        }
        lines.extend(statement.clone());
        lines
    }

    /// A presence in part owes its hours: it says when nobody noted them.
    pub(super) fn in_part(&self, minutes: Minutes) -> String {
        let unknown = self.arrived.is_none() && self.left.is_none();
        format!("en partie : {minutes}{}", if unknown { ", heures non notées" } else { "" })
    }
}

/// Gather what the sheet prints: a whole session, or the trainees of one booking.
pub async fn content(
    scope: &Scope<'_>,
    session: &session::Model,
    booking: Option<&booking::Model>,
    blank: bool,
    day: NaiveDate,
) -> Result<Content> {
    let slots = slots_of_session(scope, session.id).await?;
    let roll = trainees(scope, session.id, booking.map(|row| row.id)).await?;
    let recorded = records(scope, &slots).await?;
    // Whoever gave their place is where they were, and nowhere else.
    let concerned = |one: &Trainee| {
        let was_there = || slots.iter().any(|slot| recorded.mark(slot.id, one.enrolment.id).is_some());
        if blank {
            slots.iter().any(|slot| one.expected(slot.id))
        } else {
            one.enrolment.state != "replaced" || was_there()
        }
    };
    let roll: Vec<Trainee> = roll.into_iter().filter(concerned).collect();
    let telling = telling(scope, &slots).await?;
    let enrolments: Vec<_> = roll.iter().map(|one| one.enrolment.clone()).collect();
    let counted = super::attended_by(scope, &enrolments).await?;
    let employers = employers(scope, session.id).await?;
    let client = match booking {
        Some(row) => Some(scope.get::<client::Entity>(row.client_id).await?.name),
        None => None,
    };
    // A client's sheet tells nothing of the others' trainees, not even in the words of a closing.
    let whole = booking.is_none();
    let halves = slots
        .iter()
        .map(|slot| {
            let sheet = recorded.sheets.get(&slot.id).filter(|sheet| !blank && sheet.state == "closed");
            Half {
                day: slot.day,
                half: half_of(slot).word().to_owned(),
                from: calendar::local(slot.starts_at).time(),
                to: calendar::local(slot.ends_at).time(),
                minutes: minutes_of(slot),
                count: sheet.filter(|_| whole).and_then(|sheet| sheet.mark_count),
                head: sheet.and_then(|sheet| sheet.head_hash.clone()),
                gaps: sheet
                    .and_then(|sheet| sheet.gaps.clone())
                    .map(|why| if whole { why } else { "voir la feuille complète".into() }),
                amended: sheet.and_then(|sheet| {
                    let on = calendar::date(calendar::local_day(sheet.amended_at?));
                    let why = sheet.amended_reason.as_deref().filter(|_| whole);
                    Some(why.map_or_else(|| format!("corrigée le {on}"), |why| format!("corrigée le {on} : {why}")))
                }),
            }
        })
        .collect();
    let rows = roll
        .iter()
        .map(|one| Row {
            name: one.name.clone(),
            detail: employers.get(&one.enrolment.booking_id).cloned().unwrap_or_default(),
            cells: slots.iter().map(|slot| cell(slot.id, one, &recorded, &telling, blank)).collect(),
            attended: counted.get(&one.enrolment.id).filter(|_| !blank).map(|all| all.minutes),
        })
        .collect();
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    Ok(Content {
        issuer: issuer(scope, session.activity_id, day).await?,
        title: session.title.clone(),
        session: session.reference.clone(),
        client,
        place: crate::session::place_in_words(session),
        blank,
        slots: halves,
        trainees: rows,
        trainers: trainer_rows(&ids, &recorded, &telling, blank),
    })
}

/// The buyer of each booking of a session, by name.
pub(super) async fn employers(scope: &Scope<'_>, session: Uuid) -> Result<HashMap<Uuid, String>> {
    let bookings = scope.find::<booking::Entity>().filter(booking::Column::SessionId.eq(session)).all().await?;
    let clients = scope.map::<client::Entity>(bookings.iter().map(|row| row.client_id)).await?;
    Ok(bookings
        .iter()
        .filter_map(|row| clients.get(&row.client_id).map(|client| (row.id, client.name.clone())))
        .collect())
}

fn cell(slot: Uuid, trainee: &Trainee, records: &Records, telling: &Telling, blank: bool) -> Cell {
    if !trainee.follows(slot) {
        return Cell::Elsewhere;
    }
    if blank {
        return if trainee.expected(slot) { Cell::Blank } else { Cell::Elsewhere };
    }
    // Only what is closed is printed: the rest may still change.
    let closed = records.state(slot) == SheetState::Closed;
    let marked = records.mark(slot, trainee.enrolment.id).filter(|_| closed).and_then(|mark| {
        let (presence, proof) = (Presence::of(&mark.presence).ok()?, Proof::of(&mark.proof).ok()?);
        Some(Cell::Marked { presence, minutes: Minutes(counted_of(mark)), proof, told: telling.of(mark) })
    });
    let nothing = match (records.state(slot), trainee.expected(slot)) {
        (SheetState::Closed, true) => Cell::Gap,
        (_, true) => Cell::Blank,
        (_, false) => Cell::Elsewhere,
    };
    marked.unwrap_or(nothing)
}

fn trainer_rows(slots: &[Uuid], records: &Records, telling: &Telling, blank: bool) -> Vec<Row> {
    let mut known = HashSet::new();
    let seen: Vec<&Teaching> = records.teaching.iter().filter(|one| known.insert(one.trainer)).collect();
    seen.into_iter()
        .map(|trainer| Row {
            name: trainer.name.clone(),
            detail: "formateur ou formatrice".into(),
            cells: slots
                .iter()
                .map(|slot| {
                    let Some(here) = records.teaching(*slot).find(|one| one.trainer == trainer.trainer) else {
                        return Cell::Elsewhere;
                    };
                    match here.mark.as_ref().filter(|_| !blank && records.state(*slot) == SheetState::Closed) {
                        Some(mark) => Cell::Marked {
                            presence: Presence::Present,
                            minutes: Minutes(mark.minutes),
                            proof: Proof::of(&mark.proof).unwrap_or(Proof::TrainerStatement),
                            told: telling.of_trainer(mark),
                        },
                        None => Cell::Blank,
                    }
                })
                .collect(),
            attended: None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_signature_and_statement_stand_under_the_presence() {
        let told = Told {
            arrived: "09:20:00".parse().ok(),
            left: "12:00:00".parse().ok(),
            signature: Some(Signature { picture: None, lines: vec!["signé électroniquement à 12 h 01".into()] }),
            statement: Some("signature reçue le lendemain".into()),
        };
        let lines: Vec<String> = told.lines(Proof::Signed).iter().map(|line| line.replace('\u{a0}', " ")).collect();
        let expected =
            ["arrivée 9 h 20, départ 12 h", "signé électroniquement à 12 h 01", "signature reçue le lendemain"];
        assert_eq!(lines, expected);
        let unsigned = Told { statement: Some("n’a pas pu signer : téléphone en panne".into()), ..Told::default() };
        assert_eq!(unsigned.lines(Proof::TrainerStatement).len(), 2);
        assert!(!told.in_part(Minutes(160)).contains("non notées"), "times are known");
        assert!(unsigned.in_part(Minutes(160)).ends_with(", heures non notées"));
    }
}
