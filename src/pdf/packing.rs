//! Pictures as PDF streams: as small as the place where they are shown allows, compressed once.

use super::{deflate::deflate, picture::Samples};

/// How much of a picture is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Every pixel.
    Full = 0,
    /// What a logo or a signature box shows at 300 dots per inch.
    Small = 1,
    /// Ink on white in four shades, for the cells of an attendance sheet; other pictures are [`Detail::Small`] there.
    Sketch = 2,
}

const SMALL: (u32, u32) = (640, 240);
const SKETCH: (u32, u32) = (184, 62);
/// How far from the line between white and its ink a colour of a sketch may stray, of 255.
const STRAY: i32 = 56;

/// Compressed samples, ready for a PDF stream.
#[derive(Clone, Debug)]
pub struct Packed {
    pub width: u32,
    pub height: u32,
    /// Bits of each sample.
    pub depth: u8,
    pub colours: Colours,
    pub samples: Vec<u8>,
    /// Compressed samples of eight bits; absent when the picture is opaque.
    pub opacity: Option<Vec<u8>>,
    /// The first colour of the palette lets the ground through.
    pub first_is_clear: bool,
}

/// What a sample stands for.
#[derive(Clone, Debug)]
pub enum Colours {
    Grey,
    Rgb,
    /// Three bytes for each colour.
    Palette(Vec<u8>),
}

/// The samples of a picture, for what it is needed for.
pub fn pack(samples: &Samples, detail: Detail) -> Packed {
    match detail {
        Detail::Full => whole(samples),
        Detail::Small => whole(&samples.within(SMALL)),
        Detail::Sketch => sketch(samples).unwrap_or_else(|| whole(&samples.within(SMALL))),
    }
}

fn whole(picture: &Samples) -> Packed {
    let Samples { width, height, rgba } = picture;
    let pixels = || rgba.chunks_exact(4);
    let opaque = pixels().all(|p| p[3] == 255);
    let base = |depth, colours, samples: &[u8], opacity| Packed {
        width: *width,
        height: *height,
        depth,
        colours,
        samples: deflate(samples),
        opacity,
        first_is_clear: false,
    };
    let palette = if opaque { few_colours(picture) } else { None };
    if let Some(palette) = palette {
        let place = |p: &[u8]| palette.iter().position(|known| known[..] == p[..3]).unwrap_or_default() as u8;
        let depth = depth_for(palette.len());
        let samples = packed_rows(pixels().map(place), *width, depth);
        return base(depth, Colours::Palette(palette.concat()), &samples, None);
    }
    let opacity = (!opaque).then(|| deflate(&pixels().map(|p| p[3]).collect::<Vec<_>>()));
    if pixels().all(|p| p[0] == p[1] && p[1] == p[2]) {
        return base(8, Colours::Grey, &pixels().map(|p| p[0]).collect::<Vec<_>>(), opacity);
    }
    base(8, Colours::Rgb, &pixels().flat_map(|p| [p[0], p[1], p[2]]).collect::<Vec<_>>(), opacity)
}

/// The colours of a picture in the order in which they are met, when sixteen are enough.
fn few_colours(picture: &Samples) -> Option<Vec<[u8; 3]>> {
    let mut palette: Vec<[u8; 3]> = Vec::new();
    for pixel in picture.rgba.chunks_exact(4) {
        let colour = [pixel[0], pixel[1], pixel[2]];
        if palette.last() != Some(&colour) && !palette.contains(&colour) {
            if palette.len() == 16 {
                return None;
            }
            palette.push(colour);
        }
    }
    Some(palette)
}

fn depth_for(colours: usize) -> u8 {
    match colours {
        0..=2 => 1,
        3..=4 => 2,
        _ => 4,
    }
}

/// Samples of a few bits side by side; each row begins on a byte.
fn packed_rows(samples: impl Iterator<Item = u8>, width: u32, depth: u8) -> Vec<u8> {
    let (width, per_byte) = (width as usize, usize::from(8 / depth));
    let mut rows = Vec::new();
    for (n, sample) in samples.enumerate() {
        let column = n % width;
        if column % per_byte == 0 {
            rows.push(0);
        }
        if let Some(last) = rows.last_mut() {
            *last |= sample << (8 - usize::from(depth) * (column % per_byte + 1));
        }
    }
    rows
}

/// A drawing in one ink, as four shades of it on a clear ground; nothing when the picture is something else.
fn sketch(picture: &Samples) -> Option<Packed> {
    let small = picture.within(SKETCH);
    let on_white: Vec<[i32; 3]> = small
        .rgba
        .chunks_exact(4)
        .map(|p| [p[0], p[1], p[2]].map(|channel| 255 - (255 - i32::from(channel)) * i32::from(p[3]) / 255))
        .collect();
    let shade = |colour: &[i32; 3]| 255 - (colour[0] * 299 + colour[1] * 587 + colour[2] * 114) / 1000;
    let darkest = on_white.iter().map(shade).max().filter(|shade| *shade > 32)?;
    let inked: Vec<&[i32; 3]> = on_white.iter().filter(|colour| shade(colour) * 4 >= darkest * 3).collect();
    let count = inked.len() as i32;
    let ink = [0, 1, 2].map(|channel| inked.iter().map(|colour| colour[channel]).sum::<i32>() / count);
    let between = |part: i32, whole: i32| ink.map(|channel| 255 - (255 - channel) * part / whole);
    let strays = |colour: &&[i32; 3]| {
        let expected = between(shade(colour), shade(&ink).max(1));
        (0..3).any(|channel| (expected[channel] - colour[channel]).abs() > STRAY)
    };
    // A photograph or a coloured stamp is no sketch.
    if on_white.iter().filter(strays).count() * 50 > on_white.len() {
        return None;
    }
    let level = |colour: &[i32; 3]| ((shade(colour) * 3 + shade(&ink) / 2) / shade(&ink).max(1)).clamp(0, 3) as u8;
    let palette = (0..4).flat_map(|part| between(part, 3)).map(|channel| channel.clamp(0, 255) as u8).collect();
    let samples = packed_rows(on_white.iter().map(level), small.width, 2);
    Some(Packed {
        width: small.width,
        height: small.height,
        depth: 2,
        colours: Colours::Palette(palette),
        samples: deflate(&samples),
        opacity: None,
        first_is_clear: true,
    })
}
