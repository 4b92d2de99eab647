//! Marked content: the operators of a page, each within the element of the structure that it belongs to.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Tag, TagId};

/// What the pages tell about structure, fonts and pictures.
#[derive(Default)]
pub struct Marks {
    /// Children of the document, in reading order.
    pub roots: Vec<TagId>,
    /// Children of each tag, in reading order.
    pub children: Vec<Vec<TagId>>,
    /// Pieces of content of each tag: page, then number on that page.
    pub pieces: Vec<Vec<(usize, usize)>>,
    /// Tags that were met: the others stay out of the structure.
    pub seen: Vec<bool>,
    /// Where figures stand: left, bottom, right, top, in points.
    pub boxes: Vec<Option<[f32; 4]>>,
    /// For each page, the tag of each piece in turn.
    pub owners: Vec<Vec<TagId>>,
    /// For each page, the pictures that it shows.
    pub pictures: Vec<BTreeSet<usize>>,
    /// By face, the glyphs that are used.
    pub glyphs: [Vec<bool>; 4],
}

/// The name of a picture in the resources of a page.
pub fn picture_name(index: usize) -> String {
    format!("P{index}")
}

/// What the content being written belongs to.
#[derive(Clone, Copy, PartialEq)]
enum Owner {
    Nobody,
    Artifact,
    Tag(TagId),
}

/// Writes the operators of page after page.
pub struct Marker<'a> {
    tags: &'a [Tag],
    stack: Vec<TagId>,
    owner: Owner,
    /// The operators of the page being written.
    pub out: String,
    pub marks: Marks,
}

impl<'a> Marker<'a> {
    pub fn new(tags: &'a [Tag]) -> Self {
        let count = tags.len();
        let marks = Marks {
            children: vec![Vec::new(); count],
            pieces: vec![Vec::new(); count],
            seen: vec![false; count],
            boxes: vec![None; count],
            ..Marks::default()
        };
        Self { tags, stack: Vec::new(), owner: Owner::Nobody, out: String::new(), marks }
    }

    pub fn begin_page(&mut self) {
        self.marks.owners.push(Vec::new());
        self.marks.pictures.push(BTreeSet::new());
    }

    /// The operators of the page.
    pub fn end_page(&mut self) -> String {
        self.switch(Owner::Nobody);
        std::mem::take(&mut self.out)
    }

    pub fn open(&mut self, tag: TagId) {
        let parent = self.stack.last().copied();
        self.stack.push(tag);
        if !std::mem::replace(&mut self.marks.seen[tag], true) {
            parent.map_or(&mut self.marks.roots, |parent| &mut self.marks.children[parent]).push(tag);
        }
    }

    pub fn close(&mut self) {
        self.stack.pop();
    }

    /// Text belongs to the element around it; without one it is an ornament.
    pub fn text(&mut self, face: usize, glyph: u16) {
        let used = &mut self.marks.glyphs[face];
        let at = usize::from(glyph);
        if used.len() <= at {
            used.resize(at + 1, false);
        }
        used[at] = true;
    }

    pub fn begin_text(&mut self) {
        self.switch(self.stack.last().map_or(Owner::Artifact, |tag| Owner::Tag(*tag)));
    }

    pub fn begin_picture(&mut self, picture: usize, corners: [f32; 4]) {
        self.begin_text();
        self.widen(corners);
        if let Some(shown) = self.marks.pictures.last_mut() {
            shown.insert(picture);
        }
    }

    /// Lines and grounds are ornaments, except those that a figure is made of.
    pub fn begin_path(&mut self, corners: Option<[f32; 4]>) {
        let figure = self.stack.last().filter(|tag| self.tags[**tag].role == "Figure");
        self.switch(figure.map_or(Owner::Artifact, |tag| Owner::Tag(*tag)));
        if let Some(corners) = corners {
            self.widen(corners);
        }
    }

    /// Makes the place of a figure hold a rectangle too.
    fn widen(&mut self, [left, bottom, right, top]: [f32; 4]) {
        if let Owner::Tag(tag) = self.owner {
            let place = self.marks.boxes[tag].get_or_insert([left, bottom, right, top]);
            *place = [place[0].min(left), place[1].min(bottom), place[2].max(right), place[3].max(top)];
        }
    }

    /// Ends the marked content under way and begins another, unless they are the same.
    fn switch(&mut self, owner: Owner) {
        if self.owner == owner {
            return;
        }
        if self.owner != Owner::Nobody {
            self.out.push_str("EMC\n");
        }
        match owner {
            Owner::Nobody => {}
            Owner::Artifact => self.out.push_str("/Artifact BMC\n"),
            Owner::Tag(tag) => {
                let page = self.marks.owners.len() - 1;
                let piece = self.marks.owners[page].len();
                self.marks.owners[page].push(tag);
                self.marks.pieces[tag].push((page, piece));
                let _ = writeln!(self.out, "/{} <</MCID {piece}>>BDC", self.tags[tag].role);
            }
        }
        self.owner = owner;
    }
}
