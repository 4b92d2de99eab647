//! Charts: a label, a bar and a figure on each line; spoken as one figure with all its values.

use crate::pdf::{
    Align, Bar, Chart, Colour,
    typeface::{Face, Style},
};

use super::{Composer, flow::Band, ink::Ink, lines::Lines, tagged};

const LABEL: Style = Style::new(Face::Regular, 9.0, Colour::INK);
const VALUE: Style = Style::new(Face::Bold, 9.0, Colour::INK);
const THICKNESS: f32 = 3.4;
/// Room above and below a bar.
const AROUND: f32 = 1.3;
const BETWEEN: f32 = 3.0;

impl Composer {
    pub(super) fn chart(&mut self, chart: &Chart) {
        if chart.bars.is_empty() {
            return;
        }
        let widest = |texts: &mut dyn Iterator<Item = Lines>| texts.map(|lines| lines.widest()).fold(0.0, f32::max);
        let values = widest(&mut chart.bars.iter().map(|bar| self.lines(&bar.shown, VALUE, self.width, Align::Left)));
        let labels = widest(&mut chart.bars.iter().map(|bar| self.lines(&bar.label, LABEL, self.width, Align::Left)));
        let value_width = (values + 0.5).min(self.width * 0.25);
        let label_width = (labels + 0.5).min(self.width * 0.42);
        let full = self.width - label_width - value_width - 2.0 * BETWEEN;
        let largest = chart.bars.iter().map(|bar| bar.value).fold(0.0, f32::max);
        let highest = if chart.highest > 0.0 { chart.highest } else { largest };
        let rows: Vec<(&Bar, Lines, Lines)> = chart
            .bars
            .iter()
            .map(|bar| {
                (
                    bar,
                    self.lines(&bar.label, LABEL, label_width, Align::Left),
                    self.lines(&bar.shown, VALUE, value_width, Align::Left),
                )
            })
            .collect();
        self.space(3.0);
        // A chart longer than a page is several figures: none of them is cut.
        let mut rest = &rows[..];
        while !rest.is_empty() {
            let mut height = 0.0;
            let fitting = rest
                .iter()
                .take_while(|(_, label, value)| {
                    height += row_height(label, value);
                    height <= self.tallest
                })
                .count();
            let (now, later) = rest.split_at(fitting.max(1));
            self.bars(&chart.description, now, (label_width, full), highest);
            rest = later;
        }
        self.space(4.0);
    }

    fn bars(
        &mut self,
        description: &str,
        rows: &[(&Bar, Lines, Lines)],
        (label_width, full): (f32, f32),
        highest: f32,
    ) {
        let spoken: Vec<String> = rows.iter().map(|(bar, ..)| format!("{} : {}", bar.label, bar.shown)).collect();
        let figure = self.figure(&format!("{description}. {}.", spoken.join(" ; ")));
        let x = label_width + BETWEEN;
        let mut ink = Vec::new();
        let mut y = 0.0;
        for (bar, label, value) in rows {
            let height = row_height(label, value);
            let middle = y + height / 2.0;
            let part = if highest > 0.0 { (bar.value / highest).clamp(0.0, 1.0) } else { 0.0 };
            let track = |width: f32, colour: Colour| Ink::Fill {
                x,
                y: middle - THICKNESS / 2.0,
                width,
                height: THICKNESS,
                colour,
            };
            ink.extend(label.ink(0.0, middle - label.height() / 2.0, label_width, Align::Left));
            ink.push(track(full, Colour::FAINT));
            if part > 0.0 {
                ink.push(track(full * part, self.accent));
            }
            ink.extend(value.ink(x + full + BETWEEN, middle - value.height() / 2.0, self.width, Align::Left));
            y += height;
        }
        self.push(Band { height: y, ink: tagged(figure, ink), ..Band::default() });
    }
}

fn row_height(label: &Lines, value: &Lines) -> f32 {
    label.height().max(value.height()).max(THICKNESS) + 2.0 * AROUND
}
