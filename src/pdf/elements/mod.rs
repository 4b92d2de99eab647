//! Elements: each block of a paper becomes bands of ink, the bands become pages, genpdf writes the pages.

mod bundle;
mod chart;
mod draw;
mod flow;
mod furniture;
mod grid;
mod ink;
mod lines;
mod lists;
mod marks;
mod outline;
mod prose;
mod signatures;
mod table;

use crate::pdf::{
    Align, Block, Colour, Paper, Picture, Rich,
    packing::Detail,
    typeface::{Face, Style},
};

pub use bundle::lay_out_bundle;
pub use draw::{Drawn, draw, page_content};
pub use flow::Bookmark;
pub use ink::{Ink, Tag, TagId};
pub use marks::{Marks, picture_name};

use flow::Band;
use lines::Lines;

/// A paper whose pages are known.
#[derive(Default)]
pub struct Laid {
    pub pages: Vec<Page>,
    pub tags: Vec<Tag>,
    pub pictures: Vec<Shown>,
    pub bookmarks: Vec<Bookmark>,
}

/// A picture, and how finely it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub picture: Picture,
    pub detail: Detail,
}

/// What is drawn on a page.
pub struct Page {
    /// Width and height, in millimetres.
    pub size: (f32, f32),
    pub ink: Vec<Ink>,
}

/// Measures the blocks and shares them out between pages.
pub fn lay_out(paper: &Paper) -> Laid {
    let draft = Draft::new(paper);
    let count = draft.pages.len();
    draft.dressed(Numbering { before: 0, count }, None)
}

/// The place of a paper's pages among all those of its file.
#[derive(Clone, Copy)]
struct Numbering {
    /// Pages that stand before its first one.
    before: usize,
    count: usize,
}

/// A paper whose text is shared out between pages, still without what stands around it.
struct Draft<'a> {
    paper: &'a Paper,
    size: (f32, f32),
    sheet: furniture::Sheet,
    composer: Composer,
    letterhead: Band,
    pages: Vec<Vec<Ink>>,
    bookmarks: Vec<Bookmark>,
}

impl<'a> Draft<'a> {
    fn new(paper: &'a Paper) -> Self {
        let size = if paper.landscape { (297.0, 210.0) } else { (210.0, 297.0) };
        let sheet = furniture::Sheet::new(paper, size);
        let mut composer = Composer::new(sheet.width(), sheet.body_height(), paper.accent);
        let letterhead = furniture::letterhead(&mut composer, paper, &sheet);
        let body = sheet.body(letterhead.height);
        for block in &paper.blocks {
            composer.block(block);
        }
        let (pages, bookmarks) = flow::paginate(std::mem::take(&mut composer.bands), &composer.headers, body);
        Self { paper, size, sheet, composer, letterhead, pages, bookmarks }
    }

    /// The pages with letterhead, foot and numbers; `strip` is one small line above them all.
    fn dressed(self, numbering: Numbering, strip: Option<&str>) -> Laid {
        let Self { paper, size, sheet, mut composer, letterhead, mut pages, bookmarks } = self;
        furniture::dress(&mut composer, paper, &sheet, letterhead, &mut pages, numbering, strip);
        let pages = pages.into_iter().map(|ink| Page { size, ink }).collect();
        Laid { pages, tags: composer.tags, pictures: composer.pictures, bookmarks }
    }
}

const BODY: Style = Style::new(Face::Regular, 10.0, Colour::INK);
const SMALL: Style = Style::new(Face::Regular, 8.0, Colour::MUTED);

/// Turns blocks into bands.
struct Composer {
    width: f32,
    /// Tallest band that a page holds.
    tallest: f32,
    accent: Colour,
    tags: Vec<Tag>,
    pictures: Vec<Shown>,
    bands: Vec<Band>,
    headers: Vec<Band>,
    /// Room asked for below the last block.
    gap: f32,
    /// The next band starts a page.
    breaks: bool,
    /// The band of a signature box that leaves the left half of the page free.
    beside: Option<usize>,
    /// Level of the last heading: levels may not be skipped.
    level: u8,
}

