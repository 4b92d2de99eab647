//! The edge: request numbers, problems in the caller's language, conditional reads, replayed requests.

use std::net::IpAddr;

use ipnet::IpNet;
use poem::{
    Body, Endpoint, IntoResponse, Middleware, Request, Response, Result as PoemResult,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderValue, Method, StatusCode, header},
};
use poem_openapi::error::{
    AuthorizationError, ContentTypeError, ParseMultipartError, ParseParamError, ParsePathError,
    ParseRequestPayloadError,
};
use tracing::{error, info};

use super::{
    access::{Client, RequestFacts},
    app::App,
    blob::FULL,
    body::{Arriving, BodyLimits, Gate},
    error::{Error, Language, Problem},
    headers,
    idempotency::Asked,
    ranges,
};

/// The methods that the contract has for a path.
pub type MethodsOf = fn(&str) -> Option<Vec<String>>;

/// Wraps the whole route.
pub struct Edge(pub App, pub MethodsOf, pub BodyLimits);

impl<E: Endpoint> Middleware<E> for Edge {
    type Output = Edged<E>;
    fn transform(&self, inner: E) -> Edged<E> {
        Edged { app: self.0.clone(), methods_of: self.1, gate: Gate::new(self.2), inner }
    }
}

/// See [`Edge`].
pub struct Edged<E> {
    app: App,
    methods_of: MethodsOf,
    gate: Gate,
    inner: E,
}

impl<E: Endpoint> Endpoint for Edged<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> PoemResult<Response> {
        let begun = std::time::Instant::now();
        let language = Language::accepted(request.header(header::ACCEPT_LANGUAGE));
        let request_id = self.app.ids.new_id(self.app.now()).to_string();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let if_none_match = request.header(header::IF_NONE_MATCH).map(str::to_owned);
        let range = request.header(header::RANGE).map(str::to_owned);
        let if_range = request.header(header::IF_RANGE).map(str::to_owned);
        let authorization = request.header(header::AUTHORIZATION).map(str::to_owned);
        let answer = match self.prepare(&mut request, &request_id, language) {
            Ok(body) => match self.inner.call(request).await {
                Ok(answer) => Ok(answer.into_response()),
                Err(failure) => Err(body.stopped().map_or(failure, poem::Error::from)),
            },
            Err(problem) => Ok(finish(problem, language, &request_id)),
        };
        let mut response = match answer {
            Ok(response) => response,
            Err(failure) => match failure.downcast_ref::<Error>() {
                Some(Error::Replayed { location: Some(location), status }) if *status < 400 => {
                    self.replay(location, *status, authorization).await
                }
                Some(Error::Replayed { location: Some(location), .. }) => {
                    let made = HeaderValue::from_str(location).ok();
                    let mut refused = problem_of(failure, language, &request_id, &method);
                    refused.headers_mut().extend(made.map(|made| (header::LOCATION, made)));
                    refused
                }
                _ => problem_of(failure, language, &request_id, &method),
            },
        };
        if method == Method::GET && response.status() == StatusCode::OK {
            not_modified(&mut response, if_none_match.as_deref());
        }
        if method == Method::GET && response.status() == StatusCode::OK {
            response = ranges::cut(response, range.as_deref(), if_range.as_deref(), language).await;
        }
        let status = response.status();
        let allow = (status == StatusCode::METHOD_NOT_ALLOWED).then(|| (self.methods_of)(&path)).flatten();
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            headers.insert("X-Request-Id", value);
        }
        if let Some(allow) = allow.and_then(|methods| HeaderValue::from_str(&methods.join(", ")).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        headers::protect(headers, &self.app.settings);
        if path.starts_with("/v1/") {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
        self.app.metrics.answered(&method, status, begun.elapsed());
        // The query may hold names and the path of a personal link a secret: neither is logged.
        info!(http.method = %method, http.status = status.as_u16(), request.id = %request_id, "Answered {}", status.as_u16());
        Ok(response)
    }
}

