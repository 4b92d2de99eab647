//! A drawn signature: a small PNG with ink on it, kept by its hash before anything is written about it.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    pdf::{Picture, PictureError},
    platform::{
        app::App,
        error::{Error, Result},
        lines,
    },
};

/// Heaviest drawing taken, in bytes.
const MOST_BYTES: usize = 60_000;
/// Fewest pixels of ink: less is a dot, not a signature.
const LEAST_INK: usize = 60;

/// How somebody signed.
#[derive(Debug, Clone, Default)]
pub struct Manner {
    /// The drawing, as PNG.
    pub drawn: Option<Vec<u8>>,
    /// The name that was typed instead.
    pub typed: Option<String>,
}

impl Manner {
    /// From what a form or a body brings: a drawing (base64, with or without `data:image/png;base64,`), or a name.
    pub async fn read(app: &App, picture: Option<String>, typed: Option<String>) -> Result<Self> {
        app.heavy(move || Self::of(picture.as_deref(), typed.as_deref())).await?
    }

    fn of(picture: Option<&str>, typed: Option<&str>) -> Result<Self> {
        let said = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let name = typed.map(|typed| lines::typed(typed, 200)).filter(|name| !name.is_empty());
        match (said(picture), name) {
            (Some(picture), _) => Ok(Self { drawn: Some(drawing(&picture)?), typed: None }),
            (None, Some(typed)) => Ok(Self { drawn: None, typed: Some(typed) }),
            (None, None) => Err(Error::invalid(
                "/typed_name",
                "signature.nothing",
                "Dessinez votre signature ou tapez votre nom.",
                "Draw your signature or type your name.",
            )),
        }
    }
}

fn drawing(text: &str) -> Result<Vec<u8>> {
    let encoded = text.strip_prefix("data:image/png;base64,").unwrap_or(text);
    let fault = |code: &'static str, fr: &str, en: &str| Error::invalid("/picture", code, fr, en);
    if encoded.len() > MOST_BYTES / 3 * 4 + 4 {
        return Err(fault(
            "signature.picture_too_heavy",
            "Le dessin dépasse 60 ko : signez de nouveau, ou tapez votre nom.",
            "The drawing is over 60 kB: sign again, or type your name.",
        ));
    }
    let bytes = STANDARD.decode(encoded).ok();
    let picture = bytes.as_deref().filter(|bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n")).map(Picture::take);
    let (bytes, picture) = match (bytes, picture) {
        (Some(bytes), Some(Ok(picture))) => (bytes, picture),
        (_, Some(Err(PictureError::TooLarge | PictureError::TooMany))) => {
            return Err(fault(
                "signature.picture_too_large",
                "Le dessin dépasse 4 000 pixels de côté ou un million de pixels : signez de nouveau, ou tapez votre nom.",
                "The drawing is over 4,000 pixels a side or a million pixels: sign again, or type your name.",
            ));
        }
        (_, Some(Err(PictureError::TooDeep))) => {
            return Err(fault(
                "signature.picture_too_deep",
                "Le dessin a plus de 8 bits par couleur : signez de nouveau, ou tapez votre nom.",
                "The drawing has more than 8 bits a channel: sign again, or type your name.",
            ));
        }
        _ => {
            return Err(fault(
                "signature.picture_unreadable",
                "Le dessin n’est pas une image PNG lisible : signez de nouveau, ou tapez votre nom.",
                "The drawing is not a readable PNG picture: sign again, or type your name.",
            ));
        }
    };
    let (ink, area) = (picture.ink(), picture.width() as usize * picture.height() as usize);
    if ink < LEAST_INK || ink > area / 10 * 9 {
        return Err(fault(
            "signature.picture_empty",
            "Le dessin est vide : signez dans le cadre, ou tapez votre nom.",
            "The drawing is empty: sign in the frame, or type your name.",
        ));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbaImage};

    use super::*;

    fn png(width: u32, height: u32, ink: u32) -> String {
        let mut image = RgbaImage::new(width, height);
        for n in 0..ink {
            image.put_pixel(n % width, n / width, image::Rgba([0, 0, 0, 255]));
        }
        let mut bytes = std::io::Cursor::new(vec![]);
        image.write_to(&mut bytes, ImageFormat::Png).unwrap();
        format!("data:image/png;base64,{}", STANDARD.encode(bytes.into_inner()))
    }

    fn code(picture: &str) -> Option<String> {
        match Manner::of(Some(picture), None) {
            Ok(_) => None,
            Err(Error::Invalid(faults)) => Some(faults[0].code.to_string()),
            Err(other) => Some(other.code().into_owned()),
        }
    }

    #[test]
    fn a_drawing_is_a_small_picture_with_ink_on_it() {
        assert_eq!(code(&png(300, 100, 400)), None);
        assert_eq!(code(&png(300, 100, 0)).as_deref(), Some("signature.picture_empty"));
        assert_eq!(code(&png(300, 100, 30_000)).as_deref(), Some("signature.picture_empty"), "a black square");
        assert_eq!(code(&png(4_100, 10, 400)).as_deref(), Some("signature.picture_too_large"));
        assert_eq!(
            code(&png(2_000, 600, 400)).as_deref(),
            Some("signature.picture_too_large"),
            "over a million pixels"
        );
        assert_eq!(code("R0lGODlhAQABAAAAACw=").as_deref(), Some("signature.picture_unreadable"));
        assert_eq!(code("not base64 !").as_deref(), Some("signature.picture_unreadable"));
        assert_eq!(code(&"A".repeat(90_000)).as_deref(), Some("signature.picture_too_heavy"));
    }

    #[test]
    fn a_name_is_enough_and_nothing_is_not() {
        let typed = Manner::of(Some(" "), Some(" Agnès Petit ")).unwrap();
        assert_eq!((typed.drawn, typed.typed.as_deref()), (None, Some("Agnès Petit")));
        assert!(Manner::of(None, Some("  ")).is_err());
    }
}
