//! The attendance sheet (feuille d'émargement): trainees × half-days, to be signed by hand or as it was recorded.

use chrono::{NaiveDate, NaiveTime};
use entity::{booking, client, session};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    matrix::half_of,
    roll::{Records, Teaching, Trainee, records, trainees},
    words::{Presence, Proof, SheetState},
};
use crate::{
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Grid, GridCell, GridRow, Paper},
    platform::{calendar, error::Result, money::Minutes, scope::Scope},
    session::{minutes_of, slots_of_session},
};

/// How many half-days stand side by side.
const ABREAST: usize = 6;
/// Rows left for those who come unannounced, on a sheet to be signed by hand.
const SPARE: usize = 3;

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
}

/// Somebody and their half-days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Last name, first name.
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
    },
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
    let roll: Vec<Trainee> =
        roll.into_iter().filter(|one| !blank || slots.iter().any(|slot| one.expected(slot.id))).collect();
    let recorded = records(scope, &slots).await?;
    let enrolments: Vec<_> = roll.iter().map(|one| one.enrolment.clone()).collect();
    let counted = super::attended_by(scope, &enrolments).await?;
    let employers = employers(scope, session.id).await?;
    let client = match booking {
        Some(row) => Some(scope.get::<client::Entity>(row.client_id).await?.name),
        None => None,
    };
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
                count: sheet.and_then(|sheet| sheet.mark_count),
                head: sheet.and_then(|sheet| sheet.head_hash.clone()),
                gaps: sheet.and_then(|sheet| sheet.gaps.clone()),
            }
        })
        .collect();
    let rows = roll
        .iter()
        .map(|one| Row {
            name: one.name.clone(),
            detail: employers
                .iter()
                .find(|(id, _)| *id == one.enrolment.booking_id)
                .map_or_else(String::new, |(_, name)| name.clone()),
            cells: slots.iter().map(|slot| cell(slot.id, one, &recorded, blank)).collect(),
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
        trainers: trainer_rows(&ids, &recorded, blank),
    })
}

async fn employers(scope: &Scope<'_>, session: Uuid) -> Result<Vec<(Uuid, String)>> {
    let bookings = scope.find::<booking::Entity>().filter(booking::Column::SessionId.eq(session)).all().await?;
    let clients = scope.map::<client::Entity>(bookings.iter().map(|row| row.client_id)).await?;
    Ok(bookings
        .iter()
        .filter_map(|row| clients.get(&row.client_id).map(|client| (row.id, client.name.clone())))
        .collect())
}

fn cell(slot: Uuid, trainee: &Trainee, records: &Records, blank: bool) -> Cell {
    if !trainee.follows(slot) {
        return Cell::Elsewhere;
    }
    if blank {
        return if trainee.expected(slot) { Cell::Blank } else { Cell::Elsewhere };
    }
    let marked = records.mark(slot, trainee.enrolment.id).and_then(|mark| {
        let (presence, proof) = (Presence::of(&mark.presence).ok()?, Proof::of(&mark.proof).ok()?);
        Some(Cell::Marked { presence, minutes: Minutes(mark.minutes), proof })
    });
    let nothing = match (records.state(slot), trainee.expected(slot)) {
        (SheetState::Closed, true) => Cell::Gap,
        (_, true) => Cell::Blank,
        (_, false) => Cell::Elsewhere,
    };
    marked.unwrap_or(nothing)
}

fn trainer_rows(slots: &[Uuid], records: &Records, blank: bool) -> Vec<Row> {
    let mut seen: Vec<&Teaching> = vec![];
    for one in &records.teaching {
        if !seen.iter().any(|known| known.trainer == one.trainer) {
            seen.push(one);
        }
    }
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
                    match here.mark.as_ref().filter(|_| !blank) {
                        Some(mark) => Cell::Marked {
                            presence: Presence::Present,
                            minutes: Minutes(mark.minutes),
                            proof: Proof::of(&mark.proof).unwrap_or(Proof::TrainerStatement),
                        },
                        None => Cell::Blank,
                    }
                })
                .collect(),
            attended: None,
        })
        .collect()
}

