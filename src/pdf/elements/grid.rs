//! Attendance grids: rows of one height, ruled both ways, under a header which each page repeats.

use crate::pdf::{
    Align, Colour, Grid, GridCell, GridRow,
    packing::Detail,
    typeface::{Face, Style},
};

use super::{
    Composer,
    flow::Band,
    ink::{Ink, TagId},
    lines::Lines,
    tagged,
};

const INSET: f32 = 1.8;
/// Part of the width that the names take when the columns are many.
const NAMES: f32 = 0.24;
/// Narrowest cell: a grid of more columns is cut into several, one under the other.
const LEAST_CELL: f32 = 16.0;
/// Widest cell, and most of the width for the names, when the columns are few.
const WIDEST_CELL: f32 = 60.0;
const MOST_NAMES: f32 = 0.4;
/// Room above a row that is set apart.
const APART: f32 = 1.6;
/// Least height of a drawn signature above its lines.
const LEAST_PICTURE: f32 = 5.0;
/// Small lines under a drawn signature.
const UNDER: Style = Style::new(Face::Regular, 6.0, Colour::MUTED);
/// Sizes tried in turn, so that a text stays within its row.
const SIZES: [f32; 3] = [8.5, 7.5, 6.5];
/// Smallest print that is still read on paper.
const SMALLEST: f32 = 6.0;

/// Widths of a grid.
#[derive(Clone, Copy)]
struct Columns {
    names: f32,
    cell: f32,
    count: usize,
}

impl Columns {
    fn x(self, column: usize) -> f32 {
        self.names + column as f32 * self.cell
    }
}

/// Lines of a cell, first and others, at the largest size that fits.
struct Stack {
    first: Lines,
    others: Lines,
}

impl Stack {
    fn height(&self) -> f32 {
        self.first.height() + self.others.height()
    }
}

impl Composer {
    pub(super) fn grid(&mut self, grid: &Grid) {
        let count = grid.columns.len();
        let most = ((self.width * (1.0 - NAMES) / LEAST_CELL) as usize).max(1);
        if count > most {
            for begin in (0..count).step_by(most) {
                self.grid(&part(grid, begin..count.min(begin + most)));
            }
            return;
        }
        let names = (self.width * NAMES).max(self.width - count as f32 * WIDEST_CELL).min(self.width * MOST_NAMES);
        let columns = Columns { names, cell: (self.width - names) / count.max(1) as f32, count };
        let root = self.tag("Table");
        let header = self.grid_header(grid, columns, root);
        self.space(4.0);
        self.headers.push(header.clone());
        let number = self.headers.len() - 1;
        self.push(header);
        let row_height = if grid.row_height_mm > 0.0 { grid.row_height_mm } else { 11.0 };
        for row in &grid.rows {
            let mut band = self.grid_row(row, columns, row_height);
            if row.apart {
                band.space = APART;
                let ground = Colour::FAINT.tint(0.6);
                let (width, height) = (self.width, band.height);
                band.ink.insert(0, Ink::hairline(0.0, 0.0, width));
                band.ink.insert(0, Ink::Fill { x: 0.0, y: 0.0, width, height, colour: ground });
            }
            band.path.insert(0, root);
            band.header = Some(number);
            self.push(band);
        }
        self.space(4.5);
    }

    fn grid_header(&mut self, grid: &Grid, columns: Columns, root: TagId) -> Band {
        let bold = Style::new(Face::Bold, 8.5, self.accent);
        let plain = Style::new(Face::Regular, 7.5, Colour::MUTED);
        let row = self.tag("TR");
        let names = self.lines(&grid.names, bold, columns.names - 2.0 * INSET, Align::Left);
        let titles: Vec<Stack> = grid
            .columns
            .iter()
            .map(|title| {
                let (first, others) = title.split_once('\n').unwrap_or((title, ""));
                let width = columns.cell - 2.0 * INSET;
                Stack {
                    first: self.lines(first, bold, width, Align::Centre),
                    others: self.lines(others, plain, width, Align::Centre),
                }
            })
            .collect();
        let height = titles.iter().map(Stack::height).fold(names.height(), f32::max) + 3.0;
        let mut ink = vec![Ink::Fill { x: 0.0, y: 0.0, width: self.width, height, colour: self.accent.tint(0.08) }];
        ink.extend(rules(columns, self.width, height, true));
        let corner = self.header_cell("Column");
        ink.extend(tagged(corner, names.ink(INSET, (height - names.height()) / 2.0, columns.names, Align::Left)));
        for (n, title) in titles.iter().enumerate() {
            let cell = self.header_cell("Column");
            ink.extend(tagged(cell, stacked(title, columns.x(n), columns.cell, height, Align::Centre)));
        }
        Band { height, ink, path: vec![root, row], keep: true, ..Band::default() }
    }

