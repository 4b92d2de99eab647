//! The document model: what a layout says about a paper. Nothing here knows how a PDF is made.

use chrono::{DateTime, Utc};

use super::{Block, Picture};

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
    pub attachments: Vec<Attachment>,
    pub accent: Colour,
    pub blocks: Vec<Block>,
}

/// What stands above the text: in full on the first page, on one line afterwards.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Header {
    pub brand: String,
    /// A small line under the brand: legal form, address.
    pub organisation: String,
    /// The logo of the brand: on the right, or on the left when the organisation shows its own.
    pub logo: Option<Picture>,
    /// The logo of the organisation that carries the brand, on the right.
    pub organisation_logo: Option<Picture>,
}

/// What stands below the text of each page; « page 1 / 3 » is added.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Footer {
    pub lines: Vec<String>,
    pub reference: String,
}

/// A file carried inside the paper, byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Two files of one name are told apart by a number.
    pub name: String,
    pub media_type: String,
    pub description: String,
    pub relationship: Relationship,
    pub data: Vec<u8>,
}

/// What a carried file is to the paper (ISO 19005-3, 6.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relationship {
    /// The facts that it prints.
    #[default]
    Data,
    /// What it was made from: the file that was presented, a sealed original.
    Source,
    /// What completes it: a scan, an appendix.
    Supplement,
    Unspecified,
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
            attachments: Vec::new(),
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

    pub fn organisation_logo(mut self, logo: Picture) -> Self {
        self.header.organisation_logo = Some(logo);
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

    /// One more file carried inside.
    pub fn attachment(mut self, attachment: Attachment) -> Self {
        self.attachments.push(attachment);
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
