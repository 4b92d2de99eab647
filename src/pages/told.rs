//! What goes wrong on a page is told on a page: a sentence about what happened, another about what to do.

use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result as PoemResult, http::StatusCode};
use serde_json::json;

use super::{Page, Reply, render};
use crate::platform::{
    body::Arriving,
    error::{Error, Language},
};

/// Wraps the routes of pages.
pub struct Told;

impl<E: Endpoint> Middleware<E> for Told {
    type Output = Telling<E>;
    fn transform(&self, inner: E) -> Telling<E> {
        Telling { inner }
    }
}

/// See [`Told`].
pub struct Telling<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for Telling<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> PoemResult<Response> {
        let body = request.data::<Arriving>().cloned().unwrap_or_default();
        match self.inner.call(request).await.map_err(|failure| body.stopped().map_or(failure, poem::Error::from)) {
            Ok(answer) => Ok(answer.into_response()),
            Err(failure) => match told(&failure) {
                Some(reply) => Ok(reply.into_response()),
                // Ours to mend: the edge writes it in the log under the request's number.
                None => Err(failure),
            },
        }
    }
}

fn told(failure: &poem::Error) -> Option<Reply> {
    let (status, title, what, next) = match failure.downcast_ref::<Error>() {
        Some(Error::Internal(_)) => return None,
        Some(Error::Missing(_)) => UNKNOWN.clone(),
        Some(Error::Unavailable(_) | Error::Crowded) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Un instant",
            "Le service est momentanément indisponible.".to_owned(),
            "Réessayez dans une minute : rien n’est perdu.",
        ),
        Some(error) => {
            let problem = error.problem(Language::French);
            let what = problem.errors.first().map_or(problem.detail, |fault| fault.detail.clone());
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, "Cela n’a pas été enregistré", what, "Revenez à la page précédente pour corriger ou réessayer.")
        }
        None if failure.status() == StatusCode::NOT_FOUND => UNKNOWN.clone(),
        None if failure.status().is_client_error() => (
            failure.status(),
            "Cela n’a pas été enregistré",
            "La demande n’a pas pu être lue.".to_owned(),
            "Revenez à la page précédente pour réessayer.",
        ),
        None => return None,
    };
    let data = json!({ "title": title, "what": what, "next": next });
    render(&Page::new(title, ""), include_str!("notice.html"), data).ok().map(|reply| reply.status(status))
}

type Words = (StatusCode, &'static str, String, &'static str);

/// The same words whether a link never existed, expired, was revoked or belongs to somebody else.
static UNKNOWN: std::sync::LazyLock<Words> = std::sync::LazyLock::new(|| {
    (
        StatusCode::NOT_FOUND,
        "Ce lien n’ouvre rien",
        "Il a expiré, il a été remplacé par un plus récent, ou son adresse est incomplète.".to_owned(),
        "Ouvrez le dernier mail reçu, ou demandez un nouveau lien à la personne qui vous l’a envoyé. Pendant une \
         formation, la formatrice ou le formateur peut vous faire signer sur son appareil.",
    )
});
