//! Pictures: written once, whatever the number of places that show them.

use lopdf::{Document, Object, ObjectId, Stream, StringFormat, dictionary};

use super::name;
use crate::pdf::{
    elements::Shown,
    packing::{Colours, Packed},
};

/// The image object of each picture.
pub fn embed(file: &mut Document, pictures: &[Shown]) -> Vec<ObjectId> {
    pictures.iter().map(|Shown { picture, detail }| embed_one(file, picture.packed(*detail))).collect()
}

fn embed_one(file: &mut Document, packed: &Packed) -> ObjectId {
    let Packed { width, height, depth, colours, samples, opacity, first_is_clear } = packed;
    let image = |space: Object, depth: u8, bytes: &[u8]| {
        let entries = dictionary! {
            "Type" => name("XObject"),
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
        Colours::Palette(palette) => Object::Array(vec![
            name("Indexed"),
            name("DeviceRGB"),
            Object::Integer(palette.len() as i64 / 3 - 1),
            Object::String(palette.clone(), StringFormat::Hexadecimal),
        ]),
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
