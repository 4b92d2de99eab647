//! What a page sends when somebody signs: by a plain form, or as JSON by the script (now, or later without network).

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use poem::{IntoResponse, Response, http::StatusCode, web::Json};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::{
    attendance::{LateKind, Means, Outcome, Signed, Signing, Who, keep_picture},
    platform::{
        access::Ctx,
        calendar,
        error::{Error, Language, Result},
        lines,
    },
};

/// The heaviest drawing that a page sends, in bytes.
pub const PICTURE: usize = 60_000;
/// The longest name that is typed.
const NAME: usize = 120;

/// The words that a trainee agrees to.
pub const CONSENT: &str = "En signant, j’atteste avoir suivi cette demi-journée de formation. Mon nom, l’heure, mon \
                           appareil et son adresse sur le réseau sont gardés comme preuve.";
/// The words that a trainer agrees to.
pub const TRAINER_CONSENT: &str = "En signant, j’atteste avoir animé cette demi-journée de formation. Mon nom, l’heure, \
                                   mon appareil et son adresse sur le réseau sont gardés comme preuve.";
/// The words of a late statement.
pub const STATEMENT: &str = "Je déclare aujourd’hui, après la clôture, avoir suivi cette demi-journée de formation. Cette \
                             déclaration est datée de ce jour ; la coopérative décide si elle compte. Mon nom, l’heure, \
                             mon appareil et son adresse sur le réseau sont gardés comme preuve.";

/// One act of signing, as a page sends it.
#[derive(Debug, Clone, Deserialize)]
pub struct Submission {
    /// The half-day.
    #[serde(default)]
    pub slot: Option<Uuid>,
    /// Who signs, on a page that asks it: `stagiaire.ID`, `formation.ID`, `sur-place.ID`.
    #[serde(default)]
    pub who: String,
    /// The name that was typed.
    #[serde(default)]
    pub typed_name: String,
    /// The drawing: a `data:` address of a PNG.
    #[serde(default)]
    pub picture: String,
    /// Made by the page: sent twice, kept once.
    pub client_uuid: Uuid,
    /// The instant of the device.
    #[serde(default)]
    pub device_at: String,
    /// A random name that the device keeps.
    #[serde(default)]
    pub device: String,
    /// Whether it was signed without network.
    #[serde(default)]
    pub offline: bool,
    /// The ticket that was given online, needed offline.
    #[serde(default)]
    pub ticket: String,
    /// Whether it is a late statement.
    #[serde(default)]
    pub statement: bool,
}

impl Submission {
    /// Who signs, on a page that asks it.
    pub fn who(&self) -> Result<Who> {
        let nobody = || Error::invalid("/who", "required", "Dites d’abord qui signe.", "Say first who signs.");
        let (kind, id) = self.who.split_once('.').ok_or_else(nobody)?;
        let id = id.parse().map_err(|_| nobody())?;
        match kind {
            "stagiaire" => Ok(Who::Trainee(id)),
            "formation" => Ok(Who::Trainer(id)),
            "sur-place" => Ok(Who::WalkIn(id)),
            _ => Err(nobody()),
        }
    }

    /// The half-day, on a page of several.
    pub fn slot(&self) -> Result<Uuid> {
        self.slot.ok_or(Error::Missing("session_slot"))
    }

    /// The act, its drawing checked and kept before any transaction begins.
    pub async fn signing(self, ctx: &Ctx, activity: Uuid, slot: Uuid, who: Who, means: Means) -> Result<Signing> {
        let Self {
            slot: _,
            who: _,
            typed_name,
            picture,
            client_uuid,
            device_at,
            device,
            offline,
            ticket: _,
            statement,
        } = self;
        let picture = match decoded(&picture)? {
            Some(png) => Some(keep_picture(ctx.app(), activity, png).await?),
            None => None,
        };
        let typed_name = lines::typed(&typed_name, NAME);
        let client = ctx.client();
        let consent = match who {
            _ if statement => STATEMENT,
            Who::Trainer(_) => TRAINER_CONSENT,
            Who::Trainee(_) | Who::WalkIn(_) => CONSENT,
        };
        Ok(Signing {
            slot,
            who,
            means,
            picture,
            typed_name: (!typed_name.is_empty()).then_some(typed_name),
            consent: consent.to_owned(),
            client_uuid,
            // A clock that says nothing readable is no reason to refuse a signature.
            device_at: device_at.parse::<DateTime<Utc>>().ok(),
            ip: client.address.map(|address| address.to_string()),
            user_agent: client.agent.clone(),
            device: Some(device).filter(|device| !device.is_empty() && device.len() <= 64),
            offline,
            paper_reference: None,
        })
    }
}

