//! The page behind the code of a paper: what is known of it, and whether a file is the one that was handed out.
//!
//! A browser with script compares by itself and sends nothing; without script the file is sent, hashed as it arrives and
//! kept nowhere.

use std::time::Duration;

use poem::{
    Endpoint, EndpointExt, IntoResponse, Request, Response, get, handler,
    http::{StatusCode, header},
    web::{Data, Multipart, Query},
};
use poem_openapi::types::ToJSON;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{io::AsyncReadExt, sync::Semaphore, time::timeout};

use super::{
    FileRole, code,
    verification::{Standing, Verification, verify},
};
use crate::{
    pages::{Asset, Page, Reply, render},
    platform::{
        app::App,
        audit::hex,
        body::FILE_LIMIT,
        calendar,
        error::{Error, Result},
    },
};

/// Compares in the browser.
pub const SCRIPT: Asset =
    Asset { name: "verify.js", media_type: "text/javascript; charset=utf-8", content: include_str!("page/verify.js") };

/// Files that are hashed at the same time; whoever comes beyond is asked to come back.
static HANDS: Semaphore = Semaphore::const_new(4);
/// How long a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);

/// The page of a code, and the comparison for browsers without script.
pub fn page() -> impl Endpoint<Output = Response> {
    get(show).post(compare).map_to_response()
}

/// A code that was typed on the page.
#[derive(Deserialize)]
struct Typed {
    code: Option<String>,
}

#[handler]
async fn show(request: &Request, app: Data<&App>, typed: Query<Typed>) -> Result<Response> {
    let Some(code) = code_of(request).or(typed.0.code) else { return Ok(ask()?.into_response()) };
    let found = verify(&app, &code).await?;
    let accepts = request.header(header::ACCEPT).unwrap_or_default();
    if accepts.contains("application/json") && !accepts.contains("text/html") {
        return Ok(Response::builder().content_type("application/json").body(found.to_json_string()));
    }
    Ok(shown(&code, &found, None)?.into_response())
}

#[handler]
async fn compare(request: &Request, app: Data<&App>, form: Multipart) -> Result<Reply> {
    let code = code_of(request).unwrap_or_default();
    let found = verify(&app, &code).await?;
    if !found.genuine {
        return shown(&code, &found, None);
    }
    let _hand = HANDS.try_acquire().map_err(|_| Error::Unavailable("too many files are compared at once".into()))?;
    let hashed =
        timeout(PATIENCE, hash(form)).await.map_err(|_| Error::Unavailable("a file came too slowly".into()))?;
    match hashed? {
        Hashed::Nothing => shown(&code, &found, Some(Outcome::Nothing)),
        Hashed::TooLarge => Ok(shown(&code, &found, Some(Outcome::TooLarge))?.status(StatusCode::PAYLOAD_TOO_LARGE)),
        Hashed::File(sha256) => {
            let outcome = found.file(&sha256).map_or(Outcome::Different, |file| Outcome::Same(file.role));
            shown(&code, &found, Some(outcome))
        }
    }
}

fn code_of(request: &Request) -> Option<String> {
    request.path_params::<String>().ok()
}

/// What became of a file that was sent.
enum Hashed {
    Nothing,
    TooLarge,
    File(String),
}

/// The hash of the file of a form, taken piece by piece.
async fn hash(mut form: Multipart) -> Result<Hashed> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Error::invalid(
            "/file",
            "body.unreadable",
            format!("Le fichier n’a pas pu être lu : {error}."),
            error.to_string(),
        )
    };
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        if field.name() != Some("file") {
            continue;
        }
        let (mut reader, mut hash, mut size) = (Box::pin(field.into_async_read()), Sha256::new(), 0);
        let mut piece = vec![0; 64 * 1024];
        loop {
            let read = reader.read(&mut piece).await.map_err(|error| unreadable(&error))?;
            if read == 0 {
                break;
            }
            size += read;
            if size > FILE_LIMIT {
                return Ok(Hashed::TooLarge);
            }
            hash.update(&piece[..read]);
        }
        return Ok(if size == 0 { Hashed::Nothing } else { Hashed::File(hex(&hash.finalize())) });
    }
    Ok(Hashed::Nothing)
}

