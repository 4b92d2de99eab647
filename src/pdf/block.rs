//! The pieces of a paper, as layouts name them.

use super::Picture;

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
    /// Labels and values on the left, the code on the right: on a wide sheet.
    FactsBesideQr {
        pairs: Vec<(String, Rich)>,
        url: String,
        caption: String,
    },
    Picture {
        picture: Picture,
        width_mm: f32,
        description: String,
    },
    Chart(Chart),
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

impl Rich {
    /// Whether nothing would be printed.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|span| span.text.trim().is_empty())
    }
}

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
    /// Set apart from the row above, on a faint ground: the trainer's among the trainees'.
    pub apart: bool,
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
    /// A drawn signature and small lines under it: arrival, leaving, how it was given.
    Signed {
        picture: Picture,
        description: String,
        lines: Vec<String>,
    },
}

/// Horizontal bars, one under the other: answers counted, results of a questionnaire.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chart {
    /// What the bars measure; it is spoken together with every label and figure.
    pub description: String,
    pub bars: Vec<Bar>,
    /// The value of a full bar; zero takes the largest one.
    pub highest: f32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    pub label: String,
    pub value: f32,
    /// The value as it is printed at the end of the bar: « 4,6 / 5 ».
    pub shown: String,
}

/// A frame to sign in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignatureBox {
    pub title: String,
    pub lines: Vec<String>,
    pub image: Option<Picture>,
    /// Small lines under the signature: when, how, with which proof.
    pub evidence: Vec<String>,
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

    pub fn chart<L: Into<String>, S: Into<String>>(
        description: impl Into<String>,
        highest: f32,
        bars: impl IntoIterator<Item = (L, f32, S)>,
    ) -> Self {
        let bars =
            bars.into_iter().map(|(label, value, shown)| Bar { label: label.into(), value, shown: shown.into() });
        Self::Chart(Chart { description: description.into(), bars: bars.collect(), highest })
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

    pub fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }
}

impl GridRow {
    pub fn new(name: impl Into<String>, detail: impl Into<String>, cells: Vec<GridCell>) -> Self {
        Self { name: name.into(), detail: detail.into(), cells, apart: false }
    }

    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }
}
