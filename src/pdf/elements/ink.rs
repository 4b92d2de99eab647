//! What is drawn: marks at places given in millimetres from the top left corner, and the structure around them.

use crate::pdf::{Colour, typeface::Style};

/// Index into the tags of a paper.
pub type TagId = usize;

/// An element of the structure tree: what a screen reader says that a piece of the page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    pub role: &'static str,
    /// Spoken in place of a picture.
    pub description: Option<String>,
    /// `Row` or `Column`, for the header cells of tables.
    pub scope: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub enum Ink {
    Text {
        x: f32,
        baseline: f32,
        text: String,
        style: Style,
        /// Millimetres added to each space, to justify a line.
        spread: f32,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        colour: Colour,
    },
    Fill {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: Colour,
    },
    Picture {
        picture: usize,
        x: f32,
        y: f32,
        width: f32,
        height: f32,
    },
    /// A word in outlines, slanted across the page: an ornament that text extraction does not meet.
    Slanted {
        centre: (f32, f32),
        text: String,
        style: Style,
        degrees: f32,
    },
    Open(TagId),
    Close,
}

impl Ink {
    /// A hairline from left to right.
    pub fn hairline(x: f32, y: f32, width: f32) -> Self {
        Self::Rule { from: (x, y), to: (x + width, y), width: 0.2, colour: Colour::RULE }
    }

    /// A hairline from top to bottom.
    pub fn upright(x: f32, y: f32, height: f32) -> Self {
        Self::Rule { from: (x, y), to: (x, y + height), width: 0.2, colour: Colour::RULE }
    }

    /// The same mark among the tags and pictures of a larger file.
    pub fn renumbered(mut self, tags: usize, pictures: &[usize]) -> Self {
        match &mut self {
            Self::Open(tag) => *tag += tags,
            Self::Picture { picture, .. } => *picture = pictures[*picture],
            Self::Text { .. } | Self::Rule { .. } | Self::Fill { .. } | Self::Slanted { .. } | Self::Close => {}
        }
        self
    }

    /// The same mark, moved.
    pub fn moved(mut self, dx: f32, dy: f32) -> Self {
        match &mut self {
            Self::Text { x, baseline: y, .. }
            | Self::Fill { x, y, .. }
            | Self::Picture { x, y, .. }
            | Self::Slanted { centre: (x, y), .. } => {
                *x += dx;
                *y += dy;
            }
            Self::Rule { from, to, .. } => {
                *from = (from.0 + dx, from.1 + dy);
                *to = (to.0 + dx, to.1 + dy);
            }
            Self::Open(_) | Self::Close => {}
        }
        self
    }
}

/// Four hairlines.
pub fn frame(x: f32, y: f32, width: f32, height: f32) -> [Ink; 4] {
    [
        Ink::hairline(x, y, width),
        Ink::hairline(x, y + height, width),
        Ink::upright(x, y, height),
        Ink::upright(x + width, y, height),
    ]
}
