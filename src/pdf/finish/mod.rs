//! Finishing: raw pages become a tagged PDF/A-3a and PDF/UA-1 file, small, and the same bytes for the same paper.

mod canonical;
mod catalog;
mod fonts;
mod metadata;
mod outline;
mod pictures;
mod structure;
mod write;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::{
    Paper, RenderError,
    deflate::deflate,
    elements::{Drawn, Laid, page_content, picture_name},
};

/// Surrounds the pages with what archives and screen readers ask for.
pub fn finish(drawn: &Drawn, paper: &Paper, laid: &Laid) -> Result<Vec<u8>, RenderError> {
    let mut file = Document::load_mem(&drawn.file)?;
    let pages: Vec<ObjectId> = file.page_iter().collect();
    let fonts = fonts::embed(&mut file, &drawn.marks.glyphs)?;
    let pictures = pictures::embed(&mut file, &laid.pictures);
    for (n, (page, shown)) in pages.iter().zip(&drawn.marks.pictures).enumerate() {
        let written = file.get_page_content(*page);
        let content = page_content(&written).ok_or_else(|| RenderError::Pages("a page has no layer".into()))?;
        let stream = compressed(Dictionary::new(), content);
        let stream = file.add_object(stream);
        let mut resources = dictionary! { "Font" => fonts };
        if !shown.is_empty() {
            let named = shown.iter().map(|index| (picture_name(*index), Object::Reference(pictures[*index])));
            resources.set("XObject", named.collect::<Dictionary>());
        }
        let entries = file.get_object_mut(*page)?.as_dict_mut()?;
        let (parent, media) = (entries.get(b"Parent")?.clone(), entries.get(b"MediaBox")?.clone());
        *entries = dictionary! {
            "Type" => name("Page"),
            "Parent" => parent,
            "MediaBox" => media,
            "Resources" => resources,
            "Contents" => stream,
            "StructParents" => n as i64,
            "Tabs" => name("S"),
        };
    }
    let tree = structure::build(&mut file, &laid.tags, &drawn.marks, &pages);
    catalog::write(&mut file, paper, laid, &pages, tree)?;
    canonical::save(file)
}

pub(super) fn name(text: &str) -> Object {
    Object::Name(text.as_bytes().to_vec())
}

/// A text string: plain when it is ASCII, UTF-16 otherwise.
pub(super) fn text(text: &str) -> Object {
    if text.is_ascii() {
        return Object::string_literal(text);
    }
    let mut bytes = vec![0xFE, 0xFF];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, lopdf::StringFormat::Hexadecimal)
}

fn compressed(mut entries: Dictionary, bytes: &[u8]) -> Stream {
    entries.set("Filter", name("FlateDecode"));
    Stream::new(entries, deflate(bytes)).with_compression(false)
}
