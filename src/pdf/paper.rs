//! The document model: what a layout says about a paper. Nothing here knows how a PDF is made.

use chrono::{DateTime, Utc};

use super::Picture;

/// A paper in French, on A4.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    pub title: String,
    pub reference: String,
    pub author: String,
    pub issued_at: DateTime<Utc>,
    pub landscape: bool,
    pub header: Header,
    pub footer: Footer,
    /// Written large behind the text of each page, and small above it, for instance « SPÉCIMEN ».
    pub watermark: Option<String>,
    pub attachment: Option<Attachment>,
    pub accent: Colour,
    pub blocks: Vec<Block>,
}

/// What stands above the text: in full on the first page, on one line afterwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    pub brand: String,
    /// A small line under the brand: legal form, address.
    pub organisation: String,
    pub logo: Option<Picture>,
}

/// What stands below the text of each page; « page 1 / 3 » is added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Footer {
    pub lines: Vec<String>,
    pub reference: String,
}

/// A file carried inside the paper: the data that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    pub description: String,
    pub data: Vec<u8>,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// Deep green, the colour of the product.
    pub const GLADE: Self = Self(24, 92, 77);
    pub const INK: Self = Self(31, 36, 40);
    pub const MUTED: Self = Self(90, 98, 104);
    pub const RULE: Self = Self(205, 211, 214);
    pub const FAINT: Self = Self(238, 240, 241);
    pub const WARNING: Self = Self(168, 44, 40);

    /// This colour, thinned with white; 1 keeps it whole.
    pub fn tint(self, strength: f32) -> Self {
        let mix = |channel: u8| (255.0 - (255.0 - f32::from(channel)) * strength).round() as u8;
        Self(mix(self.0), mix(self.1), mix(self.2))
    }
}

/// One piece of a paper, from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Title(String),
    Subtitle(String),
    Heading(String),
    Subheading(String),
    Paragraph {
        text: Rich,
        align: Align,
    },
    Note(Rich),
    KeyValues(Vec<(String, Rich)>),
    Table(Table),
    Grid(Grid),
    Checkboxes(Vec<(String, bool)>),
    Bullets(Vec<Rich>),
    Signatures(Vec<SignatureBox>),
    Qr {
        url: String,
        caption: String,
    },
    Picture {
        picture: Picture,
        width_mm: f32,
        description: String,
    },
    /// Extra room, in millimetres.
    Spacer(f32),
    PageBreak,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Left,
    Centre,
    Right,
    /// Both edges straight, long words hyphenated.
    Justified,
}

/// Text with words that stand out; lines are broken at `\n`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rich(pub Vec<Span>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub bold: bool,
    pub italic: bool,
}

impl Span {
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn bold(text: impl Into<String>) -> Self {
        Self { text: text.into(), bold: true, italic: false }
    }

    pub fn italic(text: impl Into<String>) -> Self {
        Self { text: text.into(), bold: false, italic: true }
    }
}

impl From<&str> for Rich {
    fn from(text: &str) -> Self {
        Self(vec![Span::plain(text)])
    }
}

impl From<String> for Rich {
    fn from(text: String) -> Self {
        Self(vec![Span::plain(text)])
    }
}

impl From<&String> for Rich {
    fn from(text: &String) -> Self {
        Self(vec![Span::plain(text)])
    }
}

impl From<Span> for Rich {
    fn from(span: Span) -> Self {
        Self(vec![span])
    }
}

impl From<Vec<Span>> for Rich {
    fn from(spans: Vec<Span>) -> Self {
        Self(spans)
    }
}

/// Rows of unequal height; the header is repeated on each page and no row is cut, unless it is taller than a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// How many of the last rows are totals: bold, and kept on the page of the row before them.
    pub totals: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub title: String,
    /// Width, relative to the other columns.
    pub weight: f32,
    pub align: Align,
}

impl Column {
    pub fn left(title: impl Into<String>, weight: f32) -> Self {
        Self { title: title.into(), weight, align: Align::Left }
    }

    pub fn centre(title: impl Into<String>, weight: f32) -> Self {
        Self { title: title.into(), weight, align: Align::Centre }
    }

    pub fn right(title: impl Into<String>, weight: f32) -> Self {
        Self { title: title.into(), weight, align: Align::Right }
    }
}

/// What a cell of a [`Table`] holds.
pub type Cell = Rich;

