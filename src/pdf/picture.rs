//! Logos and signatures: decoded within limits, compressed once, shared by all the places that show them.

use std::io::{Cursor, Write};
use std::sync::{Arc, OnceLock};

use flate2::{Compression, write::ZlibEncoder};
use image::{ImageFormat, io::Reader};
use sha2::{Digest, Sha256};

/// Heaviest file taken, in bytes.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Longest side taken, in pixels.
const LONGEST_SIDE: u32 = 4000;
/// Most memory that decoding may ask for: a small file can unpack into gigabytes.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;

const PIXELS_PER_MODULE: usize = 4;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("l’image dépasse 2 Mo")]
    TooHeavy,
    #[error("l’image dépasse 4 000 pixels de côté")]
    TooLarge,
    #[error("l’image n’est ni un PNG ni un JPEG lisible")]
    Unreadable,
}

/// A picture; a clone shares the pixels.
#[derive(Clone, Debug)]
pub struct Picture(Arc<Pixels>);

#[derive(Debug)]
struct Pixels {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
    digest: [u8; 32],
    packed: OnceLock<Packed>,
}

/// Compressed samples, ready for a PDF stream.
#[derive(Clone, Debug)]
pub struct Packed {
    pub colours: Vec<u8>,
    /// One byte per pixel and no colour in it.
    pub grey: bool,
    /// Absent when the picture is opaque.
    pub opacity: Option<Vec<u8>>,
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Picture {
    /// Reads a PNG or a JPEG file, refusing what is too heavy, too large or damaged.
    pub fn decode(file: &[u8]) -> Result<Self, PictureError> {
        if file.len() > MOST_BYTES {
            return Err(PictureError::TooHeavy);
        }
        let read = || Reader::new(Cursor::new(file)).with_guessed_format().map_err(|_| PictureError::Unreadable);
        let reader = read()?;
        if !matches!(reader.format(), Some(ImageFormat::Png | ImageFormat::Jpeg)) {
            return Err(PictureError::Unreadable);
        }
        let (width, height) = reader.into_dimensions().map_err(|_| PictureError::Unreadable)?;
        if width > LONGEST_SIDE || height > LONGEST_SIDE {
            return Err(PictureError::TooLarge);
        }
        let mut reader = read()?;
        let mut limits = image::io::Limits::default();
        limits.max_image_width = Some(LONGEST_SIDE);
        limits.max_image_height = Some(LONGEST_SIDE);
        limits.max_alloc = Some(MOST_MEMORY);
        reader.limits(limits);
        let decoded = reader.decode().map_err(|_| PictureError::Unreadable)?.into_rgba8();
        Self::from_rgba(width, height, decoded.into_raw()).ok_or(PictureError::Unreadable)
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
        Some(Self(Arc::new(Pixels { width, height, rgba, digest: hash.finalize().into(), packed: OnceLock::new() })))
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
        self.0.width
    }

    pub fn height(&self) -> u32 {
        self.0.height
    }

    /// How many pixels are dark enough to be seen on white: a drawing without ink is no signature.
    pub fn ink(&self) -> usize {
        let dark = |p: &[u8]| p[3] > 64 && p[..3].iter().map(|sample| u32::from(*sample)).sum::<u32>() < 3 * 160;
        self.0.rgba.chunks_exact(4).filter(|p| dark(p)).count()
    }

    /// Height over width.
    pub(super) fn ratio(&self) -> f32 {
        self.height() as f32 / self.width() as f32
    }

    /// Compressed at the first use, kept for the next ones.
    pub(super) fn packed(&self) -> &Packed {
        self.0.packed.get_or_init(|| {
            let pixels = || self.0.rgba.chunks_exact(4);
            let grey = pixels().all(|p| p[0] == p[1] && p[1] == p[2]);
            let opaque = pixels().all(|p| p[3] == 255);
            let colours: Vec<u8> = if grey {
                pixels().map(|p| p[0]).collect()
            } else {
                pixels().flat_map(|p| [p[0], p[1], p[2]]).collect()
            };
            Packed {
                colours: deflate(&colours),
                grey,
                opacity: (!opaque).then(|| deflate(&pixels().map(|p| p[3]).collect::<Vec<_>>())),
            }
        })
    }
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory cannot fail")
}
