//! French typography, applied to all the words of a paper in one place.

use crate::{
    pdf::{Block, GridCell, Paper, Rich},
    platform::text::typography,
};

/// Typeset every text of a paper; addresses of sites and the attached data are left alone.
pub fn typeset(paper: &mut Paper) {
    let Paper { title, reference: _, author, issued_at: _, landscape: _, header, footer, watermark, .. } = paper;
    for text in [title, author, &mut header.brand, &mut header.organisation] {
        line(text);
    }
    footer.lines.iter_mut().chain(watermark).for_each(line);
    paper.blocks.iter_mut().for_each(block);
}

fn line(text: &mut String) {
    *text = typography(text);
}

fn rich(text: &mut Rich) {
    text.0.iter_mut().for_each(|span| line(&mut span.text));
}

fn labelled(pairs: &mut [(String, Rich)]) {
    for (label, value) in pairs {
        line(label);
        rich(value);
    }
}

fn block(block: &mut Block) {
    match block {
        Block::Title(text) | Block::Subtitle(text) | Block::Heading(text) | Block::Subheading(text) => line(text),
        Block::Paragraph { text, align: _ } | Block::Note(text) => rich(text),
        Block::KeyValues(pairs) => labelled(pairs),
        Block::FactsBesideQr { pairs, url: _, caption } => {
            labelled(pairs);
            line(caption);
        }
        Block::Table(table) => {
            table.columns.iter_mut().for_each(|column| line(&mut column.title));
            table.rows.iter_mut().flatten().for_each(rich);
        }
        Block::Grid(grid) => {
            line(&mut grid.names);
            grid.columns.iter_mut().for_each(line);
            for row in &mut grid.rows {
                line(&mut row.name);
                line(&mut row.detail);
                row.cells.iter_mut().for_each(cell);
            }
        }
        Block::Checkboxes(choices) => choices.iter_mut().for_each(|(label, _)| line(label)),
        Block::Bullets(items) => items.iter_mut().for_each(rich),
        Block::Signatures(boxes) => {
            for frame in boxes {
                line(&mut frame.title);
                frame.lines.iter_mut().chain(&mut frame.evidence).for_each(line);
            }
        }
        Block::Qr { url: _, caption } => line(caption),
        Block::Picture { picture: _, width_mm: _, description } => line(description),
        Block::Chart(chart) => {
            line(&mut chart.description);
            for bar in &mut chart.bars {
                line(&mut bar.label);
                line(&mut bar.shown);
            }
        }
        Block::Spacer(_) | Block::PageBreak => {}
    }
}

fn cell(cell: &mut GridCell) {
    match cell {
        GridCell::Blank => {}
        GridCell::Text(text) => line(text),
        GridCell::Mark(lines) => lines.iter_mut().for_each(line),
        GridCell::Picture { picture: _, description } => line(description),
        GridCell::Signed { picture: _, description, lines } => {
            line(description);
            lines.iter_mut().for_each(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdf::SignatureBox;

    #[test]
    fn every_word_of_a_paper_is_typeset() {
        let mut paper = Paper::portrait("Convention d'été")
            .push(Block::heading("Qu'est-ce ?"))
            .push(Block::key_values([("Prix", "1250,00 €")]))
            .push(Block::signatures(vec![SignatureBox::new("L'organisme").line("Lu : approuvé")]))
            .push(Block::qr("https://example.org/?a=l'été", "L'adresse"));
        typeset(&mut paper);
        let words = format!("{paper:?}");
        assert!(words.contains("Convention d’été") && words.contains("L’organisme"), "{words}");
        assert!(words.contains("Lu\\u{a0}: approuvé") || words.contains("Lu\u{a0}: approuvé"), "{words}");
        assert!(words.contains("a=l'été") && words.contains("L’adresse"), "{words}");
    }
}