/// An attendance sheet: rows of one height, a name in the first column, a cell for each half-day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Title of the column of names.
    pub names: String,
    /// Titles of the other columns: the first line stands out.
    pub columns: Vec<String>,
    pub rows: Vec<GridRow>,
    pub row_height_mm: f32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct GridRow {
    pub name: String,
    /// A small line under the name: employer, role.
    pub detail: String,
    pub cells: Vec<GridCell>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum GridCell {
    /// Room for a handwritten signature.
    #[default]
    Blank,
    Text(String),
    /// The proof of an electronic signature: the first line stands out.
    Mark(Vec<String>),
    Picture {
        picture: Picture,
        description: String,
    },
}

/// A frame to sign in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignatureBox {
    pub title: String,
    pub lines: Vec<String>,
    pub image: Option<Picture>,
}

impl Block {
    pub fn title(text: impl Into<String>) -> Self {
        Self::Title(text.into())
    }

    pub fn subtitle(text: impl Into<String>) -> Self {
        Self::Subtitle(text.into())
    }

    pub fn heading(text: impl Into<String>) -> Self {
        Self::Heading(text.into())
    }

    pub fn subheading(text: impl Into<String>) -> Self {
        Self::Subheading(text.into())
    }

    /// Running text: justified.
    pub fn paragraph(text: impl Into<Rich>) -> Self {
        Self::Paragraph { text: text.into(), align: Align::Justified }
    }

    pub fn aligned(text: impl Into<Rich>, align: Align) -> Self {
        Self::Paragraph { text: text.into(), align }
    }

    /// Small print: legal references, conditions.
    pub fn note(text: impl Into<Rich>) -> Self {
        Self::Note(text.into())
    }

    pub fn key_values<L: Into<String>, V: Into<Rich>>(pairs: impl IntoIterator<Item = (L, V)>) -> Self {
        Self::KeyValues(pairs.into_iter().map(|(label, value)| (label.into(), value.into())).collect())
    }

    pub fn table<C: Into<Cell>>(columns: Vec<Column>, rows: impl IntoIterator<Item = Vec<C>>) -> Self {
        let rows = rows.into_iter().map(|row| row.into_iter().map(Into::into).collect()).collect();
        Self::Table(Table { columns, rows, totals: 0 })
    }

    pub fn grid(grid: Grid) -> Self {
        Self::Grid(grid)
    }

    pub fn checkboxes<L: Into<String>>(choices: impl IntoIterator<Item = (L, bool)>) -> Self {
        Self::Checkboxes(choices.into_iter().map(|(label, checked)| (label.into(), checked)).collect())
    }

    pub fn bullets<R: Into<Rich>>(items: impl IntoIterator<Item = R>) -> Self {
        Self::Bullets(items.into_iter().map(Into::into).collect())
    }

    /// Frames side by side, kept together and with the end of what stands before them.
    pub fn signatures(boxes: Vec<SignatureBox>) -> Self {
        Self::Signatures(boxes)
    }

    pub fn qr(url: impl Into<String>, caption: impl Into<String>) -> Self {
        Self::Qr { url: url.into(), caption: caption.into() }
    }

    pub fn spacer(millimetres: f32) -> Self {
        Self::Spacer(millimetres)
    }

    pub fn page_break() -> Self {
        Self::PageBreak
    }
}

impl SignatureBox {
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    pub fn image(mut self, image: Picture) -> Self {
        self.image = Some(image);
        self
    }
}

impl Paper {
    pub fn portrait(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            reference: String::new(),
            author: String::new(),
            issued_at: DateTime::UNIX_EPOCH,
            landscape: false,
            header: Header::default(),
            footer: Footer::default(),
            watermark: None,
            attachment: None,
            accent: Colour::GLADE,
            blocks: Vec::new(),
        }
    }

    pub fn landscape(mut self) -> Self {
        self.landscape = true;
        self
    }

    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        if self.footer.reference.is_empty() {
            self.footer.reference.clone_from(&self.reference);
        }
        self
    }

    pub fn author(mut self, author: impl Into<String>) -> Self {
        self.author = author.into();
        self
    }

    pub fn issued_at(mut self, instant: DateTime<Utc>) -> Self {
        self.issued_at = instant;
        self
    }

    pub fn header(mut self, brand: impl Into<String>, organisation: impl Into<String>) -> Self {
        self.header.brand = brand.into();
        self.header.organisation = organisation.into();
        self
    }

    pub fn logo(mut self, logo: Picture) -> Self {
        self.header.logo = Some(logo);
        self
    }

    /// One more line at the foot of each page.
    pub fn footer(mut self, line: impl Into<String>) -> Self {
        self.footer.lines.push(line.into());
        self
    }

    pub fn watermark(mut self, word: impl Into<String>) -> Self {
        self.watermark = Some(word.into());
        self
    }

    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachment = Some(attachment);
        self
    }

    pub fn accent(mut self, colour: Colour) -> Self {
        self.accent = colour;
        self
    }

    pub fn push(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    pub fn extend(mut self, blocks: impl IntoIterator<Item = Block>) -> Self {
        self.blocks.extend(blocks);
        self
    }
}
