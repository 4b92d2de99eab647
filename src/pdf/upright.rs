//! Which way up a photograph is: a camera stores what its sensor saw, and writes beside it how to turn it (EXIF).

use image::{RgbaImage, imageops};

/// The tag of the orientation, and the type of its value.
const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;

/// Turn what a file holds as the file says; one that says nothing stays as it is.
pub(super) fn upright(file: &[u8], seen: RgbaImage) -> RgbaImage {
    match exif(file).and_then(orientation) {
        Some(2) => imageops::flip_horizontal(&seen),
        Some(3) => imageops::rotate180(&seen),
        Some(4) => imageops::flip_vertical(&seen),
        Some(5) => imageops::flip_horizontal(&imageops::rotate90(&seen)),
        Some(6) => imageops::rotate90(&seen),
        Some(7) => imageops::flip_horizontal(&imageops::rotate270(&seen)),
        Some(8) => imageops::rotate270(&seen),
        _ => seen,
    }
}

/// The EXIF block of a JPEG file: it stands in one of the segments before the pixels.
fn exif(file: &[u8]) -> Option<&[u8]> {
    let mut rest = file.strip_prefix(b"\xff\xd8")?;
    loop {
        let [0xff, marker, high, low, ..] = rest else { return None };
        let end = 2 + usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == 0xda {
            return None;
        }
        let segment = rest.get(4..end)?;
        if *marker == 0xe1
            && let Some(block) = segment.strip_prefix(b"Exif\0\0")
        {
            return Some(block);
        }
        rest = rest.get(end..)?;
    }
}

/// The orientation that a block tells in its first directory.
fn orientation(block: &[u8]) -> Option<u16> {
    let little = match block.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = block.get(at..)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(*bytes) } else { u16::from_be_bytes(*bytes) })
    };
    let first = block.get(4..)?.first_chunk()?;
    let first = if little { u32::from_le_bytes(*first) } else { u32::from_be_bytes(*first) } as usize;
    let entries = usize::from(short(first)?);
    let entry = (0..entries).map(|n| first.saturating_add(2 + 12 * n)).find(|at| short(*at) == Some(ORIENTATION))?;
    if short(entry + 2)? == SHORT { short(entry + 8) } else { None }
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgba};
    use proptest::prelude::*;

    use super::*;

    /// A photograph of 20 × 60, dark at the top, with this orientation written in it.
    fn photograph(orientation: u16, little: bool) -> Vec<u8> {
        let seen = RgbaImage::from_fn(20, 60, |_, y| Rgba(if y < 20 { [0, 0, 0, 255] } else { [255; 4] }));
        let mut file = std::io::Cursor::new(vec![]);
        image::DynamicImage::ImageRgba8(seen).to_rgb8().write_to(&mut file, ImageFormat::Jpeg).unwrap();
        let word = |n: u16| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let long = |n: u32| if little { n.to_le_bytes() } else { n.to_be_bytes() };
        let mut block = b"Exif\0\0".to_vec();
        block.extend(if little { b"II*\0" } else { b"MM\0*" });
        block.extend(long(8));
        block.extend(word(1));
        block.extend([word(ORIENTATION), word(SHORT)].concat());
        block.extend(long(1));
        block.extend([word(orientation), word(0)].concat());
        let length = u16::try_from(block.len() + 2).unwrap().to_be_bytes();
        let file = file.into_inner();
        [&file[..2], &[0xff, 0xe1], &length, &block, &file[2..]].concat()
    }

    #[test]
    fn a_photograph_stands_upright() {
        for little in [true, false] {
            for (orientation, sides) in [(1, (20, 60)), (3, (20, 60)), (6, (60, 20)), (8, (60, 20))] {
                let picture = super::super::Picture::decode(&photograph(orientation, little)).unwrap();
                assert_eq!((picture.width(), picture.height()), sides, "orientation {orientation}");
            }
        }
        // What was at the top is on the right once it is turned clockwise.
        let file = photograph(6, true);
        let seen = image::load_from_memory(&file).unwrap().to_rgba8();
        let turned = upright(&file, seen);
        assert!(turned.get_pixel(55, 10)[0] < 60 && turned.get_pixel(5, 10)[0] > 200);
    }

    proptest! {
        #[test]
        fn no_block_breaks_the_reading(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            let file = [b"\xff\xd8\xff\xe1\0\x7fExif\0\0II*\0".as_slice(), &noise].concat();
            let _read = (exif(&file).and_then(orientation), orientation(&noise));
        }
    }
}
