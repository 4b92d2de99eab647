//! Page contents: our own operators become marked content, whatever carries no tag becomes an artifact.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{
    Object,
    content::{Content, Operation},
    dictionary,
};

use super::{RenderError, name};
use crate::pdf::elements::{CLOSE_TAG, OPEN_TAG, PICTURE, Tag, TagId};

/// What the pages told about structure and fonts.
#[derive(Default)]
pub struct Rewriting {
    /// Children of each tag in reading order; those of the document are under `None`.
    pub children: BTreeMap<Option<TagId>, Vec<TagId>>,
    /// Pieces of content of each tag: page, then number on that page.
    pub pieces: BTreeMap<TagId, Vec<(usize, i64)>>,
    /// For each page, the tag of each piece in turn.
    pub owners: Vec<Vec<TagId>>,
    /// Where pictures stand: left, bottom, right, top, in points.
    pub boxes: BTreeMap<TagId, [f32; 4]>,
    /// Glyphs used of each font.
    pub glyphs: BTreeMap<String, BTreeSet<u16>>,
    seen: BTreeSet<TagId>,
}

/// A rewritten page.
pub struct PageContent {
    pub bytes: Vec<u8>,
    pub pictures: BTreeSet<usize>,
}

pub fn picture_name(index: usize) -> String {
    format!("P{index}")
}

/// What the content being written belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    None,
    Artifact,
    Tag(TagId),
}

pub struct Rewriter<'a> {
    tags: &'a [Tag],
    stack: Vec<TagId>,
    found: Rewriting,
    font: String,
    mark: Mark,
    page: usize,
    out: Vec<Operation>,
}

impl<'a> Rewriter<'a> {
    pub fn new(tags: &'a [Tag]) -> Self {
        Self {
            tags,
            stack: Vec::new(),
            found: Rewriting::default(),
            font: String::new(),
            mark: Mark::None,
            page: 0,
            out: Vec::new(),
        }
    }

    pub fn done(self) -> Rewriting {
        self.found
    }

    pub fn page(&mut self, page: usize, raw: &[u8]) -> Result<PageContent, RenderError> {
        self.page = page;
        self.found.owners.push(Vec::new());
        let mut pictures = BTreeSet::new();
        for operation in Content::decode(raw)?.operations {
            match operation.operator.as_str() {
                // What the writer adds around the layer: optional content and a graphics state, both useless here.
                "BDC" | "BMC" | "EMC" | "q" | "Q" => {}
                OPEN_TAG => self.open(operation.operands.first().map_or(Ok(0), Object::as_i64)? as usize),
                CLOSE_TAG => {
                    self.stack.pop();
                }
                PICTURE => {
                    pictures.insert(self.picture(&operation.operands)?);
                }
                "BT" => {
                    self.switch(self.owner());
                    self.out.push(operation);
                }
                "re" | "m" => {
                    self.switch(self.painter());
                    if let (Mark::Tag(tag), "re") = (self.mark, operation.operator.as_str()) {
                        self.widen(tag, &operation.operands)?;
                    }
                    self.out.push(operation);
                }
                "Tf" => {
                    self.font = operation
                        .operands
                        .first()
                        .map_or(Ok(&b""[..]), Object::as_name)
                        .map(|name| String::from_utf8_lossy(name).into_owned())?;
                    self.out.push(operation);
                }
                "TJ" => {
                    self.count_glyphs(&operation);
                    self.out.push(operation);
                }
                _ => self.out.push(operation),
            }
        }
        self.switch(Mark::None);
        let bytes = Content { operations: std::mem::take(&mut self.out) }.encode()?;
        Ok(PageContent { bytes, pictures })
    }

    fn open(&mut self, tag: TagId) {
        let parent = self.stack.last().copied();
        self.stack.push(tag);
        if self.found.seen.insert(tag) {
            self.found.children.entry(parent).or_default().push(tag);
        }
    }

    fn owner(&self) -> Mark {
        self.stack.last().map_or(Mark::Artifact, |tag| Mark::Tag(*tag))
    }

    /// Lines and grounds are ornaments, except those that a figure is made of.
    fn painter(&self) -> Mark {
        self.stack.last().filter(|tag| self.tags[**tag].role == "Figure").map_or(Mark::Artifact, |tag| Mark::Tag(*tag))
    }

    /// Makes the place of a figure hold a rectangle too.
    fn widen(&mut self, tag: TagId, rectangle: &[Object]) -> Result<(), RenderError> {
        let numbers = rectangle.iter().map(Object::as_float).collect::<Result<Vec<f32>, _>>()?;
        let &[x, y, width, height] = numbers.as_slice() else {
            return Err(RenderError::Pages("a rectangle has four operands".into()));
        };
        let place = self.found.boxes.entry(tag).or_insert([x, y, x + width, y + height]);
        *place = [place[0].min(x), place[1].min(y), place[2].max(x + width), place[3].max(y + height)];
        Ok(())
    }

    /// Ends the marked content under way and begins another, unless they are the same.
    fn switch(&mut self, mark: Mark) {
        if self.mark == mark {
            return;
        }
        if self.mark != Mark::None {
            self.out.push(Operation::new("EMC", Vec::new()));
        }
        match mark {
            Mark::None => {}
            Mark::Artifact => self.out.push(Operation::new("BMC", vec![name("Artifact")])),
            Mark::Tag(tag) => {
                let owners = &mut self.found.owners[self.page];
                let piece = owners.len() as i64;
                owners.push(tag);
                self.found.pieces.entry(tag).or_default().push((self.page, piece));
                let operands = vec![name(self.tags[tag].role), Object::Dictionary(dictionary! { "MCID" => piece })];
                self.out.push(Operation::new("BDC", operands));
            }
        }
        self.mark = mark;
    }

    fn picture(&mut self, operands: &[Object]) -> Result<usize, RenderError> {
        let numbers = operands.iter().map(Object::as_float).collect::<Result<Vec<f32>, _>>()?;
        let &[index, x, y, width, height] = numbers.as_slice() else {
            return Err(RenderError::Pages("a picture has five operands".into()));
        };
        self.switch(self.owner());
        if let Mark::Tag(tag) = self.mark {
            self.found.boxes.insert(tag, [x, y, x + width, y + height]);
        }
        let matrix = [width, 0.0, 0.0, height, x, y].map(Object::Real).to_vec();
        self.out.push(Operation::new("q", Vec::new()));
        self.out.push(Operation::new("cm", matrix));
        self.out.push(Operation::new("Do", vec![name(&picture_name(index as usize))]));
        self.out.push(Operation::new("Q", Vec::new()));
        Ok(index as usize)
    }

    fn count_glyphs(&mut self, operation: &Operation) {
        let used = self.found.glyphs.entry(self.font.clone()).or_default();
        let pieces = operation.operands.iter().filter_map(|operand| operand.as_array().ok()).flatten();
        for glyphs in pieces.filter_map(|piece| piece.as_str().ok()) {
            used.extend(glyphs.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])));
        }
    }
}
