//! The attendance sheet (feuille d'émargement): trainees × half-days, to be signed by hand or as it was recorded.

use chrono::{NaiveDate, NaiveTime};
use entity::{booking, client, session};
use sea_orm::ColumnTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    attended::counted_of,
    matrix::half_of,
    roll::{Records, Teaching, Trainee, records, trainees},
    sheet_told::{Telling, telling},
    words::{Presence, Proof, SheetState},
};
use crate::{
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Depicted, Grid, GridCell, GridRow, Paper, Pictures},
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
    fn lines(&self, proof: Proof) -> Vec<String> {
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
    fn in_part(&self, minutes: Minutes) -> String {
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
    let roll: Vec<Trainee> =
        roll.into_iter().filter(|one| !blank || slots.iter().any(|slot| one.expected(slot.id))).collect();
    let recorded = records(scope, &slots).await?;
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
            detail: employers
                .iter()
                .find(|(id, _)| *id == one.enrolment.booking_id)
                .map_or_else(String::new, |(_, name)| name.clone()),
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
pub(super) async fn employers(scope: &Scope<'_>, session: Uuid) -> Result<Vec<(Uuid, String)>> {
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

/// The sheet on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let total = Minutes(content.slots.iter().map(|slot| slot.minutes.0).fold(0, i32::saturating_add));
    let mut facts = vec![
        ("Action".to_owned(), content.title.clone()),
        ("Session".to_owned(), format!("{}, durée prévue : {total}", content.session)),
    ];
    facts.extend(content.client.clone().map(|client| ("Client".to_owned(), client)));
    facts.extend(content.place.clone().map(|place| ("Lieu".to_owned(), place)));
    let names: Vec<String> = content.trainers.iter().map(|row| row.name.clone()).collect();
    if !names.is_empty() {
        facts.push(("Formation assurée par".to_owned(), calendar::and(&names)));
    }
    let mut paper = blocks::paper("Feuille d’émargement", &content.issuer, stamp, DeclarationLine::Contract)
        .landscape()
        .push(Block::title("Feuille d’émargement"))
        .push(blocks::facts_with_verification(facts, stamp));
    let last = content.slots.len().div_ceil(ABREAST).saturating_sub(1);
    for (index, slots) in content.slots.chunks(ABREAST).enumerate() {
        if index > 0 {
            paper = paper.push(Block::page_break());
        }
        paper = paper.push(Block::grid(grid(content, &stamp.pictures, slots, index * ABREAST, index == last)));
    }
    paper = paper.extend(closings(content));
    if content.blank {
        paper = paper.push(Block::note(
            "Chaque personne signe au cours de la demi-journée, jamais pour une autre ni d’avance. Une arrivée tardive ou un départ anticipé s’écrit dans la case, avec l’heure.",
        ));
    }
    paper.extend(blocks::closing(&content.issuer))
}

fn grid(content: &Content, pictures: &Pictures, slots: &[Half], from: usize, totals: bool) -> Grid {
    let totals = totals && !content.blank;
    let mut columns: Vec<String> = slots
        .iter()
        .map(|slot| {
            format!(
                "{}\n{} ({})\n{} à {}",
                calendar::short_date(slot.day),
                slot.half,
                slot.minutes,
                calendar::time(slot.from),
                calendar::time(slot.to)
            )
        })
        .collect();
    if totals {
        columns.push("Heures suivies".into());
    }
    let row = |row: &Row| {
        let here = row.cells.iter().skip(from).take(slots.len());
        let mut cells: Vec<GridCell> = here.map(|cell| printed(cell, &row.name, pictures)).collect();
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
    rows.extend(content.trainers.iter().map(row).map(GridRow::apart));
    Grid { names: "Prénom et nom".into(), columns, row_height_mm: height(content.blank, &rows), rows }
}

/// Room for a hand that signs, or for the lines of the fullest cell.
fn height(blank: bool, rows: &[GridRow]) -> f32 {
    if blank {
        return 12.0;
    }
    let lines = |cell: &GridCell| match cell {
        GridCell::Mark(lines) => lines.len(),
        // A drawn signature stands as high as two lines.
        GridCell::Signed { lines, .. } => lines.len() + 2,
        GridCell::Blank | GridCell::Text(_) | GridCell::Picture { .. } => 1,
    };
    let most = rows.iter().flat_map(|row| &row.cells).map(lines).max().unwrap_or(1);
    if most > 2 { 9.0 + 3.2 * (most - 2) as f32 } else { 9.0 }
}

fn printed(cell: &Cell, name: &str, pictures: &Pictures) -> GridCell {
    match cell {
        Cell::Blank => GridCell::Blank,
        Cell::Elsewhere => GridCell::Text("non concerné(e)".into()),
        Cell::Gap => GridCell::Text("non renseigné".into()),
        Cell::Marked { presence, minutes, proof, told } => {
            let drawn = told.signature.as_ref().and_then(|one| pictures.get(one.picture.as_ref()?));
            let marked = |first: String, lines: Vec<String>| {
                let lines = std::iter::once(first).chain(lines).collect();
                match drawn {
                    Some(picture) => GridCell::Signed { picture, description: format!("Signature de {name}"), lines },
                    None => GridCell::Mark(lines),
                }
            };
            match presence {
                // Stated by the trainer, and the cooperative has not confirmed it.
                Presence::Present | Presence::Partial if minutes.0 == 0 => {
                    marked("présence déclarée, non comptée".into(), told.lines(*proof))
                }
                Presence::Present => marked(format!("présent(e) : {minutes}"), told.lines(*proof)),
                Presence::Partial => marked(told.in_part(*minutes), told.lines(*proof)),
                // The reason of an absence is nobody's business here: excused or not, the sheet says the same.
                Presence::Absent | Presence::Excused => GridCell::Text("absent(e)".into()),
            }
        }
    }
}

/// What each closed half-day counted, so that an altered mark shows.
fn closings(content: &Content) -> Option<Block> {
    let remarks = content.slots.iter().any(|slot| slot.gaps.is_some() || slot.amended.is_some());
    // A client's sheet does not tell how many people came in all.
    let counted = content.slots.iter().any(|slot| slot.count.is_some());
    let rows: Vec<Vec<String>> = content
        .slots
        .iter()
        .filter_map(|slot| {
            let head = slot.head.as_deref()?;
            let mut row = vec![
                format!("{} {}", calendar::short_date(slot.day), slot.half),
                head.get(..16).unwrap_or(head).to_owned(),
            ];
            if counted {
                row.insert(1, slot.count.map_or_else(|| "–".into(), |count| count.to_string()));
            }
            if remarks {
                let gaps = slot.gaps.as_deref().map(|why| format!("Présences manquantes : {why}"));
                let amended = slot.amended.as_deref().map(|told| format!("Demi-journée {told}."));
                row.push(gaps.into_iter().chain(amended).collect::<Vec<_>>().join(" "));
            }
            Some(row)
        })
        .collect();
    let mut columns = vec![Column::left("Demi-journées closes", 1.6), Column::left("Empreinte", 1.6)];
    if counted {
        columns.insert(1, Column::centre("Présences notées", 1.0));
    }
    if remarks {
        columns.push(Column::left("Remarques", 3.0));
    }
    (!rows.is_empty()).then(|| Block::table(columns, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_that_was_issued_before_times_were_known_still_reads() {
        let old = r#"{"marked":{"minutes":210,"presence":"present","proof":"paper"}}"#;
        let cell: Cell = serde_json::from_str(old).unwrap();
        assert_eq!(
            serde_json::to_string(&cell).unwrap(),
            r#"{"marked":{"presence":"present","minutes":210,"proof":"paper"}}"#
        );
        let GridCell::Mark(lines) = printed(&cell, "Zoé Lefèvre", &Pictures::default()) else { panic!("not a mark") };
        assert_eq!(lines[1], "signé sur papier");
    }

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
