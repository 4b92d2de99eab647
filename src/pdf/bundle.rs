//! Bundles (liasses): several papers in one file, with the originals inside.

use super::{Attachment, Paper, RenderError, elements, finish};
use crate::platform::heavy::long;

/// A paper of a bundle, laid out again from its frozen content.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub paper: Paper,
    /// How the table of contents names it.
    pub title: String,
    /// Its own reference, printed above each of its pages.
    pub reference: String,
    /// SHA-256 of its content or file, in hexadecimal, printed beside the reference.
    pub digest: String,
    /// Files carried inside, byte for byte: what was presented, signed, sealed or scanned.
    pub originals: Vec<Attachment>,
}

/// One file for all: the front and its table of contents, then each part; the outline leads to them.
///
/// Pure, as [`super::render`] is. The parts' own attachments travel too, under names that begin with their references.
pub fn bundle(parts: &[Part], front: &Paper) -> Result<Vec<u8>, RenderError> {
    long("laying out a bundle");
    let laid = elements::lay_out_bundle(front, parts);
    let mut cover = front.clone();
    for part in parts {
        cover.attachments.extend(part.paper.attachments.iter().map(|attachment| {
            let name = format!("{} {}", part.reference, attachment.name).trim().to_owned();
            Attachment { name, ..attachment.clone() }
        }));
        cover.attachments.extend(part.originals.iter().cloned());
    }
    let drawn = elements::draw(&laid)?;
    finish::finish(&drawn, &cover, &laid)
}
