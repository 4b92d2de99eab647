//! The catalog: language, colour profile, metadata, attachments.

use std::{collections::BTreeSet, sync::LazyLock};

use lopdf::{Document, Object, ObjectId, Stream, dictionary};

use super::{RenderError, compressed, metadata, name, outline, text};
use crate::pdf::{Attachment, Paper, Relationship, elements::Laid};

/// The colour profile of screens, the same in every paper.
static PROFILE: LazyLock<Stream> =
    LazyLock::new(|| compressed(dictionary! { "N" => 3 }, include_bytes!("../assets/srgb.icc")));

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
    let profile = file.add_object(PROFILE.clone());
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
        catalog.set("Outlines", outline::write(file, laid, pages));
    }
    if !paper.attachments.is_empty() {
        let names = distinct_names(&paper.attachments);
        let mut files = Vec::new();
        for (name, attachment) in names.iter().zip(&paper.attachments) {
            files.push((text(name), attach(file, name, attachment, &date)));
        }
        catalog.set("AF", files.iter().map(|(_, file)| Object::Reference(*file)).collect::<Vec<_>>());
        // A name tree is sorted by the bytes of its names.
        files.sort_by(|(one, _), (other, _)| one.as_str().unwrap_or_default().cmp(other.as_str().unwrap_or_default()));
        let names: Vec<Object> = files.into_iter().flat_map(|(name, file)| [name, Object::Reference(file)]).collect();
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

/// The names of the files, a number added to those that were already taken: « scan (2).pdf ».
fn distinct_names(attachments: &[Attachment]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    attachments
        .iter()
        .map(|attachment| {
            let (stem, ending) = match attachment.name.rsplit_once('.') {
                Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
                _ => (attachment.name.as_str(), String::new()),
            };
            let numbered = (2..).map(|n: usize| format!("{stem} ({n}){ending}"));
            let name = std::iter::once(attachment.name.clone()).chain(numbered).find(|name| !taken.contains(name));
            let name = name.unwrap_or_default();
            taken.insert(name.clone());
            name
        })
        .collect()
}

fn attach(file: &mut Document, file_name: &str, attachment: &Attachment, date: &str) -> ObjectId {
    let Attachment { name: _, media_type, description, relationship, data } = attachment;
    let entries = dictionary! {
        "Type" => name("EmbeddedFile"),
        "Subtype" => name(media_type),
        "Params" => dictionary! { "Size" => data.len() as i64, "ModDate" => text(date) },
    };
    let relationship = match relationship {
        Relationship::Data => "Data",
        Relationship::Source => "Source",
        Relationship::Supplement => "Supplement",
        Relationship::Unspecified => "Unspecified",
    };
    let stream = if is_packed(media_type) {
        Stream::new(entries, data.clone()).with_compression(false)
    } else {
        compressed(entries, data)
    };
    let data = file.add_object(stream);
    file.add_object(dictionary! {
        "Type" => name("Filespec"),
        "F" => text(file_name),
        "UF" => text(file_name),
        "Desc" => text(description),
        "AFRelationship" => name(relationship),
        "EF" => dictionary! { "F" => data, "UF" => data },
    })
}

/// Whether compressing once more would be work for nothing.
fn is_packed(media_type: &str) -> bool {
    matches!(media_type, "application/pdf" | "application/zip" | "image/jpeg" | "image/png")
}
