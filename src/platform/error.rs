//! What can go wrong, said once: a stable code for programs, a sentence for people.

use std::borrow::Cow;

use poem::{IntoResponse, Response, error::ResponseError, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    payload::Payload,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use sea_orm::DbErr;
use tracing::{error, warn};

/// What a fallible function of this crate answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that an operation may answer instead of what was asked.
#[derive(Debug, Clone)]
pub enum Error {
    /// No such row within the caller's reach: 404.
    Missing(&'static str),
    /// No key, or one that opens nothing: 401.
    Unauthorized,
    /// The key lacks a permission: 403.
    Forbidden(&'static str),
    /// The key lacks a permission that only some requests of an operation need, for a reason that is told: 403.
    Reserved {
        /// The permission.
        permission: &'static str,
        /// Why, and what to do instead, in French.
        fr: &'static str,
        /// In English.
        en: &'static str,
    },
    /// A rule says no: 409.
    Refused(Refused),
    /// The request breaks rules, field by field: 422.
    Invalid(Vec<Fault>),
    /// The row changed since it was read: 412.
    Stale,
    /// A change without `If-Match`: 428.
    NoVersion,
    /// The request was already carried out under its Idempotency-Key; its answer is there.
    Replayed {
        /// Where the answer is.
        location: Option<String>,
        /// The status that was answered.
        status: u16,
    },
    /// One key keeps too many live streams open: 429.
    TooManyStreams,
    /// The body is longer than what is taken there, in bytes: 413.
    TooLarge(usize),
    /// The body did not come in time: 408.
    TooSlow,
    /// The body ended before it was whole: 400.
    CutShort,
    /// Too many bodies come in at once; nothing was done: 503.
    Crowded,
    /// One caller asks too much: 429.
    TooMany(TooMany),
    /// Not able to serve yet, or any more: 503.
    Unavailable(String),
    /// The database or the files' store is away, or two acts waited for each other: nothing was done, the same request may
    /// be sent again. 503.
    Busy,
    /// The disk of the database or the store of files cannot take it, for a reason that is told: 503.
    Unable(Unable),
    /// Our fault: told to the log only.
    Internal(String),
}

/// What one caller does too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// Whether keys that open nothing were shown, rather than calls made.
    pub unknown_keys: bool,
    /// After how many seconds it may be tried again.
    pub after: u32,
}

/// Faults that one answer tells, at most: whoever mends a hundred reads the next ones afterwards.
pub const MOST_FAULTS: usize = 100;
/// Characters of a pointer, at most: a name may be as long as a body.
const LONGEST_POINTER: usize = 300;
/// Characters of a sentence, at most: some tell what was found.
const LONGEST_DETAIL: usize = 4_000;

/// A text that somebody outside may have made as long as they like.
fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// What the service cannot do for now, and why: the same request may pass later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unable {
    /// Stable, dotted: `database.full`.
    pub code: &'static str,
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
}

impl From<Unable> for Error {
    fn from(unable: Unable) -> Self {
        Self::Unable(unable)
    }
}

/// A rule that said no.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Stable, dotted: `attendance.not_over`.
    pub code: Cow<'static, str>,
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
    /// The moves that are possible, when a state machine said no.
    pub possible: Vec<String>,
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer of the offending member, or `?name` for a parameter.
    pub pointer: String,
    /// Stable: `required`, `siret.key`…
    pub code: Cow<'static, str>,
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

impl Fault {
    /// A fault at a place.
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        fr: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            pointer: cut(pointer.into(), LONGEST_POINTER),
            code: code.into(),
            fr: cut(fr.into(), LONGEST_DETAIL),
            en: cut(en.into(), LONGEST_DETAIL),
        }
    }

    /// The same fault, seen from the object that holds this one.
    #[must_use]
    pub fn under(mut self, base: &str) -> Self {
        self.pointer = format!("{base}{}", self.pointer);
        self
    }
}

impl Error {
    /// A rule says no.
    pub fn refused(code: impl Into<Cow<'static, str>>, fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Refused(Refused { code: code.into(), fr: fr.into(), en: en.into(), possible: vec![] })
    }

