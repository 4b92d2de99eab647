//! Finishing: raw pages become a tagged PDF/A-3a and PDF/UA-1 file, small, and the same bytes for the same paper.

mod canonical;
mod catalog;
mod content;
mod fonts;
mod metadata;
mod outline;
mod pictures;
mod structure;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::{Paper, RenderError, elements::Laid};

/// Rewrites the pages and surrounds them with what archives and screen readers ask for.
pub fn finish(raw: &[u8], paper: &Paper, laid: &Laid) -> Result<Vec<u8>, RenderError> {
    let mut file = Document::load_mem(raw)?;
    let pages: Vec<ObjectId> = file.page_iter().collect();
    let mut rewriter = content::Rewriter::new(&laid.tags);
    let mut contents = Vec::new();
    for (n, page) in pages.iter().enumerate() {
        contents.push(rewriter.page(n, &file.get_page_content(*page))?);
    }
    let rewriting = rewriter.done();

    let fonts = fonts::embed(&mut file, &rewriting.glyphs)?;
    let pictures = pictures::embed(&mut file, &laid.pictures);
    for (n, (page, content)) in pages.iter().zip(contents).enumerate() {
        let mut shown = Dictionary::new();
        for index in content.pictures {
            shown.set(content::picture_name(index), pictures[index]);
        }
        let mut resources = dictionary! { "Font" => fonts };
        if !shown.is_empty() {
            resources.set("XObject", shown);
        }
        let stream = compressed(Dictionary::new(), content.bytes)?;
        let stream = file.add_object(stream);
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
    let tree = structure::build(&mut file, &laid.tags, &rewriting, &pages);
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

fn compressed(mut entries: Dictionary, bytes: Vec<u8>) -> Result<Stream, RenderError> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(7));
    encoder.write_all(&bytes)?;
    entries.set("Filter", name("FlateDecode"));
    Ok(Stream::new(entries, encoder.finish()?).with_compression(false))
}
