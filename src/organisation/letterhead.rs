//! The letterhead (papier à en-tête): the colour, logo and lines of the cooperative's papers, or of an activity's.

use std::borrow::Cow;

use entity::{
    organisation::{ActiveModel, Entity, Model},
    stored_file,
};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::{
    events::Event,
    fact::common,
    settings::{ROW, settings},
};
use crate::{
    pdf::{self, Picture},
    platform::{
        access::Ctx,
        answer::Versioned,
        contract::Patch,
        error::{Error, Result},
    },
};

/// What dresses papers.
#[derive(Debug, Clone, Default, Object, Validate)]
pub struct NewLetterhead {
    /// Accent colour of titles and rules, `#rrggbb`: dark enough to be read on white.
    #[oai(validator(pattern = "^#[0-9a-fA-F]{6}$"))]
    #[validate(custom(function = readable))]
    pub accent: Option<String>,
    /// The logo: a PNG or JPEG file brought under `/v1/files` with the purpose `logo`, of the same owner.
    pub logo_id: Option<Uuid>,
    /// One more line above the text, below the name.
    #[oai(validator(min_length = 1, max_length = 120))]
    #[validate(custom(function = printable))]
    pub header_line: Option<String>,
    /// One more line at the foot of each page, above the legal lines.
    #[oai(validator(min_length = 1, max_length = 160))]
    #[validate(custom(function = printable))]
    pub footer_line: Option<String>,
}

/// A letterhead, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct LetterheadOut {
    /// Counts the changes of its owner; it is the ETag.
    pub version: i64,
    /// What was written.
    #[oai(flatten)]
    pub letterhead: NewLetterhead,
}

impl Versioned for LetterheadOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Model> for LetterheadOut {
    fn from(row: Model) -> Self {
        Self { version: row.version, letterhead: written(row) }
    }
}

fn written(row: Model) -> NewLetterhead {
    NewLetterhead {
        accent: row.accent,
        logo_id: row.logo_id,
        header_line: row.header_line,
        footer_line: row.footer_line,
    }
}

/// Change the cooperative's letterhead: what is absent stays, what is null goes.
pub(super) async fn change(ctx: &mut Ctx, patch: &Patch<NewLetterhead>) -> Result<Model> {
    common(ctx)?;
    let asked = patch.apply(&written(settings(&ctx.scope()).await?))?;
    if patch.names("logo_id") {
        logo(ctx, asked.logo_id, None, "/logo_id").await?;
    }
    let mut tx = ctx.begin().await?;
    let row = tx.edit::<Entity>(ROW).await?;
    let NewLetterhead { accent, logo_id, header_line, footer_line } = patch.apply(&written(row.clone()))?;
    let row = tx
        .act(None, Event::LetterheadChanged { organisation: ROW }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.accent = Set(accent);
            edit.logo_id = Set(logo_id);
            edit.header_line = Set(header_line);
            edit.footer_line = Set(footer_line);
        })
        .await?;
    tx.commit().await?;
    Ok(row)
}

