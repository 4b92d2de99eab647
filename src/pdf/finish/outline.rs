//! The outline: headings under their titles, papers of a bundle above them.

use lopdf::{Document, Object, ObjectId, dictionary};

use super::{name, text};
use crate::pdf::{
    elements::{Bookmark, Laid},
    typeface::POINT,
};

/// An entry and those under it, by their places in the list of bookmarks.
struct Entry {
    bookmark: usize,
    below: Vec<Entry>,
}

/// Writes the outline and gives its root.
pub fn write(file: &mut Document, laid: &Laid, pages: &[ObjectId]) -> ObjectId {
    let root = file.new_object_id();
    let mut next = 0;
    let entries = nested(&laid.bookmarks, &mut next, 0);
    let ends = siblings(file, laid, pages, &entries, root);
    let mut outlines = dictionary! { "Type" => name("Outlines"), "Count" => entries.len() as i64 };
    if let Some((first, last)) = ends {
        outlines.set("First", first);
        outlines.set("Last", last);
    }
    file.objects.insert(root, outlines.into());
    root
}

/// The entries from a place on, while they stand at this level or below it.
fn nested(bookmarks: &[Bookmark], next: &mut usize, level: u8) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some(bookmark) = bookmarks.get(*next).filter(|bookmark| bookmark.level >= level) {
        let here = *next;
        *next += 1;
        entries.push(Entry { bookmark: here, below: nested(bookmarks, next, bookmark.level + 1) });
    }
    entries
}

/// Writes entries that share a parent; gives the first and the last one.
fn siblings(
    file: &mut Document,
    laid: &Laid,
    pages: &[ObjectId],
    entries: &[Entry],
    parent: ObjectId,
) -> Option<(ObjectId, ObjectId)> {
    let items: Vec<ObjectId> = entries.iter().map(|_| file.new_object_id()).collect();
    for (n, entry) in entries.iter().enumerate() {
        let bookmark = &laid.bookmarks[entry.bookmark];
        let height = laid.pages[bookmark.page].size.1;
        let top = ((height - bookmark.y) / POINT + 8.0).round() as i64;
        let target = vec![
            Object::Reference(pages[bookmark.page]),
            name("XYZ"),
            Object::Null,
            Object::Integer(top),
            Object::Null,
        ];
        let mut item = dictionary! { "Title" => text(&bookmark.text), "Parent" => parent, "Dest" => target };
        if let Some(before) = n.checked_sub(1) {
            item.set("Prev", items[before]);
        }
        if let Some(after) = items.get(n + 1) {
            item.set("Next", *after);
        }
        if bookmark.level <= 1 {
            // Bold, so that titles stand out of the list.
            item.set("F", 2);
        }
        if let Some((first, last)) = siblings(file, laid, pages, &entry.below, items[n]) {
            item.set("First", first);
            item.set("Last", last);
            // Negative: closed until it is asked for.
            item.set("Count", -(entry.below.len() as i64));
        }
        file.objects.insert(items[n], item.into());
    }
    items.first().copied().zip(items.last().copied())
}
