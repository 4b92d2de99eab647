//! Lists: bullets, boxes to tick, and labels with their values.

use crate::pdf::{
    Align, Colour, Rich,
    typeface::{Face, Style},
};

use super::{BODY, Composer, flow::Band, ink::Ink, tagged};

impl Composer {
    pub(super) fn bullets(&mut self, items: &[Rich]) {
        let sign = Style::new(Face::Bold, 10.0, self.accent);
        self.list(items.iter().filter(|item| !item.is_empty()).map(|item| ("•", sign, item.clone())), 4.5, 1.0);
    }

    pub(super) fn checkboxes(&mut self, choices: &[(String, bool)]) {
        let ticked = Style::new(Face::Regular, 12.0, self.accent);
        let empty = Style::new(Face::Regular, 12.0, Colour::MUTED);
        let items = choices
            .iter()
            .map(|(label, checked)| if *checked { ("☑", ticked, label.into()) } else { ("☐", empty, label.into()) });
        self.list(items, 6.5, 1.2);
    }

    fn list<'a>(&mut self, items: impl Iterator<Item = (&'a str, Style, Rich)>, indent: f32, between: f32) {
        let list = self.tag("L");
        for (sign, sign_style, text) in items {
            let (item, label, body) = (self.tag("LI"), self.tag("Lbl"), self.tag("LBody"));
            let mut rest = self.lines(text, BODY, self.width - indent, Align::Left);
            let count = rest.lines.len().max(1);
            for n in 0..count {
                let tail = rest.split_off(1);
                let mut ink = Vec::new();
                if n == 0 {
                    let mark = Ink::Text {
                        x: 0.0,
                        baseline: BODY.baseline(),
                        text: format!("{sign} "),
                        style: sign_style,
                        spread: 0.0,
                    };
                    ink.extend(tagged(label, vec![mark]));
                }
                ink.extend(tagged(body, rest.ink(indent, 0.0, self.width - indent, Align::Left)));
                let keep = count > 1 && (n == 0 || n + 2 == count);
                self.push(Band { height: BODY.leading(), ink, path: vec![list, item], keep, ..Band::default() });
                rest = tail;
            }
            self.space(between);
        }
        self.space(3.0);
    }

    /// Labels on the left, muted; values on the right; hairlines between them.
    pub(super) fn key_values(&mut self, pairs: &[(String, Rich)]) {
        const PADDING: f32 = 1.5;
        let label_style = Style::new(Face::Regular, 9.5, Colour::MUTED);
        let widest = pairs
            .iter()
            .map(|(label, _)| self.lines(label, label_style, self.width, Align::Left).widest())
            .fold(0.0, f32::max);
        let label_width = (widest + 7.0).clamp(self.width * 0.22, self.width * 0.4);
        let value_width = self.width - label_width;
        let table = self.tag("Table");
        self.space(4.0);
        for (n, (label, value)) in pairs.iter().enumerate() {
            let (row, head, cell) = (self.tag("TR"), self.header_cell("Row"), self.tag("TD"));
            let mut label = self.lines(label, label_style, label_width - 4.0, Align::Left);
            let mut value = self.lines(value.clone(), BODY, value_width, Align::Left);
            let most = ((self.tallest - 2.0 * PADDING) / BODY.leading()) as usize;
            // Both baselines on one line, though the sizes differ.
            let drop = BODY.baseline() - label_style.baseline();
            loop {
                let (later_label, later_value) = (label.split_off(most), value.split_off(most));
                let height = label.height().max(value.height()).max(BODY.leading()) + 2.0 * PADDING;
                let mut ink = vec![Ink::hairline(0.0, height, self.width)];
                if n == 0 {
                    ink.push(Ink::hairline(0.0, 0.0, self.width));
                }
                ink.extend(tagged(head, label.ink(0.0, PADDING + drop, label_width, Align::Left)));
                ink.extend(tagged(cell, value.ink(label_width, PADDING, value_width, Align::Left)));
                let keep = pairs.len() > 1 && (n == 0 || n + 2 == pairs.len());
                self.push(Band { height, ink, path: vec![table, row], keep, ..Band::default() });
                if later_label.is_empty() && later_value.is_empty() {
                    break;
                }
                (label, value) = (later_label, later_value);
            }
        }
        self.space(4.5);
    }
}