/// The sheet on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let mut facts = vec![("Action".to_owned(), content.title.clone()), ("Session".to_owned(), content.session.clone())];
    facts.extend(content.client.clone().map(|client| ("Client".to_owned(), client)));
    facts.extend(content.place.clone().map(|place| ("Lieu".to_owned(), place)));
    let names: Vec<String> = content.trainers.iter().map(|row| row.name.clone()).collect();
    if !names.is_empty() {
        facts.push(("Formation assurée par".to_owned(), calendar::and(&names)));
    }
    let total = Minutes(content.slots.iter().map(|slot| slot.minutes.0).sum());
    facts.push(("Durée prévue".to_owned(), total.to_string()));
    let mut paper = blocks::paper("Feuille d’émargement", &content.issuer, stamp, DeclarationLine::Contract)
        .landscape()
        .push(Block::title("FEUILLE D’ÉMARGEMENT"))
        .push(Block::key_values(facts));
    let last = content.slots.len().div_ceil(ABREAST).saturating_sub(1);
    for (index, slots) in content.slots.chunks(ABREAST).enumerate() {
        if index > 0 {
            paper = paper.push(Block::page_break());
        }
        paper = paper.push(Block::grid(grid(content, slots, index * ABREAST, index == last)));
    }
    paper = paper.extend(closings(content).into_iter().map(Block::note));
    if content.blank {
        paper = paper.push(Block::note(
            "Chaque personne signe au cours de la demi-journée, jamais pour une autre ni d’avance. Une arrivée tardive ou un départ anticipé s’écrit dans la case, avec l’heure.",
        ));
    }
    paper.extend(blocks::closing(&content.issuer))
}

fn grid(content: &Content, slots: &[Half], from: usize, totals: bool) -> Grid {
    let totals = totals && !content.blank;
    let mut columns: Vec<String> = slots
        .iter()
        .map(|slot| {
            format!(
                "{} {}\n{} à {} ({})",
                calendar::short_date(slot.day),
                slot.half,
                calendar::time(slot.from),
                calendar::time(slot.to),
                slot.minutes
            )
        })
        .collect();
    if totals {
        columns.push("Heures suivies".into());
    }
    let row = |row: &Row| {
        let mut cells: Vec<GridCell> = row.cells.iter().skip(from).take(slots.len()).map(printed).collect();
        if totals {
            cells.push(
                row.attended.map_or_else(|| GridCell::Text("–".into()), |minutes| GridCell::Text(minutes.to_string())),
            );
        }
        GridRow { name: row.name.clone(), detail: row.detail.clone(), cells, ..GridRow::default() }
    };
    let mut rows: Vec<GridRow> = content.trainees.iter().map(row).collect();
    if content.blank {
        let spare = || GridRow { cells: vec![GridCell::Blank; slots.len()], ..GridRow::default() };
        rows.extend(std::iter::repeat_with(spare).take(SPARE));
    }
    rows.extend(content.trainers.iter().map(row));
    Grid { names: "Nom, prénom".into(), columns, rows, row_height_mm: if content.blank { 12.0 } else { 9.0 } }
}

fn printed(cell: &Cell) -> GridCell {
    match cell {
        Cell::Blank => GridCell::Blank,
        Cell::Elsewhere => GridCell::Text("non concerné(e)".into()),
        Cell::Gap => GridCell::Text("non renseigné".into()),
        Cell::Marked { presence, minutes, proof } => match presence {
            Presence::Present => GridCell::Mark(vec![format!("présent(e) {minutes}"), proof.printed().into()]),
            Presence::Partial => {
                GridCell::Mark(vec![format!("présent(e) en partie {minutes}"), proof.printed().into()])
            }
            // The reason of an absence is nobody's business here: excused or not, the sheet says the same.
            Presence::Absent | Presence::Excused => GridCell::Text("absent(e)".into()),
        },
    }
}

/// What each closed half-day counted, so that an altered mark shows.
fn closings(content: &Content) -> Vec<String> {
    content
        .slots
        .iter()
        .filter_map(|slot| {
            let head = slot.head.as_deref()?;
            let gaps = slot.gaps.as_deref().map(|why| format!(" Présences manquantes : {why}")).unwrap_or_default();
            Some(format!(
                "{} {} : close, {} présences notées, empreinte {}.{gaps}",
                calendar::short_date(slot.day),
                slot.half,
                slot.count.unwrap_or_default(),
                head.get(..16).unwrap_or(head),
            ))
        })
        .collect()
}