/// The bytes of a drawing; none when nothing was drawn.
fn decoded(picture: &str) -> Result<Option<Vec<u8>>> {
    if picture.is_empty() {
        return Ok(None);
    }
    let unreadable = || {
        Error::invalid(
            "/picture",
            "signing.picture",
            "Cette signature n’est pas une image lisible : dessinez-la de nouveau, ou écrivez votre nom.",
            "This signature is not a readable picture: draw it again, or type your name.",
        )
    };
    let text = picture.strip_prefix("data:image/png;base64,").ok_or_else(unreadable)?;
    if text.len() > PICTURE / 3 * 4 + 4 {
        return Err(Error::invalid(
            "/picture",
            "signing.picture_too_large",
            "Cette signature est une image trop lourde : dessinez-la de nouveau, ou écrivez votre nom.",
            "This signature is too heavy a picture: draw it again, or type your name.",
        ));
    }
    STANDARD.decode(text).map(Some).map_err(|_| unreadable())
}

/// What became of it, for people.
pub fn said(signed: &Signed) -> String {
    let at = calendar::moment(signed.at);
    match signed.outcome {
        Outcome::Marked => format!("Signature enregistrée le {at}."),
        Outcome::WalkedIn => format!("Signature enregistrée le {at}. Elle comptera une fois l’inscription rattachée."),
        Outcome::Waits(LateKind::Late) => {
            format!("Signature tardive reçue le {at}. La formatrice ou le formateur décidera si elle compte.")
        }
        Outcome::Waits(LateKind::Conflict) => {
            format!("Signature reçue le {at}. Une absence avait été notée : la formatrice ou le formateur décidera.")
        }
        Outcome::Waits(LateKind::Statement) => {
            format!("Déclaration tardive reçue le {at}. La coopérative décidera si elle compte.")
        }
    }
}

/// The answer to a script.
pub fn answer(result: Result<Signed>) -> Result<Response> {
    match result {
        Ok(signed) => Ok(Json(json!({
            "said": said(&signed), "repeated": signed.repeated, "digest": signed.digest,
            "waits": matches!(signed.outcome, Outcome::Waits(_)),
        }))
        .into_response()),
        Err(error) => refusal(error),
    }
}

/// A refusal, for a script to show; what is ours to mend goes the way of all errors.
pub fn refusal(error: Error) -> Result<Response> {
    let problem = error.problem(Language::French);
    let status = StatusCode::from_u16(problem.status).map_err(Error::internal)?;
    if status.is_server_error() {
        return Err(error);
    }
    let said = match &error {
        Error::Missing(_) => "Ce lien n’ouvre rien : il a expiré, ou un plus récent l’a remplacé.".to_owned(),
        _ => problem.errors.first().map_or(problem.detail, |fault| fault.detail.clone()),
    };
    Ok(Json(json!({ "said": said, "code": problem.code })).with_status(status).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_a_light_png_or_nothing() {
        assert_eq!(decoded("").unwrap(), None);
        assert_eq!(decoded("data:image/png;base64,aGk=").unwrap(), Some(b"hi".to_vec()));
        for wrong in ["aGk=", "data:image/svg+xml;base64,aGk=", "data:image/png;base64,*"] {
            assert!(decoded(wrong).is_err(), "{wrong}");
        }
        let heavy = format!("data:image/png;base64,{}", "A".repeat(PICTURE / 3 * 4 + 8));
        assert!(decoded(&heavy).is_err_and(|error| error.to_string().contains("trop lourde")));
    }
}
