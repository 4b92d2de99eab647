//! The structure tree: what each piece of the pages is, in reading order.

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use super::{name, text};
use crate::pdf::elements::{Marks, Tag};

/// Writes the tree and gives its root.
pub fn build(file: &mut Document, tags: &[Tag], marks: &Marks, pages: &[ObjectId]) -> ObjectId {
    let (root, document) = (file.new_object_id(), file.new_object_id());
    let elements: Vec<Option<ObjectId>> = marks.seen.iter().map(|seen| seen.then(|| file.new_object_id())).collect();
    let references =
        |tags: &[usize]| tags.iter().filter_map(|tag| elements[*tag]).map(Object::Reference).collect::<Vec<_>>();
    let parents = marks.children.iter().enumerate().flat_map(|(parent, children)| {
        let parent = elements[parent].unwrap_or(document);
        children.iter().map(move |tag| (parent, *tag))
    });
    for (parent, tag) in marks.roots.iter().map(|tag| (document, *tag)).chain(parents) {
        let mut kids: Vec<Object> = marks.pieces[tag]
            .iter()
            .map(|(page, piece)| {
                dictionary! { "Type" => name("MCR"), "Pg" => pages[*page], "MCID" => *piece as i64 }.into()
            })
            .collect();
        kids.extend(references(&marks.children[tag]));
        if let Some(id) = elements[tag] {
            file.objects.insert(id, element(&tags[tag], parent, kids, marks.boxes[tag].as_ref()).into());
        }
    }
    file.objects.insert(
        document,
        dictionary! {
            "Type" => name("StructElem"),
            "S" => name("Document"),
            "P" => root,
            "K" => references(&marks.roots),
        }
        .into(),
    );

    let owners = marks.owners.iter().enumerate();
    let numbers: Vec<Object> =
        owners.flat_map(|(page, owners)| [Object::Integer(page as i64), Object::Array(references(owners))]).collect();
    let parents = file.add_object(dictionary! { "Nums" => numbers });
    let entries = dictionary! {
        "Type" => name("StructTreeRoot"),
        "K" => vec![Object::Reference(document)],
        "ParentTree" => parents,
        "ParentTreeNextKey" => pages.len() as i64,
    };
    file.objects.insert(root, entries.into());
    root
}

fn element(tag: &Tag, parent: ObjectId, kids: Vec<Object>, place: Option<&[f32; 4]>) -> Dictionary {
    let mut element = dictionary! { "Type" => name("StructElem"), "S" => name(tag.role), "P" => parent, "K" => kids };
    if let Some(description) = &tag.description {
        element.set("Alt", text(description));
    }
    if let Some(scope) = tag.scope {
        element.set("A", dictionary! { "O" => name("Table"), "Scope" => name(scope) });
    }
    if let Some(place) = place.filter(|_| tag.role == "Figure") {
        let corners: Vec<Object> = place.iter().copied().map(Object::Real).collect();
        element.set("A", dictionary! { "O" => name("Layout"), "Placement" => name("Block"), "BBox" => corners });
    }
    element
}