impl<E: Endpoint> Edged<E> {
    /// What a request says beside its body, of which nothing is read yet.
    fn prepare(&self, request: &mut Request, request_id: &str, language: Language) -> Result<Arriving, Problem> {
        let body = self.gate.guard(request);
        let mut facts = RequestFacts {
            id: Some(request_id.to_owned()),
            if_match: request.header(header::IF_MATCH).map(str::to_owned),
            idempotency: None,
            client: client(request, &self.app.settings.trusted_proxies),
            source: source(request, &self.app.settings.trusted_proxies),
        };
        let writes = matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
        // A key in other characters is refused like an ill-formed one, not overlooked.
        let key = request.headers().get("Idempotency-Key").map(|key| key.to_str().unwrap_or_default());
        if let Some(key) = key.filter(|_| writes) {
            if key.is_empty() || key.len() > 255 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Problem::new(
                    StatusCode::BAD_REQUEST,
                    "idempotency.key",
                    match language {
                        Language::French => "Idempotency-Key : 1 à 255 caractères ASCII visibles, sans espace.",
                        Language::English => "Idempotency-Key: 1 to 255 visible ASCII characters, no space.",
                    },
                ));
            }
            facts.idempotency = Some(Asked {
                key: key.to_owned(),
                operation: format!("{} {}", request.method(), request.uri().path()),
                body: body.clone(),
            });
        }
        request.set_data(facts);
        request.set_data(self.app.clone());
        Ok(body)
    }

    /// The answer of a request that was already carried out, read again where it is.
    async fn replay(&self, location: &str, status: u16, authorization: Option<String>) -> Response {
        let mut builder = Request::builder().method(Method::GET).uri_str(location);
        if let Some(value) = authorization {
            builder = builder.header(header::AUTHORIZATION, value);
        }
        let mut request = builder.finish();
        request.set_data(RequestFacts::default());
        request.set_data(self.app.clone());
        let mut response = match self.inner.call(request).await {
            Ok(answer) => answer.into_response(),
            Err(failure) => failure.into_response(),
        };
        if response.status() == StatusCode::OK {
            response.set_status(StatusCode::from_u16(status).unwrap_or(StatusCode::OK));
            if status == 201
                && let Ok(value) = HeaderValue::from_str(location)
            {
                response.headers_mut().insert(header::LOCATION, value);
            }
        }
        response.headers_mut().insert("Idempotent-Replayed", HeaderValue::from_static("true"));
        response
    }
}

/// Where what arrives is put down until all of it is there: no room left (ENOSPC, EDQUOT). The form's reader tells it as a
/// fault of the form, in the system's words.
fn is_full(reason: &str) -> bool {
    reason.ends_with("(os error 28)") || reason.ends_with("(os error 122)")
}

/// The device at the other end.
fn client(request: &Request, trusted: &[IpNet]) -> Client {
    let peer = request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
    let address = address(peer, request.header("X-Forwarded-For"), trusted);
    let agent = request.header(header::USER_AGENT).map(|agent| agent.chars().take(400).collect());
    Client { address, agent }
}

/// The same address, if whoever comes from there may be held to it: what comes from this very machine may be a proxy that
/// nobody declared, with everybody behind it.
fn source(request: &Request, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.remote_addr().as_socket_addr()?.ip();
    let vouched = !peer.is_loopback() || trusted.iter().any(|network| network.contains(&peer));
    client(request, trusted).address.filter(|_| vouched)
}

/// Where a request came from: the nearest address that is not a trusted proxy's.
fn address(peer: Option<IpAddr>, forwarded: Option<&str>, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut address = peer;
    for said in forwarded.into_iter().flat_map(|all| all.rsplit(',')) {
        match said.trim().parse() {
            Ok(ip) if address.as_ref().is_some_and(is_trusted) => address = Some(ip),
            _ => break,
        }
    }
    address
}

