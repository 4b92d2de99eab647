//! Papers: what a layout composes as a [`Paper`] leaves here as the bytes of a tagged PDF/A-3a and PDF/UA-1 file.
//!
//! Three steps, each in its folder: `elements` measures the blocks and shares them out between pages, the same folder
//! draws them through genpdf, and `finish` makes the file archivable, accessible, small and always the same.
//! Afterwards `seal` can add the organisation's seal to a file, without changing a byte of it.

mod block;
mod bundle;
mod decimal;
mod deflate;
mod elements;
mod finish;
mod packing;
mod paper;
mod picture;
mod pictures;
mod seal;
#[cfg(test)]
mod tests;
mod text;
mod typeface;
mod upright;

pub use block::{Align, Bar, Block, Cell, Chart, Column, Grid, GridCell, GridRow, Rich, SignatureBox, Span, Table};
pub use bundle::{Part, bundle};
pub use paper::{Attachment, Colour, Footer, Header, Paper, Relationship};
pub use picture::{Picture, PictureError};
pub use pictures::{Depicted, Pictures};
pub use seal::{Authority, PemSigner, Seal, SealError, Signer};

use crate::platform::heavy::long;

/// Why a paper could not be made; all of them are defects of the program, never of what people typed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the pages could not be written: {0}")]
    Pages(String),
    #[error("the finished file could not be assembled: {0}")]
    File(#[from] lopdf::Error),
    #[error("a shipped font could not be read: {0}")]
    Font(String),
    #[error("the file could not be written: {0}")]
    Stream(#[from] std::io::Error),
}

/// The file of a paper. Pure: the same paper always gives the same bytes.
pub fn render(paper: &Paper) -> Result<Vec<u8>, RenderError> {
    long("laying out a paper");
    let laid = elements::lay_out(paper);
    let drawn = elements::draw(&laid)?;
    finish::finish(&drawn, paper, &laid)
}

/// Whether every character can be printed; the error is the first one that the shipped fonts lack.
///
/// Inputs are checked with it, so that a name is refused when it is typed and not mangled when it is printed.
pub fn supports(text: &str) -> Result<(), char> {
    text::first_unknown(text).map_or(Ok(()), Err)
}
