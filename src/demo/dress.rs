//! How the papers of the story are dressed: two logos that are drawn here, a line at the foot, a clause, a welcome.

use std::io::Cursor;

use image::{ImageFormat, Rgba, RgbaImage};
use serde_json::json;

use super::player::{Player, id};
use crate::platform::error::{Error, Result};

const GREEN: [u8; 3] = [47, 107, 79];
const BLUE: [u8; 3] = [38, 70, 120];

/// Dress the papers of the cooperative and of its activity.
pub async fn dress(administrator: &Player, activity: &str) -> Result<()> {
    let common = [("purpose", "logo")];
    let logo = administrator.upload("/v1/files", &common, "ateliers.png", &bars(BLUE)?).await?;
    let letterhead =
        json!({ "logo_id": id(&logo), "footer_line": "Membre du réseau des coopératives d’activité de l’Ouest" });
    administrator.patch("/v1/organisation/letterhead", letterhead).await?;
    let own = [("purpose", "logo"), ("activity_id", activity)];
    let logo = administrator.upload("/v1/files", &own, "clairiere.png", &rings(GREEN)?).await?;
    let letterhead =
        json!({ "logo_id": id(&logo), "header_line": "Des outils numériques éthiques pour les associations" });
    administrator.patch(&format!("/v1/activities/{activity}/letterhead"), letterhead).await?;
    for (kind, place, body) in [
        ("agreement", "clauses", CONFIDENTIALITY),
        ("convocation", "introduction", WELCOME),
        ("quote", "closing", "Ce devis a été préparé par {{ brand.name }} ; une question ? Écrivez-nous."),
    ] {
        administrator.post("/v1/paper-texts", json!({ "kind": kind, "place": place, "body": body })).await?;
    }
    Ok(())
}

const CONFIDENTIALITY: &str = "Ce que {{ client.name }} confie pour préparer et suivre la formation ne sert qu’à elle :\n\
    - les accès ouverts pour les exercices sont refermés à la fin ;\n\
    - les exemples tirés de son activité ne sont réutilisés qu’avec son accord.";

const WELCOME: &str = "Nous nous réjouissons de vous accueillir {{ training.first_day | long_date }}. L’accueil ouvre un quart d’heure avant le début, autour d’un café.";

/// Three bars that rise.
fn bars(colour: [u8; 3]) -> Result<Vec<u8>> {
    drawn(420, 140, colour, |x, y| x % 140 < 100 && y >= 100 - (x / 140) * 50)
}

/// Two rings, one in the other.
fn rings(colour: [u8; 3]) -> Result<Vec<u8>> {
    drawn(240, 240, colour, |x, y| {
        let from_centre = (x.abs_diff(120).pow(2) + y.abs_diff(120).pow(2)).isqrt();
        from_centre <= 45 || (70..=115).contains(&from_centre)
    })
}

/// A PNG in one colour, transparent where nothing is drawn.
fn drawn(width: u32, height: u32, [red, green, blue]: [u8; 3], inside: impl Fn(u32, u32) -> bool) -> Result<Vec<u8>> {
    let picture =
        RgbaImage::from_fn(width, height, |x, y| Rgba([red, green, blue, if inside(x, y) { 255 } else { 0 }]));
    let mut file = Cursor::new(vec![]);
    picture.write_to(&mut file, ImageFormat::Png).map_err(Error::internal)?;
    Ok(file.into_inner())
}