/// What a comparison says.
#[derive(Clone, Copy)]
enum Outcome {
    Same(FileRole),
    Different,
    Nothing,
    TooLarge,
}

impl Outcome {
    fn sentence(self) -> &'static str {
        match self {
            Self::Same(FileRole::Presented) => SAME_PRESENTED,
            Self::Same(FileRole::Signed) => SAME_SIGNED,
            Self::Same(FileRole::Sealed | FileRole::SealedSigned) => SAME_SEALED,
            Self::Different => DIFFERENT,
            Self::Nothing => "Choisissez d’abord un fichier.",
            Self::TooLarge => {
                "Ce fichier dépasse 20 Mio\u{a0}: il ne peut pas être comparé ici. Comparez son empreinte (SHA-256) avec celles ci-dessous."
            }
        }
    }

    fn well(self) -> bool {
        matches!(self, Self::Same(_))
    }
}

const SAME_PRESENTED: &str = "Ce fichier est bien celui qui a été émis, à l’identique.";
const SAME_SIGNED: &str = "Ce fichier est bien celui qui a été signé, à l’identique.";
const SAME_SEALED: &str = "Ce fichier est bien celui qui porte le cachet de l’organisme, à l’identique.";
const DIFFERENT: &str = "Ce fichier n’est pas celui qui a été émis sous ce code\u{a0}: il a été modifié, réenregistré ou \
                         numérisé depuis, ou c’est un autre document.";

/// The page that asks for a code.
fn ask() -> Result<Reply> {
    render(&Page::new("Vérifier un document", ""), include_str!("page/ask.html"), json!({}))
}

fn shown(typed: &str, found: &Verification, outcome: Option<Outcome>) -> Result<Reply> {
    let (title, sentence) = standing(found.standing);
    let role = |role: FileRole| match role {
        FileRole::Presented => ("tel qu’il a été émis", SAME_PRESENTED),
        FileRole::Signed => ("tel qu’il a été signé", SAME_SIGNED),
        FileRole::SealedSigned => ("tel qu’il a été signé, avec le cachet de l’organisme", SAME_SEALED),
        FileRole::Sealed => ("avec le cachet de l’organisme", SAME_SEALED),
    };
    let files: Vec<Value> = found
        .files
        .iter()
        .map(|file| {
            let (words, same) = role(file.role);
            json!({ "sha256": file.sha256, "words": words, "same": same })
        })
        .collect();
    let data = json!({
        "title": title,
        "sentence": sentence,
        "genuine": found.genuine,
        "well": found.standing == Standing::Current,
        "specimen": found.specimen.unwrap_or_default(),
        "code": code::printed(&code::typed(typed)),
        "kind": found.kind_name.as_deref().unwrap_or_default(),
        "reference": found.reference.as_deref().unwrap_or_default(),
        "organisation": found.organisation.as_deref().unwrap_or_default(),
        "issued_on": found.issued_on.map(calendar::date).unwrap_or_default(),
        "files": files,
        "outcome": outcome.map(Outcome::sentence).unwrap_or_default(),
        "outcome_well": outcome.is_some_and(Outcome::well),
        "different": DIFFERENT,
    });
    let mut page = Page::new(title, "");
    if found.genuine {
        page = page.script(SCRIPT);
    }
    render(&page, include_str!("page/verify.html"), data)
}

fn standing(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Current => (
            "Document authentique",
            "Ce document a été émis par l’organisme nommé ci-dessous et il est toujours valable.",
        ),
        Standing::Outdated => (
            "Document authentique, mais plus à jour",
            "Ce qu’il dit a pu changer depuis son émission. Demandez-en un nouveau à l’organisme qui l’a émis.",
        ),
        Standing::Replaced => (
            "Document authentique, mais remplacé",
            "Un document plus récent le remplace. Demandez-le à qui vous a remis celui-ci.",
        ),
        Standing::Revoked => (
            "Document authentique, mais annulé",
            "L’organisme qui l’a émis l’a annulé\u{a0}: il ne faut plus s’en servir.",
        ),
        Standing::Unknown => (
            "Code inconnu",
            "Aucun document ne porte ce code. Vérifiez chaque caractère\u{a0}; si c’est bien celui du document que vous \
             tenez, ce document n’a pas été émis ici.",
        ),
    }
}