/// A logo can be printed: the file is within reach, of this owner, and a picture within limits. Decoding is heavy, so it
/// is done before a unit of work begins.
pub async fn logo(ctx: &Ctx, file: Option<Uuid>, owner: Option<Uuid>, pointer: &str) -> Result<()> {
    let Some(id) = file else { return Ok(()) };
    let file = ctx.scope().get::<stored_file::Entity>(id).await?;
    if file.activity_id != owner {
        return Err(match owner {
            Some(_) => Error::Missing("stored_file"),
            None => Error::invalid(
                pointer,
                "file.not_common",
                "Ce fichier appartient à une activité : déposez-le sans « activity_id », pour que tous les documents le portent.",
                "This file belongs to an activity: upload it without “activity_id”, so that all papers may bear it.",
            ),
        });
    }
    if file.purpose != "logo" {
        return Err(Error::invalid(
            pointer,
            "logo.purpose",
            "Ce fichier n’a pas été déposé comme un logo : déposez-le à nouveau avec l’usage « logo ».",
            "This file was not brought as a logo: upload it again with the purpose “logo”.",
        ));
    }
    let bytes = ctx.app().blobs.get(file.activity_id, &file.sha256).await?;
    let decoded = ctx.app().heavy(move || Picture::take(&bytes)).await?;
    decoded.map(drop).map_err(|error| {
        let (fr, en) = match error {
            pdf::PictureError::TooHeavy => ("l’image dépasse 2 Mo", "the picture is larger than 2 MB"),
            pdf::PictureError::TooLarge => {
                ("l’image dépasse 4 000 pixels de côté", "a side of the picture is longer than 4,000 pixels")
            }
            pdf::PictureError::TooMany => (
                "l’image dépasse un million de pixels (1 000 sur 1 000) : réduisez-la",
                "the picture is over a million pixels (1,000 by 1,000): make it smaller",
            ),
            pdf::PictureError::TooDeep => (
                "l’image a plus de 8 bits par couleur : enregistrez-la en 8 bits",
                "the picture has more than 8 bits a channel: save it with 8",
            ),
            pdf::PictureError::Unreadable => {
                ("ce n’est ni un PNG ni un JPEG lisible", "this is neither a readable PNG nor a readable JPEG")
            }
        };
        Error::invalid(
            pointer,
            "logo.picture",
            format!("Ce logo ne peut pas être imprimé : {fr}."),
            format!("This logo cannot be printed: {en}."),
        )
    })
}

/// Every character can be printed.
fn printable(text: &str) -> Result<(), ValidationError> {
    pdf::supports(text).map_err(|unknown| {
        fault(
            "unprintable",
            format!("Le caractère « {unknown} » ne s’imprime pas : remplacez-le."),
            &format!("The character “{unknown}” cannot be printed: replace it."),
        )
    })
}

/// An accent colour is dark enough to be read on white paper.
pub fn readable(colour: &str) -> Result<(), ValidationError> {
    // What is not a colour is told by the pattern.
    if contrast(colour).is_none_or(|ratio| ratio >= LEAST_CONTRAST) {
        return Ok(());
    }
    Err(fault(
        "colour.too_light",
        "Cette couleur est trop claire pour être lue sur du papier blanc : choisissez-en une plus foncée.".into(),
        "This colour is too light to be read on white paper: choose a darker one.",
    ))
}

/// What WCAG 2 asks of large text (criterion 1.4.3).
const LEAST_CONTRAST: f64 = 3.0;

/// Contrast with white, from 1 to 21 (WCAG 2).
fn contrast(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#')?;
    let linear = |at: usize| {
        let channel = f64::from(u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?) / 255.0;
        Some(if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) })
    };
    let luminance = 0.2126 * linear(0)? + 0.7152 * linear(2)? + 0.0722 * linear(4)?;
    Some(1.05 / (luminance + 0.05))
}

fn fault(code: &'static str, fr: String, en: &str) -> ValidationError {
    let mut error = ValidationError::new(code).with_message(Cow::Owned(fr));
    error.add_param(Cow::Borrowed("en"), &en);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accent_is_read_on_white() {
        for dark in ["#185c4d", "#000000", "#b00020", "#2f6f4f", "not a colour"] {
            assert!(readable(dark).is_ok(), "{dark}");
        }
        for light in ["#ffffff", "#FFE000", "#a0d0c0"] {
            assert_eq!(readable(light).unwrap_err().code, "colour.too_light", "{light}");
        }
    }

    #[test]
    fn a_line_is_made_of_characters_that_print() {
        assert!(printable("Formations – « numérique éthique », 100 % libre").is_ok());
        let refused = printable("Bonjour 🌳").unwrap_err();
        assert!(refused.message.unwrap().contains('🌳'));
    }
}
