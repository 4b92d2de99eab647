//! Logos and signatures: decoded within limits, compressed once, shared by all the places that show them.

use std::{
    collections::VecDeque,
    io::Cursor,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use image::{ImageFormat, io::Reader};
use sha2::{Digest, Sha256};

use super::{
    packing::{Detail, Packed, pack},
    upright::upright,
};
use crate::platform::heavy::long;

/// Heaviest file taken, in bytes.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Longest side taken, in pixels.
const LONGEST_SIDE: u32 = 4000;
/// Most pixels that somebody may bring: no page prints more of a logo or a signature.
const MOST_PIXELS: u64 = 1_000_000;
/// Bits of a channel that somebody may bring.
const MOST_DEPTH: u8 = 8;
/// Most memory that decoding may ask for: a small file can unpack into gigabytes.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;
/// Longest side kept: a page is not printed finer.
const KEPT_SIDE: u32 = 1200;
/// Bytes of pictures that are remembered, and digests of those that were met once.
const REMEMBERED: usize = 16 * 1024 * 1024;
const MET: usize = 512;

const PIXELS_PER_MODULE: usize = 4;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("l’image dépasse 2 Mo")]
    TooHeavy,
    #[error("l’image dépasse 4 000 pixels de côté")]
    TooLarge,
    #[error("l’image dépasse un million de pixels")]
    TooMany,
    #[error("l’image a plus de 8 bits par couleur")]
    TooDeep,
    #[error("l’image n’est ni un PNG ni un JPEG lisible")]
    Unreadable,
}

/// A picture; a clone shares the pixels.
#[derive(Clone, Debug)]
pub struct Picture(Arc<Pixels>);

#[derive(Debug)]
struct Pixels {
    samples: Samples,
    digest: [u8; 32],
    packed: [OnceLock<Packed>; 3],
}

/// Four bytes for each pixel, row by row.
#[derive(Clone, Debug)]
pub struct Samples {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Picture {
    /// Looks at what somebody brings, by its header alone: a file of some kilobytes can unpack into many megabytes.
    pub fn look(file: &[u8]) -> Result<(), PictureError> {
        if file.len() > MOST_BYTES {
            return Err(PictureError::TooHeavy);
        }
        let (width, height) = sides(file)?;
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(PictureError::TooMany);
        }
        // A PNG says its depth after its sides, in the chunk that comes first.
        if file.starts_with(b"\x89PNG") && file.get(24).is_some_and(|depth| *depth > MOST_DEPTH) {
            return Err(PictureError::TooDeep);
        }
        Ok(())
    }

    /// Reads what somebody brings, once its header was looked at.
    pub fn take(file: &[u8]) -> Result<Self, PictureError> {
        Self::look(file)?;
        Self::decode(file)
    }

    /// Reads a PNG or a JPEG file that was taken, refusing what is too heavy, too large or damaged.
    ///
    /// A logo stands on every paper: what was read twice is remembered, so that it is not decoded for each of them.
    pub fn decode(file: &[u8]) -> Result<Self, PictureError> {
        long("decoding a picture");
        if file.len() > MOST_BYTES {
            return Err(PictureError::TooHeavy);
        }
        let digest: [u8; 32] = Sha256::digest(file).into();
        if let Some(known) = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).recall(digest) {
            return Ok(known);
        }
        let picture = Self::of(samples(file)?, digest);
        MEMORY.lock().unwrap_or_else(PoisonError::into_inner).keep(&picture);
        Ok(picture)
    }

    /// A picture from its samples, four bytes per pixel; `None` when their number is not right.
    pub fn from_rgba(width: u32, height: u32, rgba: Vec<u8>) -> Option<Self> {
        let expected = u64::from(width) * u64::from(height) * 4;
        if expected == 0 || rgba.len() as u64 != expected {
            return None;
        }
        let mut hash = Sha256::new();
        hash.update(width.to_be_bytes());
        hash.update(&rgba);
        Some(Self::of(Samples { width, height, rgba }, hash.finalize().into()))
    }

    fn of(samples: Samples, digest: [u8; 32]) -> Self {
        Self(Arc::new(Pixels { samples, digest, packed: [const { OnceLock::new() }; 3] }))
    }

    /// The QR code of an address; `None` when it is too long for one.
    ///
    /// Viewers smooth enlarged pictures, so each module is a square of pixels and keeps sharp edges.
    pub(super) fn qr(address: &str) -> Option<Self> {
        let code = qrcode::QrCode::with_error_correction_level(address, qrcode::EcLevel::M).ok()?;
        let (modules, side) = (code.to_colors(), code.width() * PIXELS_PER_MODULE);
        let module = |x: usize, y: usize| modules[y / PIXELS_PER_MODULE * code.width() + x / PIXELS_PER_MODULE];
        let rgba =
            (0..side * side).flat_map(|at| module(at % side, at / side).select([0, 0, 0, 255], [255; 4])).collect();
        Self::from_rgba(side as u32, side as u32, rgba)
    }

    pub fn width(&self) -> u32 {
        self.0.samples.width
    }

    pub fn height(&self) -> u32 {
        self.0.samples.height
    }

    /// How many pixels are dark enough to be seen on white: a drawing without ink is no signature.
    pub fn ink(&self) -> usize {
        let dark = |p: &[u8]| p[3] > 64 && p[..3].iter().map(|sample| u32::from(*sample)).sum::<u32>() < 3 * 160;
        self.0.samples.rgba.chunks_exact(4).filter(|p| dark(p)).count()
    }

    /// Height over width.
    pub(super) fn ratio(&self) -> f32 {
        self.height() as f32 / self.width() as f32
    }

    /// Compressed at the first use, kept for the next ones.
    pub(super) fn packed(&self, detail: Detail) -> &Packed {
        self.0.packed[detail as usize].get_or_init(|| pack(&self.0.samples, detail))
    }
}