    fn grid_row(&mut self, row: &GridRow, columns: Columns, wanted: f32) -> Band {
        let tag = self.tag("TR");
        let head = self.header_cell("Row");
        let detail = if row.detail.is_empty() { Vec::new() } else { vec![row.detail.clone()] };
        let name = self.stack(&row.name, &detail, (Face::Bold, Colour::INK), columns.names, wanted, Align::Left);
        let cells: Vec<Option<Stack>> = (0..columns.count)
            .map(|n| match row.cells.get(n) {
                Some(GridCell::Text(text)) => {
                    Some(self.stack(text, &[], (Face::Regular, Colour::INK), columns.cell, wanted, Align::Centre))
                }
                Some(GridCell::Mark(lines)) => {
                    let (first, others) =
                        lines.split_first().map_or(("", &[][..]), |(first, others)| (first.as_str(), others));
                    Some(self.stack(first, others, (Face::Bold, self.accent), columns.cell, wanted, Align::Centre))
                }
                Some(GridCell::Blank | GridCell::Picture { .. } | GridCell::Signed { .. }) | None => None,
            })
            .collect();
        let under: Vec<Option<Lines>> = (0..columns.count)
            .map(|n| match row.cells.get(n) {
                Some(GridCell::Signed { lines, .. }) => {
                    Some(self.lines(lines.join("\n"), UNDER, columns.cell - 2.0 * INSET, Align::Centre))
                }
                _ => None,
            })
            .collect();
        // Text that is too long even at the smallest size makes its row taller: nothing is ever cut.
        let stacks = cells.iter().flatten().chain([&name]).map(|stack| stack.height() + 1.0);
        let signed = under.iter().flatten().map(|lines| lines.height() + LEAST_PICTURE + 1.0);
        let height = stacks.chain(signed).fold(wanted, f32::max);
        let mut ink = rules(columns, self.width, height, false);
        ink.extend(tagged(head, stacked(&name, 0.0, columns.names, height, Align::Left)));
        for (n, stack) in cells.iter().enumerate() {
            let cell = self.tag("TD");
            let inside = match (stack, row.cells.get(n)) {
                (Some(stack), _) => stacked(stack, columns.x(n), columns.cell, height, Align::Centre),
                (None, Some(GridCell::Picture { picture, description })) => {
                    let room = (columns.cell - 2.0 * INSET, height - 2.0);
                    self.fitted(picture, Detail::Sketch, (columns.x(n) + INSET, 1.0), room, description)
                }
                (None, Some(GridCell::Signed { picture, description, lines: _ })) => {
                    let lines = under[n].as_ref().map_or_else(Vec::new, |lines| {
                        lines.ink(
                            columns.x(n) + INSET,
                            height - 0.5 - lines.height(),
                            columns.cell - 2.0 * INSET,
                            Align::Centre,
                        )
                    });
                    let below = under[n].as_ref().map_or(0.0, Lines::height);
                    let room = (columns.cell - 2.0 * INSET, height - 1.0 - below);
                    let mut ink = self.fitted(picture, Detail::Sketch, (columns.x(n) + INSET, 0.5), room, description);
                    ink.extend(lines);
                    ink
                }
                (None, _) => Vec::new(),
            };
            ink.extend(tagged(cell, inside));
        }
        Band { height, ink, path: vec![tag], ..Band::default() }
    }

    /// The largest size at which a cell holds its lines.
    fn stack(
        &self,
        first: &str,
        others: &[String],
        (face, colour): (Face, Colour),
        width: f32,
        height: f32,
        align: Align,
    ) -> Stack {
        let at = |size: f32| {
            let width = width - 2.0 * INSET;
            let small = if others.is_empty() { size } else { (size - 1.0).max(SMALLEST) };
            Stack {
                first: self.lines(first, Style::new(face, size, colour), width, align),
                others: self.lines(others.join("\n"), Style::new(Face::Regular, small, Colour::MUTED), width, align),
            }
        };
        SIZES
            .iter()
            .map(|&size| at(size))
            .find(|stack| stack.height() + 1.0 <= height)
            .unwrap_or_else(|| at(SIZES[SIZES.len() - 1]))
    }
}

/// The same people before some of the columns.
fn part(grid: &Grid, columns: std::ops::Range<usize>) -> Grid {
    let Grid { names, columns: titles, rows, row_height_mm } = grid;
    let cells = |row: &GridRow| row.cells.iter().take(columns.end).skip(columns.start).cloned().collect();
    Grid {
        names: names.clone(),
        columns: titles[columns.clone()].to_vec(),
        rows: rows.iter().map(|row| GridRow { cells: cells(row), ..row.clone() }).collect(),
        row_height_mm: *row_height_mm,
    }
}

/// The lines of a cell, in the middle of its height.
fn stacked(stack: &Stack, x: f32, width: f32, height: f32, align: Align) -> Vec<Ink> {
    let y = (height - stack.height()) / 2.0;
    let mut ink = stack.first.ink(x + INSET, y, width - 2.0 * INSET, align);
    if let (false, Some(Ink::Text { text, .. })) = (stack.others.is_empty(), ink.last_mut()) {
        text.push(' ');
    }
    ink.extend(stack.others.ink(x + INSET, y + stack.first.height(), width - 2.0 * INSET, align));
    ink
}

fn rules(columns: Columns, width: f32, height: f32, top: bool) -> Vec<Ink> {
    let mut rules =
        vec![Ink::hairline(0.0, height, width), Ink::upright(0.0, 0.0, height), Ink::upright(width, 0.0, height)];
    rules.extend((0..columns.count).map(|n| Ink::upright(columns.x(n), 0.0, height)));
    if top {
        rules.push(Ink::hairline(0.0, 0.0, width));
    }
    rules
}