    /// A state machine says no, and tells which moves are possible.
    pub fn no_move(code: impl Into<Cow<'static, str>>, from: &str, step: &str, possible: &[&str]) -> Self {
        let (fr, en) = if possible.is_empty() {
            ("aucune".to_owned(), "none".to_owned())
        } else {
            (possible.join(", "), possible.join(", "))
        };
        Self::Refused(Refused {
            code: code.into(),
            fr: format!("À l’état « {from} », « {step} » n’est pas possible. Étapes possibles : {fr}."),
            en: format!("In state “{from}”, “{step}” is not possible. Possible moves: {en}."),
            possible: possible.iter().map(|&name| name.to_owned()).collect(),
        })
    }

    /// One field is wrong.
    pub fn invalid(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        fr: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, fr, en)])
    }

    /// Something that cannot be, for the log.
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }

    /// The code, for programs.
    pub fn code(&self) -> Cow<'static, str> {
        match self {
            Self::Missing(_) => "not_found".into(),
            Self::Unauthorized => "unauthorized".into(),
            Self::Forbidden(_) | Self::Reserved { .. } => "forbidden".into(),
            Self::Refused(refused) => refused.code.clone(),
            Self::Invalid(_) => "invalid".into(),
            Self::Stale => "stale".into(),
            Self::NoVersion => "version_required".into(),
            Self::Replayed { .. } => "idempotency.already_done".into(),
            Self::TooManyStreams => "streams.too_many".into(),
            Self::TooLarge(_) => "body.too_large".into(),
            Self::TooSlow => "body.too_slow".into(),
            Self::CutShort => "body.unreadable".into(),
            Self::Crowded => "body.crowded".into(),
            Self::TooMany(TooMany { unknown_keys: false, .. }) => "calls.too_many".into(),
            Self::TooMany(TooMany { unknown_keys: true, .. }) => "keys.too_many_unknown".into(),
            Self::Unavailable(_) => "unavailable".into(),
            Self::Busy => "busy".into(),
            Self::Unable(unable) => unable.code.into(),
            Self::Internal(_) => "internal".into(),
        }
    }

    fn http(&self) -> StatusCode {
        match self {
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Reserved { .. } => StatusCode::FORBIDDEN,
            Self::Refused(_) | Self::Replayed { .. } => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::NoVersion => StatusCode::PRECONDITION_REQUIRED,
            Self::TooManyStreams => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::CutShort => StatusCode::BAD_REQUEST,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) | Self::Busy | Self::Unable(_) | Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The problem document, in the caller's language.
    pub fn problem(&self, language: Language) -> Problem {
        let say = |fr: &str, en: &str| match language {
            Language::French => fr.to_owned(),
            Language::English => en.to_owned(),
        };
        let detail = match self {
            Self::Missing(what) => say(
                &format!("Introuvable : {what}. Soit l’identifiant est faux, soit votre clé n’y donne pas accès."),
                &format!("No such {what}: either the identifier is wrong or your key does not reach it."),
            ),
            Self::Unauthorized => say(
                "Clé absente, inconnue, expirée ou révoquée : envoyez « Authorization: Bearer … ».",
                "Missing, unknown, expired or revoked key: send “Authorization: Bearer …”.",
            ),
            Self::Forbidden(permission) => say(
                &format!("Votre clé n’a pas la permission « {permission} »."),
                &format!("Your key lacks the permission “{permission}”."),
            ),
            Self::Reserved { fr, en, .. } => say(fr, en),
            Self::Refused(refused) => say(&refused.fr, &refused.en),
            Self::Invalid(_) => say(
                "La demande ne respecte pas le contrat : voir « errors ».",
                "The request breaks the contract: see “errors”.",
            ),
            Self::Stale => say(
                "La ressource a changé depuis votre lecture : relisez-la, puis recommencez avec son nouvel ETag.",
                "The resource changed since you read it: read it again and retry with its new ETag.",
            ),
            Self::NoVersion => say(
                "Toute modification demande l’en-tête If-Match, avec l’ETag de la version lue.",
                "Every change needs the If-Match header, with the ETag of the version that was read.",
            ),
            Self::Replayed { .. } => say(
                "Cette demande a déjà été exécutée sous la même Idempotency-Key.",
                "This request was already carried out under the same Idempotency-Key.",
            ),
            Self::TooManyStreams => say(
                "Votre clé suit déjà trop de demi-journées en direct : fermez-en une, puis réessayez.",
                "Your key watches too many half-days live: close one, then try again.",
            ),
            Self::TooLarge(limit) => {
                let limit = limit / 1024;
                let size = |mebi: &str, kibi: &str| match limit {
                    1024.. => format!("{}\u{a0}{mebi}", limit / 1024),
                    _ => format!("{limit}\u{a0}{kibi}"),
                };
                say(
                    &format!("Le corps de la demande dépasse la limite de {}.", size("Mio", "Kio")),
                    &format!("The body of the request is over the limit of {}.", size("MiB", "KiB")),
                )
            }
            Self::TooSlow => say(
                "Le corps de la demande n’est pas arrivé à temps : rien n’a été fait, envoyez-la de nouveau.",
                "The body of the request did not come in time: nothing was done, send it again.",
            ),
            Self::CutShort => say(
                "Le corps de la demande s’est interrompu avant sa fin : rien n’a été fait, envoyez-la de nouveau.",
                "The body of the request ended before it was whole: nothing was done, send it again.",
            ),
            Self::Crowded => say(
                "Trop d’envois arrivent en même temps : rien n’a été fait, renvoyez la même demande dans un instant.",
                "Too many bodies come in at once: nothing was done, send the same request again in a moment.",
            ),
            Self::TooMany(TooMany { unknown_keys: false, after }) => say(
                &format!("Votre clé fait trop d’appels : réessayez dans {after} s."),
                &format!("Your key makes too many calls: try again in {after} s."),
            ),
            Self::TooMany(TooMany { unknown_keys: true, after }) => say(
                &format!("Trop de clés inconnues viennent de cette adresse : réessayez dans {after} s."),
                &format!("Too many unknown keys come from this address: try again in {after} s."),
            ),
            Self::Unavailable(why) => {
                say(&format!("Service indisponible : {why}."), &format!("Service unavailable: {why}."))
            }
            Self::Busy => say(
                "La base de données ou le stockage des fichiers est occupé ou injoignable : rien n’a été fait, renvoyez la même demande dans un instant.",
                "The database or the store of files is busy or out of reach: nothing was done, send the same request again in a moment.",
            ),
            Self::Unable(unable) => say(unable.fr, unable.en),
            Self::Internal(_) => say(
                "Erreur interne : elle est consignée sous le numéro de requête.",
                "Internal error: it is logged under the request number.",
            ),
        };
        let mut problem = Problem::new(self.http(), self.code(), detail);
        match self {
            Self::Invalid(faults) => {
                problem.more_errors = (faults.len() > MOST_FAULTS).then_some(true);
                problem.errors = faults
                    .iter()
                    .take(MOST_FAULTS)
                    .map(|fault| ProblemField {
                        pointer: fault.pointer.clone(),
                        code: fault.code.to_string(),
                        detail: say(&fault.fr, &fault.en),
                    })
                    .collect();
            }
            Self::Refused(refused) => problem.possible.clone_from(&refused.possible),
            Self::TooMany(TooMany { after, .. }) => problem.retry_after = Some(*after),
            Self::TooManyStreams | Self::Crowded | Self::Busy | Self::Unable(_) | Self::Unavailable(_) => {
                problem.retry_after = Some(1);
            }
            Self::Forbidden(permission) | Self::Reserved { permission, .. } => {
                problem.permission = Some((*permission).to_owned());
            }
            _ => {}
        }
        problem
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Internal(what) => f.write_str(what),
            Self::Invalid(faults) => {
                let all: Vec<String> = faults.iter().map(|x| format!("{} : {}", x.pointer, x.fr)).collect();
                f.write_str(&all.join(" ; "))
            }
            other => f.write_str(&other.problem(Language::French).detail),
        }
    }
}