impl Composer {
    fn new(width: f32, tallest: f32, accent: Colour) -> Self {
        Self {
            width,
            tallest,
            accent,
            tags: Vec::new(),
            pictures: Vec::new(),
            bands: Vec::new(),
            headers: Vec::new(),
            gap: 0.0,
            breaks: false,
            beside: None,
            level: 0,
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Title(text) => self.title(text),
            Block::Subtitle(text) => self.subtitle(text),
            Block::Heading(text) => self.heading(text),
            Block::Subheading(text) => self.subheading(text),
            Block::Paragraph { text, align } => self.paragraph(text, BODY, *align),
            Block::Note(text) => self.paragraph(text, SMALL, Align::Left),
            Block::KeyValues(pairs) => self.key_values(pairs),
            Block::Table(table) => self.table(table),
            Block::Grid(grid) => self.grid(grid),
            Block::Checkboxes(choices) => self.checkboxes(choices),
            Block::Bullets(items) => self.bullets(items),
            Block::Signatures(boxes) => self.signatures(boxes),
            Block::Qr { url, caption } => self.qr(url, caption),
            Block::FactsBesideQr { pairs, url, caption } => self.facts_beside_code(pairs, url, caption),
            Block::Picture { picture, width_mm, description } => self.picture(picture, *width_mm, description),
            Block::Chart(chart) => self.chart(chart),
            Block::Spacer(millimetres) => self.gap += millimetres,
            Block::PageBreak => self.breaks = true,
        }
    }

    /// Adds a band under the others, with the room that was asked for between them.
    fn push(&mut self, mut band: Band) {
        band.space += std::mem::take(&mut self.gap);
        band.breaks |= std::mem::take(&mut self.breaks);
        self.bands.push(band);
    }

    /// Asks for room between what was pushed and what comes; the larger wish wins.
    fn space(&mut self, millimetres: f32) {
        self.gap = self.gap.max(millimetres);
    }

    fn tag(&mut self, role: &'static str) -> TagId {
        self.tags.push(Tag { role, description: None, scope: None });
        self.tags.len() - 1
    }

    fn header_cell(&mut self, scope: &'static str) -> TagId {
        self.tags.push(Tag { role: "TH", description: None, scope: Some(scope) });
        self.tags.len() - 1
    }

    fn figure(&mut self, description: &str) -> TagId {
        let description = if description.trim().is_empty() { "Image" } else { description };
        self.tags.push(Tag { role: "Figure", description: Some(description.to_owned()), scope: None });
        self.tags.len() - 1
    }

    /// The number of a picture: the same one each time that it is shown.
    fn shared(&mut self, picture: &Picture, detail: Detail) -> usize {
        let shown = Shown { picture: picture.clone(), detail };
        self.pictures.iter().position(|known| *known == shown).unwrap_or_else(|| {
            self.pictures.push(shown);
            self.pictures.len() - 1
        })
    }

    /// A picture as large as a box allows, centred in it.
    fn fitted(
        &mut self,
        picture: &Picture,
        detail: Detail,
        (x, y): (f32, f32),
        (width, height): (f32, f32),
        description: &str,
    ) -> Vec<Ink> {
        let shown = width.min(height / picture.ratio());
        let tall = shown * picture.ratio();
        let (figure, picture) = (self.figure(description), self.shared(picture, detail));
        vec![
            Ink::Open(figure),
            Ink::Picture {
                picture,
                x: x + (width - shown) / 2.0,
                y: y + (height - tall) / 2.0,
                width: shown,
                height: tall,
            },
            Ink::Close,
        ]
    }

    fn lines(&self, text: impl Into<Rich>, style: Style, width: f32, align: Align) -> Lines {
        Lines::new(&text.into(), style, width, align)
    }
}

/// Marks inside an element.
fn tagged(tag: TagId, ink: Vec<Ink>) -> Vec<Ink> {
    std::iter::once(Ink::Open(tag)).chain(ink).chain(std::iter::once(Ink::Close)).collect()
}
