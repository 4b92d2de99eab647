//! Drawn signatures: kept by their hash before the transaction that names them. What is empty, huge or no picture is
//! refused.

use std::io::Cursor;

use image::{ImageFormat, io::Reader};
use uuid::Uuid;

use crate::platform::{
    app::App,
    error::{Error, Result},
};

/// Heaviest drawing taken, in bytes.
const MOST_BYTES: usize = 256 * 1024;
/// Longest side taken, in pixels.
const LONGEST_SIDE: u32 = 2400;
/// A drawing has at least so many inked pixels: less is a slip of the finger.
const LEAST_INK: usize = 40;

/// Keep a drawn signature (PNG); answers its hash, which the act of signing names.
pub async fn keep_picture(app: &App, activity: Uuid, png: Vec<u8>) -> Result<String> {
    let png = tokio::task::spawn_blocking(move || checked(png)).await.map_err(Error::internal)??;
    app.blobs.put(Some(activity), png).await
}

fn refused(code: &'static str, fr: &'static str, en: &'static str) -> Error {
    Error::invalid("/picture", code, fr, en)
}

fn checked(png: Vec<u8>) -> Result<Vec<u8>> {
    let unreadable = || {
        refused(
            "attendance.picture_unreadable",
            "Cette signature n’est pas une image PNG lisible : dessinez-la de nouveau.",
            "This signature is not a readable PNG picture: draw it again.",
        )
    };
    let huge = || {
        refused(
            "attendance.picture_too_large",
            "Cette image est trop grande pour une signature : 256 Kio et 2 400 pixels de côté au plus.",
            "This picture is too large for a signature: 256 KiB and 2,400 pixels a side at most.",
        )
    };
    if png.len() > MOST_BYTES {
        return Err(huge());
    }
    let size = Reader::with_format(Cursor::new(&png), ImageFormat::Png).into_dimensions().map_err(|_| unreadable())?;
    if size.0.max(size.1) > LONGEST_SIDE {
        return Err(huge());
    }
    let drawn = Reader::with_format(Cursor::new(&png), ImageFormat::Png).decode().map_err(|_| unreadable())?.to_rgba8();
    let inked = |pixel: &image::Rgba<u8>| {
        let [red, green, blue, opacity] = pixel.0;
        let light = u32::from(red) * 3 + u32::from(green) * 6 + u32::from(blue);
        opacity > 48 && light < 2000
    };
    if drawn.pixels().filter(|pixel| inked(pixel)).count() < LEAST_INK {
        return Err(refused(
            "attendance.picture_empty",
            "Rien n’est dessiné : signez dans le cadre, ou écrivez votre nom.",
            "Nothing is drawn: sign in the frame, or type your name.",
        ));
    }
    Ok(png)
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Rgba};

    use super::*;

    fn png(width: u32, height: u32, ink: u32) -> Vec<u8> {
        let pixels = ImageBuffer::from_fn(width, height, |x, y| {
            if y == height / 2 && x < ink { Rgba([10_u8, 10, 60, 255]) } else { Rgba([255, 255, 255, 0]) }
        });
        let mut out = Cursor::new(vec![]);
        pixels.write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    fn code(bytes: Vec<u8>) -> String {
        match checked(bytes) {
            Ok(_) => String::new(),
            Err(Error::Invalid(faults)) => faults[0].code.to_string(),
            Err(other) => other.code().into_owned(),
        }
    }

    #[test]
    fn only_a_drawing_is_a_signature() {
        assert_eq!(code(png(300, 120, 200)), "");
        assert_eq!(code(png(300, 120, 0)), "attendance.picture_empty");
        assert_eq!(code(png(3000, 20, 200)), "attendance.picture_too_large");
        assert_eq!(code(b"<svg onload='x()'/>".to_vec()), "attendance.picture_unreadable");
        assert_eq!(code(vec![]), "attendance.picture_unreadable");
        assert_eq!(code(vec![0; MOST_BYTES + 1]), "attendance.picture_too_large");
    }
}
