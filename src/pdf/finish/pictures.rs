//! Pictures: written once, whatever the number of places that show them.

use lopdf::{Document, ObjectId, Stream, dictionary};

use super::name;
use crate::pdf::Picture;

/// The image object of each picture.
pub fn embed(file: &mut Document, pictures: &[Picture]) -> Vec<ObjectId> {
    pictures.iter().map(|picture| embed_one(file, picture)).collect()
}

fn embed_one(file: &mut Document, picture: &Picture) -> ObjectId {
    let packed = picture.packed();
    let samples = |space: &str, bytes: &[u8]| {
        let entries = dictionary! {
            "Type" => name("XObject"),
            "Subtype" => name("Image"),
            "Width" => i64::from(picture.width()),
            "Height" => i64::from(picture.height()),
            "BitsPerComponent" => 8,
            "ColorSpace" => name(space),
            "Filter" => name("FlateDecode"),
        };
        Stream::new(entries, bytes.to_vec()).with_compression(false)
    };
    let mut image = samples(if packed.grey { "DeviceGray" } else { "DeviceRGB" }, &packed.colours);
    if let Some(opacity) = &packed.opacity {
        let mask = file.add_object(samples("DeviceGray", opacity));
        image.dict.set("SMask", mask);
    }
    file.add_object(image)
}
