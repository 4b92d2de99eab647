//! Pictures: written once, whatever the number of places that show them; so are their palettes.

use std::collections::BTreeMap;

use lopdf::{Document, Object, ObjectId, Stream, StringFormat, dictionary};

use super::name;
use crate::pdf::{
    elements::Shown,
    packing::{Colours, Packed},
};

/// The image object of each picture.
pub fn embed(file: &mut Document, pictures: &[Shown]) -> Vec<ObjectId> {
    let mut palettes = BTreeMap::new();
    pictures.iter().map(|Shown { picture, detail }| embed_one(file, picture.packed(*detail), &mut palettes)).collect()
}

fn embed_one<'a>(file: &mut Document, packed: &'a Packed, palettes: &mut BTreeMap<&'a [u8], ObjectId>) -> ObjectId {
    let Packed { width, height, depth, colours, samples, opacity, first_is_clear } = packed;
    let image = |space: Object, depth: u8, bytes: &[u8]| {
        let entries = dictionary! {
            "Subtype" => name("Image"),
            "Width" => i64::from(*width),
            "Height" => i64::from(*height),
            "BitsPerComponent" => i64::from(depth),
            "ColorSpace" => space,
            "Filter" => name("FlateDecode"),
        };
        Stream::new(entries, bytes.to_vec()).with_compression(false)
    };
    let space = match colours {
        Colours::Grey => name("DeviceGray"),
        Colours::Rgb => name("DeviceRGB"),
        Colours::Palette(palette) => {
            let space = palettes.entry(palette).or_insert_with(|| {
                file.add_object(vec![
                    name("Indexed"),
                    name("DeviceRGB"),
                    Object::Integer(palette.len() as i64 / 3 - 1),
                    Object::String(palette.clone(), StringFormat::Hexadecimal),
                ])
            });
            Object::Reference(*space)
        }
    };
    let mut image_stream = image(space, *depth, samples);
    if *first_is_clear {
        image_stream.dict.set("Mask", vec![Object::Integer(0), Object::Integer(0)]);
    }
    if let Some(opacity) = opacity {
        let mask = file.add_object(image(name("DeviceGray"), 8, opacity));
        image_stream.dict.set("SMask", mask);
    }
    file.add_object(image_stream)
}
