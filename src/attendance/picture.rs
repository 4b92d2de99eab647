//! Drawn signatures: kept by their hash before the transaction that names them. What is empty, huge or no picture is
//! refused.

use std::io::Cursor;

use image::{ImageFormat, io::Reader};
use uuid::Uuid;

use crate::{
    pdf::{Picture, PictureError},
    platform::{
        app::App,
        error::{Error, Result},
        heavy::long,
    },
};

/// Heaviest drawing taken, in bytes.
const MOST_BYTES: usize = 256 * 1024;
/// Longest side taken, in pixels.
const LONGEST_SIDE: u32 = 2400;
/// A drawing has at least so many inked pixels: less is a slip of the finger.
const LEAST_INK: usize = 40;
/// Where more of a drawing is ink, in percent, it is a pad that gives its background as black.
const MOST_INK: usize = 60;

/// Keep a drawn signature (PNG); answers its hash, which the act of signing names.
pub async fn keep_picture(app: &App, activity: Uuid, png: Vec<u8>) -> Result<String> {
    let png = app.heavy(move || checked(png)).await??;
    app.blobs.put(Some(activity), png).await
}

fn refused(code: &'static str, fr: &'static str, en: &'static str) -> Error {
    Error::invalid("/picture", code, fr, en)
}

fn checked(png: Vec<u8>) -> Result<Vec<u8>> {
    long("decoding a signature");
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
            "Cette image est trop grande pour une signature : 256 Kio, 2 400 pixels de côté et un million de pixels en tout, au plus.",
            "This picture is too large for a signature: 256 KiB, 2,400 pixels a side and a million pixels in all, at most.",
        )
    };
    if png.len() > MOST_BYTES {
        return Err(huge());
    }
    let size = Reader::with_format(Cursor::new(&png), ImageFormat::Png).into_dimensions().map_err(|_| unreadable())?;
    if size.0.max(size.1) > LONGEST_SIDE {
        return Err(huge());
    }
    // The header is looked at before anything is unpacked.
    match Picture::look(&png) {
        Ok(()) => {}
        Err(PictureError::TooHeavy | PictureError::TooLarge | PictureError::TooMany) => return Err(huge()),
        Err(PictureError::TooDeep) => {
            return Err(refused(
                "attendance.picture_too_deep",
                "Cette image a plus de 8 bits par couleur : enregistrez-la en 8 bits.",
                "This picture has more than 8 bits a channel: save it with 8.",
            ));
        }
        Err(PictureError::Unreadable) => return Err(unreadable()),
    }
    let drawn = Reader::with_format(Cursor::new(&png), ImageFormat::Png).decode().map_err(|_| unreadable())?.to_rgba8();
    let inked = |pixel: &image::Rgba<u8>| {
        let [red, green, blue, opacity] = pixel.0;
        let light = u32::from(red) * 3 + u32::from(green) * 6 + u32::from(blue);
        opacity > 48 && light < 2000
    };
    let ink = drawn.pixels().filter(|pixel| inked(pixel)).count();
    if ink > drawn.width() as usize * drawn.height() as usize * MOST_INK / 100 {
        return Err(refused(
            "attendance.picture_black",
            "Cette image est presque toute noire : signez à l’encre foncée sur un fond clair ou transparent.",
            "This picture is nearly all black: sign in dark ink on a light or transparent ground.",
        ));
    }
    if ink < LEAST_INK {
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
        assert_eq!(code(png(2000, 600, 200)), "attendance.picture_too_large", "over a million pixels");
        assert_eq!(code(b"<svg onload='x()'/>".to_vec()), "attendance.picture_unreadable");
        assert_eq!(code(vec![]), "attendance.picture_unreadable");
        assert_eq!(code(vec![0; MOST_BYTES + 1]), "attendance.picture_too_large");
    }

    #[test]
    fn a_pad_that_gives_black_is_no_signature() {
        let black = |white: u32| {
            let pixels = ImageBuffer::from_fn(600, 200, |x, y| {
                if y == 100 && x < white { Rgba([255_u8, 255, 255, 255]) } else { Rgba([0, 0, 0, 255]) }
            });
            let mut out = Cursor::new(vec![]);
            pixels.write_to(&mut out, ImageFormat::Png).unwrap();
            code(out.into_inner())
        };
        assert_eq!(black(0), "attendance.picture_black");
        assert_eq!(black(500), "attendance.picture_black", "white on black");
    }

    #[test]
    fn nothing_is_unpacked_before_its_header_was_looked_at() {
        // The header announces what no memory holds; nothing follows it.
        let mut announced = png(2300, 500, 200);
        announced.truncate(60);
        assert_eq!(code(announced), "attendance.picture_too_large");
        let deep = ImageBuffer::from_pixel(30, 30, Rgba([0_u16, 0, 0, 65535]));
        let mut out = Cursor::new(vec![]);
        image::DynamicImage::ImageRgba16(deep).write_to(&mut out, ImageFormat::Png).unwrap();
        assert_eq!(code(out.into_inner()), "attendance.picture_too_deep");
    }
}