impl std::error::Error for Error {}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let meaning = super::db::meaning(&error);
        match &meaning {
            Some(Self::Busy) => warn!("The database is busy or away: {error}"),
            Some(Self::Unable(_)) => error!("The database cannot do its work: {error}"),
            _ => {}
        }
        meaning.unwrap_or_else(|| Self::Internal(format!("database: {error}")))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("stored JSON: {error}"))
    }
}

/// The language of sentences: French unless `Accept-Language` prefers English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// The default.
    #[default]
    French,
    /// On demand.
    English,
}

impl Language {
    /// What an `Accept-Language` header asks for: the first of the two that it names.
    pub fn accepted(header: Option<&str>) -> Self {
        let first = header.into_iter().flat_map(|value| value.split(',')).find_map(|part| {
            let tag = part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.split('-').next() {
                Some("fr") => Some(Self::French),
                Some("en") => Some(Self::English),
                _ => None,
            }
        });
        first.unwrap_or_default()
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Clone, Object, Default, PartialEq)]
pub struct Problem {
    /// A URI reference that names the problem; it ends with the code.
    #[oai(rename = "type")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, and what would be right: French by default, English by `Accept-Language`.
    pub detail: String,
    /// A stable code for programs.
    pub code: String,
    /// The faults of the request, each with its place: a hundred at most.
    #[oai(skip_serializing_if_is_empty, default)]
    pub errors: Vec<ProblemField>,
    /// True when there are more faults than `errors` tells.
    #[oai(skip_serializing_if_is_none)]
    pub more_errors: Option<bool>,
    /// The moves that are possible from the present state.
    #[oai(skip_serializing_if_is_empty, default)]
    pub possible: Vec<String>,
    /// The permission that is missing.
    #[oai(skip_serializing_if_is_none)]
    pub permission: Option<String>,
    /// After how many seconds the same request may be tried again, as in `Retry-After`.
    #[oai(skip_serializing_if_is_none)]
    pub retry_after: Option<u32>,
    /// The number under which the log knows this request.
    #[oai(skip_serializing_if_is_none)]
    pub request_id: Option<String>,
}

