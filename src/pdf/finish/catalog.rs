//! The catalog: language, colour profile, metadata, outline, attachment.

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};

use super::{RenderError, compressed, metadata, name, text};
use crate::pdf::{
    Attachment, Paper,
    elements::{Bookmark, Laid},
    typeface::POINT,
};

/// Replaces the catalog, the information dictionary and the trailer.
pub fn write(
    file: &mut Document,
    paper: &Paper,
    laid: &Laid,
    pages: &[ObjectId],
    tree: ObjectId,
) -> Result<(), RenderError> {
    let page_tree = file.catalog()?.get(b"Pages")?.clone();
    let date = paper.issued_at.format("D:%Y%m%d%H%M%S+00'00'").to_string();
    let profile = file.add_object(compressed(dictionary! { "N" => 3 }, include_bytes!("../assets/srgb.icc").to_vec())?);
    let intent = file.add_object(dictionary! {
        "Type" => name("OutputIntent"),
        "S" => name("GTS_PDFA1"),
        "OutputConditionIdentifier" => text("sRGB"),
        "Info" => text("sRGB IEC61966-2.1"),
        "DestOutputProfile" => profile,
    });
    // Archives read the metadata without unpacking anything.
    let packet =
        Stream::new(dictionary! { "Type" => name("Metadata"), "Subtype" => name("XML") }, metadata::packet(paper))
            .with_compression(false);
    let packet = file.add_object(packet);
    let mut catalog = dictionary! {
        "Type" => name("Catalog"),
        "Pages" => page_tree,
        "Metadata" => packet,
        "OutputIntents" => vec![Object::Reference(intent)],
        "Lang" => text("fr-FR"),
        "MarkInfo" => dictionary! { "Marked" => true },
        "StructTreeRoot" => tree,
        "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true },
    };
    if laid.bookmarks.len() > 1 {
        catalog.set("Outlines", outline(file, &laid.bookmarks, pages, laid.size.1));
    }
    if let Some(attachment) = &paper.attachment {
        let specification = attach(file, attachment, &date)?;
        catalog.set("AF", vec![Object::Reference(specification)]);
        let names = vec![text(&attachment.name), Object::Reference(specification)];
        catalog.set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } });
    }
    let catalog = file.add_object(catalog);
    let mut information = dictionary! { "Title" => text(&metadata::plain(&paper.title)), "CreationDate" => text(&date), "ModDate" => text(&date) };
    if !paper.author.is_empty() {
        information.set("Author", text(&metadata::plain(&paper.author)));
    }
    let information = file.add_object(information);
    file.trailer = dictionary! { "Root" => catalog, "Info" => information };
    Ok(())
}

/// A flat list of the headings: papers are short.
fn outline(file: &mut Document, bookmarks: &[Bookmark], pages: &[ObjectId], height: f32) -> ObjectId {
    let root = file.new_object_id();
    let items: Vec<ObjectId> = bookmarks.iter().map(|_| file.new_object_id()).collect();
    for (n, bookmark) in bookmarks.iter().enumerate() {
        let top = ((height - bookmark.y) / POINT + 8.0).round() as i64;
        let target = vec![
            Object::Reference(pages[bookmark.page]),
            name("XYZ"),
            Object::Null,
            Object::Integer(top),
            Object::Null,
        ];
        let mut item = dictionary! { "Title" => text(&bookmark.text), "Parent" => root, "Dest" => target };
        if let Some(before) = n.checked_sub(1) {
            item.set("Prev", items[before]);
        }
        if let Some(after) = items.get(n + 1) {
            item.set("Next", *after);
        }
        if bookmark.level == 1 {
            // Bold, so that titles stand out of the list.
            item.set("F", 2);
        }
        file.objects.insert(items[n], item.into());
    }
    let entries: Dictionary = dictionary! {
        "Type" => name("Outlines"),
        "First" => items[0],
        "Last" => items[items.len() - 1],
        "Count" => items.len() as i64,
    };
    file.objects.insert(root, entries.into());
    root
}

fn attach(file: &mut Document, attachment: &Attachment, date: &str) -> Result<ObjectId, RenderError> {
    let entries = dictionary! {
        "Type" => name("EmbeddedFile"),
        "Subtype" => name(&attachment.media_type),
        "Params" => dictionary! { "Size" => attachment.data.len() as i64, "ModDate" => text(date) },
    };
    let data = file.add_object(compressed(entries, attachment.data.clone())?);
    Ok(file.add_object(dictionary! {
        "Type" => name("Filespec"),
        "F" => text(&attachment.name),
        "UF" => text(&attachment.name),
        "Desc" => text(&attachment.description),
        "AFRelationship" => name("Data"),
        "EF" => dictionary! { "F" => data, "UF" => data },
    }))
}