fn not_modified(response: &mut Response, if_none_match: Option<&str>) {
    let Some(etag) = response.headers().get(header::ETAG).and_then(|value| value.to_str().ok()) else { return };
    let same = |tag: &str| tag.trim().trim_start_matches("W/") == etag.trim_start_matches("W/") || tag.trim() == "*";
    if if_none_match.is_some_and(|tags| tags.split(',').any(same)) {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.set_body(Body::empty());
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
}

fn finish(mut problem: Problem, _language: Language, request_id: &str) -> Response {
    problem.request_id = Some(request_id.to_owned());
    problem.respond()
}

/// Whatever failed, in the one shape that the contract promises.
fn problem_of(failure: poem::Error, language: Language, request_id: &str, method: &Method) -> Response {
    let say = |fr: &str, en: &str| if language == Language::French { fr.to_owned() } else { en.to_owned() };
    if let Some(ours) = failure.downcast_ref::<Error>() {
        if let Error::Internal(what) = ours {
            error!(request.id = request_id, http.method = %method, "Failed to answer: {what}");
        }
        return finish(ours.problem(language), language, request_id);
    }
    if failure.is_from_response() {
        return failure.into_response();
    }
    let problem = if failure.is::<AuthorizationError>() {
        Error::Unauthorized.problem(language)
    } else if failure.is::<NotFoundError>() {
        Error::Missing("path").problem(language)
    } else if failure.is::<ParsePathError>() {
        // An identifier that is none names nothing.
        Error::Missing("identifier").problem(language)
    } else if let Some(parameter) = failure.downcast_ref::<ParseParamError>() {
        let name = &parameter.name;
        Error::invalid(
            format!("?{name}"),
            "parameter",
            format!("Valeur refusée pour le paramètre « {name} »."),
            format!("Refused value for parameter “{name}”."),
        )
        .problem(language)
    } else if let Some(body) = failure.downcast_ref::<ParseRequestPayloadError>() {
        Problem::new(StatusCode::BAD_REQUEST, "body", body.reason.clone())
    } else if failure.downcast_ref::<ParseMultipartError>().is_some_and(|body| is_full(&body.reason)) {
        Error::from(FULL).problem(language)
    } else if let Some(body) = failure.downcast_ref::<ParseMultipartError>() {
        Problem::new(StatusCode::BAD_REQUEST, "body", body.reason.clone())
    } else if failure.is::<ContentTypeError>() {
        Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content_type",
            say("Type de contenu inattendu : voir le contrat.", "Unexpected content type: see the contract."),
        )
    } else if failure.is::<MethodNotAllowedError>() {
        Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            say(&format!("{method} n’est pas possible ici."), &format!("{method} is not possible here.")),
        )
    } else if failure.status().is_server_error() {
        error!(request.id = request_id, http.method = %method, "Failed to answer: {failure}");
        Error::internal(&failure).problem(language)
    } else {
        Problem::new(failure.status(), "http", failure.to_string())
    };
    finish(problem, language, request_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(forwarded: Option<&str>, trusted: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted.iter().map(|one| one.parse().expect("a network")).collect();
        let peer = "192.0.2.1".parse().ok();
        address(peer, forwarded, &trusted).map(|ip| ip.to_string()).unwrap_or_default()
    }

    #[test]
    fn only_a_trusted_proxy_says_where_a_request_came_from() {
        assert_eq!(seen(None, &[]), "192.0.2.1");
        assert_eq!(seen(Some("203.0.113.7"), &[]), "192.0.2.1", "a stranger may claim anything");
        assert_eq!(seen(Some("203.0.113.7"), &["192.0.2.0/24"]), "203.0.113.7");
        let chain = Some("198.51.100.9, 203.0.113.7, 192.0.2.2");
        assert_eq!(seen(chain, &["192.0.2.0/24"]), "203.0.113.7", "what a client adds does not count");
        assert_eq!(seen(Some("unknown"), &["192.0.2.0/24"]), "192.0.2.1");
    }
}
