//! Tables: measured rows under a header which each page repeats.

use crate::pdf::{
    Align, Colour, Rich, Table,
    typeface::{Face, Style},
};

use super::{
    Composer,
    flow::Band,
    ink::{Ink, TagId},
    lines::Lines,
    tagged,
};

const ACROSS: f32 = 2.2;
const ABOVE: f32 = 1.5;
/// A row as tall as this one may well stand alone.
const TALL: f32 = 25.0;

/// Where a column stands.
struct Place {
    x: f32,
    width: f32,
    align: Align,
}

impl Composer {
    pub(super) fn table(&mut self, table: &Table) {
        let places = self.places(table);
        let cell_style = Style::new(Face::Regular, 9.0, Colour::INK);
        let root = self.tag("Table");
        let header = self.table_header(table, &places, root);
        self.space(4.0);
        self.headers.push(header.clone());
        let number = self.headers.len() - 1;
        let most = (((self.tallest - header.height - 2.0 * ABOVE) / cell_style.leading()) as usize).max(1);
        self.push(header);
        let first_total = table.rows.len().saturating_sub(table.totals);
        for (n, row) in table.rows.iter().enumerate() {
            let total = n >= first_total;
            let style = cell_style.emphasised(total, false);
            let tag = self.tag("TR");
            let tags: Vec<TagId> = places.iter().map(|_| self.tag("TD")).collect();
            let empty = Rich::default();
            let mut cells: Vec<Lines> = places
                .iter()
                .enumerate()
                .map(|(column, place)| {
                    self.lines(
                        row.get(column).unwrap_or(&empty).clone(),
                        style,
                        place.width - 2.0 * ACROSS,
                        place.align,
                    )
                })
                .collect();
            // A row taller than a page goes on where it can; any other is one band.
            loop {
                let later: Vec<Lines> = cells.iter_mut().map(|cell| cell.split_off(most)).collect();
                let height = cells.iter().map(Lines::height).fold(style.leading(), f32::max) + 2.0 * ABOVE;
                let mut ink = vec![Ink::hairline(0.0, height, self.width)];
                if total {
                    ink.insert(
                        0,
                        Ink::Fill {
                            x: 0.0,
                            y: 0.1,
                            width: self.width,
                            height: height - 0.2,
                            colour: Colour::FAINT.tint(0.6),
                        },
                    );
                }
                for ((place, cell), tag) in places.iter().zip(&cells).zip(&tags) {
                    ink.extend(tagged(
                        *tag,
                        cell.ink(place.x + ACROSS, ABOVE, place.width - 2.0 * ACROSS, place.align),
                    ));
                }
                // No row stands alone under a header, nor a total under another row.
                let (after, count) = (n + 1, table.rows.len());
                let few = height < TALL && (n == 0 || after + 1 == count);
                let keep = after < count && (few || after >= first_total);
                self.push(Band { height, ink, path: vec![root, tag], header: Some(number), keep, ..Band::default() });
                if later.iter().all(Lines::is_empty) {
                    break;
                }
                cells = later;
            }
        }
        self.space(4.5);
    }

    fn places(&self, table: &Table) -> Vec<Place> {
        let total: f32 = table.columns.iter().map(|column| column.weight.max(0.01)).sum();
        let mut x = 0.0;
        table
            .columns
            .iter()
            .map(|column| {
                let width = self.width * column.weight.max(0.01) / total;
                let place = Place { x, width, align: column.align };
                x += width;
                place
            })
            .collect()
    }

    fn table_header(&mut self, table: &Table, places: &[Place], root: TagId) -> Band {
        let style = Style::new(Face::Bold, 9.0, self.accent);
        let row = self.tag("TR");
        let titles: Vec<Lines> = table
            .columns
            .iter()
            .zip(places)
            .map(|(column, place)| self.lines(&column.title, style, place.width - 2.0 * ACROSS, column.align))
            .collect();
        let height = titles.iter().map(Lines::height).fold(style.leading(), f32::max) + 2.0 * ABOVE;
        let mut ink = vec![
            Ink::Fill { x: 0.0, y: 0.0, width: self.width, height, colour: self.accent.tint(0.08) },
            Ink::Rule { from: (0.0, height), to: (self.width, height), width: 0.35, colour: self.accent },
        ];
        for (title, place) in titles.iter().zip(places) {
            let cell = self.header_cell("Column");
            let y = height - ABOVE - title.height();
            ink.extend(tagged(cell, title.ink(place.x + ACROSS, y, place.width - 2.0 * ACROSS, place.align)));
        }
        Band { height, ink, path: vec![root, row], keep: true, ..Band::default() }
    }
}
