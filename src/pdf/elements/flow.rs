//! Pages: bands of ink laid one under the other, kept together where they belong together.

use super::ink::{Ink, TagId};

/// A slice of the paper that no page break cuts.
#[derive(Clone, Debug, Default)]
pub struct Band {
    pub height: f32,
    /// Room above, dropped at the top of a page.
    pub space: f32,
    /// Drawn from the top left corner of the band.
    pub ink: Vec<Ink>,
    /// The elements that it is part of, outermost first.
    pub path: Vec<TagId>,
    /// Stays on the page of the next band.
    pub keep: bool,
    /// Starts a page.
    pub breaks: bool,
    /// The table whose header stands above it on a new page.
    pub header: Option<usize>,
    /// Listed in the outline under this text, at this level.
    pub bookmark: Option<(u8, String)>,
}

/// An entry of the outline: where a heading stands.
#[derive(Clone, Debug)]
pub struct Bookmark {
    pub level: u8,
    pub text: String,
    pub page: usize,
    /// From the top of the page, in millimetres.
    pub y: f32,
}

/// Where the bands of a page may stand.
#[derive(Clone, Copy, Debug)]
pub struct Body {
    pub left: f32,
    pub first_top: f32,
    pub top: f32,
    pub bottom: f32,
}

/// Shares the bands out between pages; `headers` are repeated above the rows that they head.
pub fn paginate(bands: Vec<Band>, headers: &[Band], body: Body) -> (Vec<Vec<Ink>>, Vec<Bookmark>) {
    let mut sheets =
        Sheets { body, headers, pages: vec![Vec::new()], y: body.first_top, empty: true, bookmarks: Vec::new() };
    let mut bands = bands.into_iter().peekable();
    while let Some(first) = bands.next() {
        let mut chain = vec![first];
        while chain.last().is_some_and(|band| band.keep) && bands.peek().is_some_and(|band| !band.breaks) {
            chain.extend(bands.next());
        }
        if chain[0].breaks && !sheets.empty {
            sheets.turn();
        }
        if !sheets.empty && !sheets.fits(&chain) && (sheets.fits_alone(&chain) || !sheets.fits(&chain[..1])) {
            sheets.turn();
        }
        for band in chain {
            sheets.place(band);
        }
    }
    (sheets.pages, sheets.bookmarks)
}

struct Sheets<'a> {
    body: Body,
    headers: &'a [Band],
    pages: Vec<Vec<Ink>>,
    y: f32,
    empty: bool,
    bookmarks: Vec<Bookmark>,
}

impl Sheets<'_> {
    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = self.body.top;
        self.empty = true;
    }

    fn fits(&self, chain: &[Band]) -> bool {
        let header = if self.empty { self.header_height(&chain[0]) } else { 0.0 };
        self.y + header + height(chain, self.empty) <= self.body.bottom + 0.01
    }

    /// Whether a page of its own would hold the chain.
    fn fits_alone(&self, chain: &[Band]) -> bool {
        self.body.top + self.header_height(&chain[0]) + height(chain, true) <= self.body.bottom + 0.01
    }

    fn header_height(&self, band: &Band) -> f32 {
        band.header.map_or(0.0, |index| self.headers[index].height)
    }

    fn place(&mut self, band: Band) {
        if !self.empty && !self.fits(std::slice::from_ref(&band)) {
            self.turn();
        }
        if let (true, Some(index)) = (self.empty, band.header) {
            let header = &self.headers[index];
            // Said once to a screen reader, on the first page of the table.
            let untagged = header.ink.iter().filter(|ink| !matches!(ink, Ink::Open(_) | Ink::Close)).cloned();
            let (left, y) = (self.body.left, self.y);
            self.page().extend(untagged.map(|ink| ink.moved(left, y)));
            self.y += header.height;
        }
        if !self.empty {
            self.y += band.space;
        }
        if let Some((level, text)) = band.bookmark {
            self.bookmarks.push(Bookmark { level, text, page: self.pages.len() - 1, y: self.y });
        }
        let (left, y, depth) = (self.body.left, self.y, band.path.len());
        let page = self.page();
        page.extend(band.path.into_iter().map(Ink::Open));
        page.extend(band.ink.into_iter().map(|ink| ink.moved(left, y)));
        page.extend(std::iter::repeat_n(Ink::Close, depth));
        self.y += band.height;
        self.empty = false;
    }

    fn page(&mut self) -> &mut Vec<Ink> {
        self.pages.last_mut().expect("it starts with one page and only grows")
    }
}

fn height(chain: &[Band], at_top: bool) -> f32 {
    chain.iter().enumerate().map(|(n, band)| band.height + if n == 0 && at_top { 0.0 } else { band.space }).sum()
}
