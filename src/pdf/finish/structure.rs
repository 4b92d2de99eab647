//! The structure tree: what each piece of the pages is, in reading order.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, ObjectId, dictionary};

use super::{content::Rewriting, name, text};
use crate::pdf::elements::{Tag, TagId};

/// Writes the tree and gives its root.
pub fn build(file: &mut Document, tags: &[Tag], rewriting: &Rewriting, pages: &[ObjectId]) -> ObjectId {
    let (root, document) = (file.new_object_id(), file.new_object_id());
    let tree = &rewriting.children;
    let elements: BTreeMap<TagId, ObjectId> = tree.values().flatten().map(|tag| (*tag, file.new_object_id())).collect();
    for (parent, children) in tree {
        let parent = parent.map_or(document, |tag| elements[&tag]);
        for tag in children {
            let pieces = rewriting.pieces.get(tag).into_iter().flatten();
            let mut kids: Vec<Object> = pieces
                .map(|(page, piece)| {
                    dictionary! { "Type" => name("MCR"), "Pg" => pages[*page], "MCID" => *piece }.into()
                })
                .collect();
            kids.extend(tree.get(&Some(*tag)).into_iter().flatten().map(|child| Object::Reference(elements[child])));
            file.objects.insert(elements[tag], element(&tags[*tag], parent, kids, rewriting.boxes.get(tag)).into());
        }
    }
    let top = tree.get(&None).into_iter().flatten().map(|tag| Object::Reference(elements[tag])).collect::<Vec<_>>();
    file.objects.insert(
        document,
        dictionary! { "Type" => name("StructElem"), "S" => name("Document"), "P" => root, "K" => top }.into(),
    );

    let mut numbers = Vec::new();
    for (page, owners) in rewriting.owners.iter().enumerate() {
        numbers.push(Object::Integer(page as i64));
        numbers.push(Object::Array(owners.iter().map(|tag| Object::Reference(elements[tag])).collect()));
    }
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
    if let Some(place) = place {
        let corners: Vec<Object> = place.iter().copied().map(Object::Real).collect();
        element.set("A", dictionary! { "O" => name("Layout"), "Placement" => name("Block"), "BBox" => corners });
    }
    element
}
