//! Canonical numbering: the same objects in the same order, so that the same paper is always the same bytes.

use std::collections::{BTreeMap, HashMap};

use lopdf::{Document, Object, ObjectId, StringFormat};
use sha2::{Digest, Sha256};

use super::{RenderError, write};

/// Drops what nothing refers to, numbers the rest in the order of a walk from the trailer, and writes the file.
pub fn save(mut file: Document) -> Result<Vec<u8>, RenderError> {
    renumber(&mut file);
    let mut hash = Sha256::new();
    // All that tells two papers apart is in a stream: words, pictures, fonts, metadata, attachments.
    for stream in file.objects.values().filter_map(|object| object.as_stream().ok()) {
        hash.update((stream.content.len() as u64).to_be_bytes());
        hash.update(&stream.content);
    }
    let identity = Object::String(hash.finalize()[..16].to_vec(), StringFormat::Hexadecimal);
    file.trailer.set("ID", vec![identity.clone(), identity]);
    Ok(write::write(&file)?)
}

fn renumber(file: &mut Document) {
    let mut order = Order::default();
    let mut trailer = Object::Dictionary(std::mem::take(&mut file.trailer));
    order.visit(&mut trailer);
    let mut objects = BTreeMap::new();
    let mut next = 0;
    while let Some(id) = order.found.get(next).copied() {
        let mut object = file.objects.remove(&id).unwrap_or(Object::Null);
        order.visit(&mut object);
        next += 1;
        objects.insert((next as u32, 0), object);
    }
    file.max_id = next as u32;
    file.objects = objects;
    if let Object::Dictionary(trailer) = trailer {
        file.trailer = trailer;
    }
}

#[derive(Default)]
struct Order {
    numbers: HashMap<ObjectId, u32>,
    found: Vec<ObjectId>,
}

impl Order {
    /// Gives new numbers to all references of an object, in the order in which they are met.
    fn visit(&mut self, object: &mut Object) {
        match object {
            Object::Reference(id) => {
                let next = self.numbers.len() as u32 + 1;
                let number = *self.numbers.entry(*id).or_insert_with(|| {
                    self.found.push(*id);
                    next
                });
                *id = (number, 0);
            }
            Object::Array(items) => items.iter_mut().for_each(|item| self.visit(item)),
            Object::Dictionary(entries) => entries.iter_mut().for_each(|(_, value)| self.visit(value)),
            Object::Stream(stream) => stream.dict.iter_mut().for_each(|(_, value)| self.visit(value)),
            _ => {}
        }
    }
}