impl Samples {
    /// The same picture, no larger than a box; its ratio is kept.
    pub fn within(&self, (width, height): (u32, u32)) -> Self {
        if self.width <= width && self.height <= height {
            return self.clone();
        }
        let wide = u64::from(self.width) * u64::from(height) > u64::from(self.height) * u64::from(width);
        let side = |one: u32, other: u32, room: u32| ((one * room + other / 2) / other).max(1);
        let (width, height) = if wide {
            (width, side(self.height, self.width, width))
        } else {
            (side(self.width, self.height, height), height)
        };
        self.averaged(width, height)
    }

    /// Each pixel is the mean of those that it covers, weighted by their opacity.
    fn averaged(&self, width: u32, height: u32) -> Self {
        let span = |n: u32, from: u32, to: u32| {
            let first = u64::from(n) * u64::from(from) / u64::from(to);
            let last = (u64::from(n + 1) * u64::from(from)).div_ceil(u64::from(to));
            first as usize..(last as usize).min(from as usize)
        };
        let mut rgba = Vec::with_capacity((width * height * 4) as usize);
        for row in 0..height {
            for column in 0..width {
                let (mut sums, mut weight, mut count) = ([0_u64; 3], 0_u64, 0_u64);
                for y in span(row, self.height, height) {
                    let line = y * self.width as usize;
                    for x in span(column, self.width, width) {
                        let pixel = &self.rgba[(line + x) * 4..(line + x) * 4 + 4];
                        let opacity = u64::from(pixel[3]);
                        for (sum, channel) in sums.iter_mut().zip(pixel) {
                            *sum += u64::from(*channel) * opacity;
                        }
                        weight += opacity;
                        count += 1;
                    }
                }
                rgba.extend(sums.map(|sum| (sum + weight / 2).checked_div(weight).unwrap_or(255) as u8));
                rgba.push((weight / count.max(1)) as u8);
            }
        }
        Self { width, height, rgba }
    }
}

fn read(file: &[u8]) -> Result<Reader<Cursor<&[u8]>>, PictureError> {
    Reader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::Unreadable)
}

/// Width and height, as the header says.
fn sides(file: &[u8]) -> Result<(u32, u32), PictureError> {
    let reader = read(file)?;
    if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
        return Err(PictureError::Unreadable);
    }
    let (width, height) = reader.into_dimensions().map_err(|_| PictureError::Unreadable)?;
    if width > LONGEST_SIDE || height > LONGEST_SIDE {
        return Err(PictureError::TooLarge);
    }
    Ok((width, height))
}

fn samples(file: &[u8]) -> Result<Samples, PictureError> {
    let (width, height) = sides(file)?;
    let mut reader = read(file)?;
    let mut limits = image::io::Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let seen = reader.decode().map_err(|_| PictureError::Unreadable)?.into_rgba8();
    if seen.dimensions() != (width, height) {
        return Err(PictureError::Unreadable);
    }
    let seen = upright(file, seen);
    let ((width, height), rgba) = (seen.dimensions(), seen.into_raw());
    if width == 0 || height == 0 || rgba.len() as u64 != u64::from(width) * u64::from(height) * 4 {
        return Err(PictureError::Unreadable);
    }
    let whole = Samples { width, height, rgba };
    Ok(if width.max(height) > KEPT_SIDE { whole.within((KEPT_SIDE, KEPT_SIDE)) } else { whole })
}

/// Pictures that came more than once, so that signatures, which come once, do not drive the logos out.
///
/// It saves work and changes no result: a picture depends on its file alone.
struct Memory {
    met: VecDeque<[u8; 32]>,
    kept: VecDeque<Picture>,
}

static MEMORY: Mutex<Memory> = Mutex::new(Memory { met: VecDeque::new(), kept: VecDeque::new() });

impl Memory {
    fn recall(&mut self, digest: [u8; 32]) -> Option<Picture> {
        let at = self.kept.iter().position(|known| known.0.digest == digest)?;
        let picture = self.kept.remove(at)?;
        self.kept.push_back(picture.clone());
        Some(picture)
    }

    fn keep(&mut self, picture: &Picture) {
        let digest = picture.0.digest;
        if self.met.contains(&digest) {
            self.kept.push_back(picture.clone());
            while self.kept.iter().map(|known| known.0.samples.rgba.len()).sum::<usize>() > REMEMBERED {
                self.kept.pop_front();
            }
        } else {
            self.met.push_back(digest);
            while self.met.len() > MET {
                self.met.pop_front();
            }
        }
    }
}
