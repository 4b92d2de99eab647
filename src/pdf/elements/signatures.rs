//! Signature boxes: frames side by side, on the page where the text that they sign ends.

use crate::pdf::{
    Align, Colour, SignatureBox,
    packing::Detail,
    typeface::{Face, Style},
};

use super::{Composer, flow::Band, ink, lines::Lines, tagged};

const BETWEEN: f32 = 6.0;
const PADDING: f32 = 3.5;
/// Room for the hand.
const HAND: f32 = 20.0;
const EVIDENCE: Style = Style::new(Face::Regular, 7.0, Colour::MUTED);
const PER_ROW: usize = 3;

/// Width of one of two boxes side by side.
pub fn half(width: f32) -> f32 {
    (width - BETWEEN) / 2.0
}

impl Composer {
    pub(super) fn signatures(&mut self, boxes: &[SignatureBox]) {
        self.keep_last(2);
        self.space(6.0);
        for (n, row) in boxes.chunks(PER_ROW).enumerate() {
            let band = self.signature_row(row, (n + 1) * PER_ROW < boxes.len());
            self.beside = (row.len() == 1).then_some(self.bands.len());
            self.push(band);
            self.space(BETWEEN);
        }
        self.space(4.0);
    }

    fn signature_row(&mut self, row: &[SignatureBox], keep: bool) -> Band {
        // A single box stays as wide as one of two.
        let shared = row.len().max(2) as f32;
        let width = (self.width - BETWEEN * (shared - 1.0)) / shared;
        let title_style = Style::new(Face::Bold, 9.5, Colour::INK);
        let line_style = Style::new(Face::Regular, 8.5, Colour::MUTED);
        let inner = width - 2.0 * PADDING;
        let texts: Vec<[Lines; 3]> = row
            .iter()
            .map(|signature| {
                [
                    self.lines(&signature.title, title_style, inner, Align::Left),
                    self.lines(signature.lines.join("\n"), line_style, inner, Align::Left),
                    self.lines(signature.evidence.join("\n"), EVIDENCE, inner, Align::Left),
                ]
            })
            .collect();
        let text_height = texts.iter().map(|[title, lines, _]| title.height() + lines.height()).fold(0.0, f32::max);
        let evidence_height = texts.iter().map(|[.., evidence]| evidence.height()).fold(0.0, f32::max);
        let height = PADDING + text_height + HAND + evidence_height + PADDING;
        let mut ink = Vec::new();
        for (n, (signature, [title, lines, evidence])) in row.iter().zip(&texts).enumerate() {
            // A single box stands on the right, where a letter is signed.
            let x = if row.len() == 1 { self.width - width } else { n as f32 * (width + BETWEEN) };
            ink.push(ink::Ink::Rule { from: (x, 0.0), to: (x + width, 0.0), width: 0.7, colour: self.accent });
            ink.extend(ink::frame(x, 0.0, width, height).into_iter().skip(1));
            let paragraph = self.tag("P");
            ink.extend(tagged(paragraph, title.ink(x + PADDING, PADDING - 0.5, inner, Align::Left)));
            if !lines.is_empty() {
                let paragraph = self.tag("P");
                ink.extend(tagged(
                    paragraph,
                    lines.ink(x + PADDING, PADDING - 0.5 + title.height(), inner, Align::Left),
                ));
            }
            if let Some(image) = &signature.image {
                let description = format!("Signature : {}", signature.title);
                let y = height - PADDING - evidence_height - HAND;
                ink.extend(self.fitted(image, Detail::Small, (x + PADDING, y), (inner, HAND), &description));
            }
            if !evidence.is_empty() {
                let paragraph = self.tag("P");
                let y = height - PADDING + 1.0 - evidence_height;
                ink.extend(tagged(paragraph, evidence.ink(x + PADDING, y, inner, Align::Left)));
            }
        }
        Band { height, ink, keep, ..Band::default() }
    }
}