/// One fault of a request.
#[derive(Debug, Clone, Object, Default, PartialEq)]
pub struct ProblemField {
    /// JSON pointer of the offending member, or `?name` for a parameter.
    pub pointer: String,
    /// A stable code for programs.
    pub code: String,
    /// What is wrong, and what would be right.
    pub detail: String,
}

impl Problem {
    /// A problem from its parts.
    pub fn new(status: StatusCode, code: impl Into<String>, detail: impl Into<String>) -> Self {
        let code = code.into();
        Self {
            kind: format!("/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: cut(detail.into(), LONGEST_DETAIL),
            code,
            ..Self::default()
        }
    }

    /// As an HTTP answer.
    pub fn respond(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::builder().status(status).content_type("application/problem+json");
        if status == StatusCode::UNAUTHORIZED {
            response = response.header("WWW-Authenticate", "Bearer");
        }
        if let Some(seconds) = self.retry_after {
            response = response.header("Retry-After", seconds.to_string());
        }
        response.body(self.to_json_string())
    }
}

/// `application/problem+json`, for the contract.
pub struct ProblemJson;

impl Payload for ProblemJson {
    const CONTENT_TYPE: &'static str = "application/problem+json";
    fn schema_ref() -> MetaSchemaRef {
        Problem::schema_ref()
    }
    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}

impl ResponseError for Error {
    fn status(&self) -> StatusCode {
        self.http()
    }
    fn as_response(&self) -> Response {
        self.problem(Language::French).respond()
    }
}

/// The refusals that every operation may answer; the contract's finishing step keeps those that fit the method.
pub const STATUSES: &[(u16, &str)] = &[
    (400, "Malformed request"),
    (401, "Missing, unknown, expired or revoked key"),
    (403, "The key lacks the permission"),
    (404, "No such resource within reach"),
    (405, "Method not allowed"),
    (408, "The body did not come in time: nothing was done, send it again"),
    (409, "A rule says no: see `code`"),
    (412, "The resource changed since it was read"),
    (413, "The body is too large"),
    (415, "The body's media type is not accepted"),
    (422, "The request breaks rules: see `errors`"),
    (428, "If-Match is required"),
    (
        429,
        "The key makes too many calls or watches too much, or too many unknown keys come from its address: try again",
    ),
    (503, "Not ready to serve, or the database or the store of files is busy, full or failing: see `code`, try again"),
];

impl ApiResponse for Error {
    fn meta() -> MetaResponses {
        let responses = STATUSES
            .iter()
            .map(|&(status, description)| MetaResponse {
                description,
                status: Some(status),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: ProblemJson::CONTENT_TYPE,
                    schema: ProblemJson::schema_ref(),
                }],
                headers: vec![],
            })
            .collect();
        MetaResponses { responses }
    }
    fn register(registry: &mut Registry) {
        ProblemJson::register(registry);
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.as_response()
    }
}
