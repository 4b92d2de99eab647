//! Why nobody was let in: a page says it to people, the log says it to whoever watches.

use std::borrow::Cow;

use poem::http::StatusCode;
use serde_json::json;

use super::token::Unbelieved;
use crate::{
    pages::{Page, Reply, render},
    platform::error::{Error, Result},
};

/// Why a sign-in came to nothing.
#[derive(Debug, Clone)]
pub enum Refusal {
    /// No provider is set.
    Unset,
    /// This browser began no such sign-in, or too long ago, or it served already.
    Stale,
    /// The answer names another provider.
    Elsewhere,
    /// The person, or the provider, said no.
    Declined,
    /// The provider answers by another error, in its own word.
    Said(String),
    /// The provider cannot be reached.
    Down(String),
    /// The provider answers what it should not: its settings or ours are wrong.
    Broken(String),
    /// The identity token is not believed.
    Unbelieved(Unbelieved),
    /// No value of the claim means a role.
    NoRole,
    /// The address is not said, or not verified.
    Unverified,
    /// Nobody here has this address.
    Unknown,
    /// The user is disabled, or their access ended.
    Closed,
    /// The user signs in by another identity.
    OtherIdentity,
    /// An auditor's access always has an end, and no claim gives one.
    NoEnd,
    /// The claim takes the administration away from the last who has it.
    LastAdministrator,
    /// Ours to tell or to mend.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Unbelieved> for Refusal {
    fn from(why: Unbelieved) -> Self {
        Self::Unbelieved(why)
    }
}

impl Refusal {
    /// A stable word, for the log and for whoever is asked about it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unset => "sign_in.unset",
            Self::Stale => "sign_in.stale",
            Self::Elsewhere => "sign_in.elsewhere",
            Self::Declined => "sign_in.declined",
            Self::Said(_) => "sign_in.provider_error",
            Self::Down(_) => "sign_in.provider_down",
            Self::Broken(_) => "sign_in.provider_broken",
            Self::Unbelieved(_) => "sign_in.token",
            Self::NoRole => "sign_in.no_role",
            Self::Unverified => "sign_in.email_unverified",
            Self::Unknown => "sign_in.unknown_user",
            Self::Closed => "sign_in.closed",
            Self::OtherIdentity => "sign_in.other_identity",
            Self::NoEnd => "sign_in.auditor_without_end",
            Self::LastAdministrator => "sign_in.last_administrator",
            Self::Failed(_) => "sign_in.failed",
        }
    }

    /// What only the log is told; never a token, a name or an address.
    pub fn details(&self) -> Cow<'static, str> {
        match self {
            Self::Said(text) | Self::Down(text) | Self::Broken(text) => text.clone().into(),
            Self::Unbelieved(why) => format!("{why:?}").into(),
            Self::Failed(error) => error.code(),
            _ => "".into(),
        }
    }

    fn words(&self) -> (StatusCode, &'static str, &'static str, &'static str) {
        const AGAIN: &str = "Recommencez depuis la page de connexion.";
        const ASK: &str = "Demandez-le à l’administration de la coopérative, en lui donnant la référence ci-dessous.";
        match self {
            Self::Unset => (
                StatusCode::NOT_FOUND,
                "Pas de connexion ici",
                "Ce service n’est relié à aucun service d’identité : chacun y vient avec une clé.",
                "Demandez une clé à l’administration de la coopérative.",
            ),
            Self::Stale | Self::Elsewhere => (
                StatusCode::BAD_REQUEST,
                "Cette connexion n’est plus valable",
                "Elle a déjà servi, elle a attendu plus de dix minutes, ou elle a commencé dans un autre navigateur.",
                AGAIN,
            ),
            Self::Declined => (
                StatusCode::FORBIDDEN,
                "Connexion annulée",
                "Le service d’identité répond que la connexion a été refusée ou abandonnée.",
                AGAIN,
            ),
            Self::Said(_) => (
                StatusCode::BAD_GATEWAY,
                "La connexion n’a pas abouti",
                "Le service d’identité répond par une erreur.",
                "Recommencez depuis la page de connexion ; si l’erreur revient, donnez la référence ci-dessous à \
                 l’administration de la coopérative.",
            ),
            Self::Down(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Un instant",
                "Le service d’identité ne répond pas. Les clés déjà données continuent de servir.",
                "Réessayez dans une minute.",
            ),
            Self::Broken(_) | Self::Unbelieved(_) => (
                StatusCode::BAD_GATEWAY,
                "La connexion n’a pas abouti",
                "La réponse du service d’identité n’a pas pu être vérifiée : personne n’a été connecté.",
                "Recommencez depuis la page de connexion ; si l’erreur revient, donnez la référence ci-dessous à \
                 l’administration de la coopérative.",
            ),
            Self::NoRole => (
                StatusCode::FORBIDDEN,
                "Votre compte n’ouvre pas cet outil",
                "Le service d’identité vous connaît, mais ne vous donne aucun rôle ici.",
                ASK,
            ),
            Self::Unverified => (
                StatusCode::FORBIDDEN,
                "Votre adresse reste à vérifier",
                "Le service d’identité ne dit pas que votre adresse de courriel a été vérifiée.",
                "Vérifiez-la auprès de lui, puis recommencez.",
            ),
            Self::Unknown => (
                StatusCode::FORBIDDEN,
                "Personne ici n’a votre adresse",
                "Le service d’identité vous connaît, mais aucun compte d’ici n’a votre adresse de courriel.",
                ASK,
            ),
            Self::Closed => (
                StatusCode::FORBIDDEN,
                "Votre accès est fermé",
                "Votre compte a été désactivé, ou son accès a pris fin.",
                ASK,
            ),
            Self::OtherIdentity => (
                StatusCode::FORBIDDEN,
                "Ce compte est lié à une autre identité",
                "Quelqu’un s’est déjà connecté à ce compte sous une autre identité du même service.",
                "Si c’est la vôtre qui a changé, demandez à l’administration de la coopérative de délier l’ancienne.",
            ),
            Self::NoEnd => (
                StatusCode::FORBIDDEN,
                "Cet accès n’a pas de fin",
                "Un accès d’auditeur a toujours une fin, et votre compte n’en a pas.",
                ASK,
            ),
            Self::LastAdministrator => (
                StatusCode::FORBIDDEN,
                "Il ne resterait personne pour administrer",
                "Le service d’identité vous retire l’administration, et vous êtes la dernière personne à l’avoir.",
                "Donnez d’abord l’administration à quelqu’un d’autre.",
            ),
            Self::Failed(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Un instant",
                "Le service est momentanément indisponible.",
                "Réessayez dans une minute : rien n’est perdu.",
            ),
        }
    }

    /// The page that says it; what is ours to mend goes the way of all errors.
    pub fn page(self) -> Result<Reply> {
        if let Self::Failed(error @ Error::Internal(_)) = self {
            return Err(error);
        }
        let (status, title, what, next) = self.words();
        let again = !matches!(self, Self::Unset);
        let data = json!({ "title": title, "what": what, "next": next, "code": self.code(), "again": again });
        let page = render(&Page::new(title, BRAND), include_str!("pages/refused.html"), data)?;
        Ok(page.status(status))
    }
}

/// What stands above these pages.
pub const BRAND: &str = "Clairière";
