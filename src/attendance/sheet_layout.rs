//! The attendance sheet as it is printed: its facts, its grids of six half-days, what each closed half-day counted.

use super::{
    sheet::{Cell, Content, Half, Row},
    words::Presence,
};
use crate::{
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Grid, GridCell, GridRow, Paper, Pictures},
    platform::{calendar, money::Minutes},
};

/// How many half-days stand side by side.
const ABREAST: usize = 6;
/// Rows left for those who come unannounced, on a sheet to be signed by hand.
const SPARE: usize = 3;

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
}
