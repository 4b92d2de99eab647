//! The pages of the sign-in: the door, the way to the provider and back, the key, the way out.
//!
//! A GET of the door or of the way out to the provider writes nothing. What comes back is believed only with the cookie of
//! the browser that left; no address is taken from a request, so nobody is sent elsewhere than to the provider and back.

use std::sync::Arc;

use poem::{
    EndpointExt, IntoResponse, Request, Response, Route, get, handler,
    http::{HeaderValue, StatusCode, header},
    post,
    web::{Data, Form, Query, Redirect},
};
use serde::Deserialize;
use serde_json::json;
use tracing::{info, warn};
use url::Url;

use super::{
    attempt::{self, Attempt},
    claims::{identified, incomplete},
    enter::{Entered, LIFETIME, enter},
    leave::{Left, leave},
    provider::{Provider, word},
    refusal::{BRAND, Refusal},
};
use crate::{
    pages::{Asset, Page, render},
    platform::{access::RequestFacts, app::App, calendar, error::Result, permission::Role},
};

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// What makes the page of a key handy.
pub const SCRIPT: Asset =
    Asset { name: "connexion.js", media_type: JAVASCRIPT, content: include_str!("pages/connexion.js") };
/// What hands the key to the documentation.
pub const DOCUMENTATION: Asset =
    Asset { name: "docs.js", media_type: JAVASCRIPT, content: include_str!("pages/docs.js") };

/// The provider of this service, if it has one.
#[derive(Clone)]
pub struct SignIn(Option<Arc<Provider>>);

impl SignIn {
    /// As the settings say, which were checked before; nothing is asked of the provider yet.
    pub fn new(app: &App) -> Self {
        let settings = &app.settings;
        let oidc = settings.oidc.provider(settings.public_url.as_deref()).ok().flatten();
        Self(oidc.map(|oidc| Arc::new(Provider::new(oidc))))
    }

    /// Whether staff sign in here.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    fn provider(&self) -> Result<&Provider, Refusal> {
        self.0.as_deref().ok_or(Refusal::Unset)
    }
}

/// The pages, added to the others.
pub fn pages(route: Route, sign_in: &SignIn) -> Route {
    route
        .at("/connexion", get(door).data(sign_in.clone()))
        .at("/connexion/partir", get(go).data(sign_in.clone()))
        .at("/connexion/retour", get(back).data(sign_in.clone()))
        .at("/connexion/fin", post(end).data(sign_in.clone()))
}

fn facts(request: &Request) -> RequestFacts {
    request.data::<RequestFacts>().cloned().unwrap_or_default()
}

fn cookies(request: &Request) -> String {
    let all = request.headers().get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.collect::<Vec<_>>().join("; ")
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Told apart from everything else: whoever watches counts these.
fn told(refusal: &Refusal, facts: &RequestFacts) {
    let (reason, details) = (refusal.code(), refusal.details());
    let request = facts.id.as_deref().unwrap_or_default();
    let source = facts.client.address.map(|address| address.to_string()).unwrap_or_default();
    warn!(
        target: "clairiere::sign_in",
        reason, details = %details, source, request.id = request,
        "Refused a sign-in: {reason}"
    );
}

fn refused(refusal: Refusal, facts: &RequestFacts) -> Result<Response> {
    if !matches!(refusal, Refusal::Unset) {
        told(&refusal, facts);
    }
    Ok(refusal.page()?.into_response())
}

fn host(oidc_issuer: &str) -> String {
    let url = Url::parse(oidc_issuer).ok();
    let host = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host.to_owned(),
        None => String::new(),
    }
}

/// The door.
#[handler]
async fn door(request: &Request, sign_in: Data<&SignIn>) -> Result<Response> {
    let provider = match sign_in.provider() {
        Ok(provider) => provider,
        Err(refusal) => return refused(refusal, &facts(request)),
    };
    let data = json!({ "host": host(&provider.oidc.issuer), "hours": LIFETIME.num_hours() });
    Ok(render(&Page::new("Connexion", BRAND), include_str!("pages/door.html"), data)?.into_response())
}

/// Off to the provider.
#[handler]
async fn go(request: &Request, app: Data<&App>, sign_in: Data<&SignIn>) -> Result<Response> {
    // Another site sends nobody on: people start from our own page, and see where they are going.
    if request.header("Sec-Fetch-Site") == Some("cross-site") {
        return Ok(Redirect::see_other("/connexion").into_response());
    }
    let mut secret = [0; 32];
    app.ids.secret(&mut secret);
    let attempt = Attempt::new(secret, app.now());
    let begun = async {
        let provider = sign_in.provider()?;
        Ok((provider.door(&attempt, app.now()).await?, provider.oidc.is_secure()))
    };
    let (address, secure) = match begun.await {
        Ok(begun) => begun,
        Err(refusal) => return refused(refusal, &facts(request)),
    };
    let mut response = Redirect::see_other(address).with_header(header::CACHE_CONTROL, "no-store").into_response();
    for old in attempt::make_room(&cookies(request), secure) {
        set_cookie(&mut response, &old);
    }
    set_cookie(&mut response, &attempt.cookie(secure));
    Ok(response)
}

/// What the provider sends back; what it writes beside is for nobody here.
#[derive(Deserialize)]
struct Back {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Back from the provider.
#[handler]
async fn back(request: &Request, app: Data<&App>, sign_in: Data<&SignIn>, query: Query<Back>) -> Result<Response> {
    let facts = facts(request);
    let provider = match sign_in.provider() {
        Ok(provider) => provider,
        Err(refusal) => return refused(refusal, &facts),
    };
    let secure = provider.oidc.is_secure();
    let state = query.state.clone().unwrap_or_default();
    let mut response = match come_in(app.0, provider, &query.0, &cookies(request), &facts).await {
        Ok(entered) => shown(&entered)?,
        Err(refusal) => refused(refusal, &facts)?,
    };
    // Whatever came of it, this sign-in is over.
    if let Some(cookie) = attempt::forget(&state, secure) {
        set_cookie(&mut response, &cookie);
    }
    Ok(response)
}

async fn come_in(
    app: &App,
    provider: &Provider,
    said: &Back,
    cookies: &str,
    facts: &RequestFacts,
) -> Result<Entered, Refusal> {
    let (now, oidc) = (app.now(), &provider.oidc);
    let state = said.state.as_deref().unwrap_or_default();
    let attempt = Attempt::of_state(cookies, state, oidc.is_secure(), now).ok_or(Refusal::Stale)?;
    if !provider.published(now).await?.answers(said.iss.as_deref()) {
        return Err(Refusal::Elsewhere);
    }
    match (said.error.as_deref(), said.code.as_deref()) {
        (Some("access_denied" | "consent_required" | "interaction_required" | "login_required"), _) => {
            Err(Refusal::Declined)
        }
        (Some("temporarily_unavailable" | "server_error"), _) => Err(Refusal::Down("it says so itself".into())),
        (Some(error), _) => Err(Refusal::Said(word(error))),
        (None, Some(code)) if !code.is_empty() && code.len() <= 4096 => {
            let believed = provider.identify(code, &attempt, now).await?;
            let beside = if incomplete(&believed.claims, oidc) { provider.beside(&believed, now).await? } else { None };
            let who = identified(&believed.claims, beside.as_ref(), oidc)
                .ok_or_else(|| Refusal::Broken("it names nobody".into()))?;
            let entered = enter(app, oidc, &who, state, facts.clone()).await?;
            info!(target: "clairiere::sign_in", user = %entered.user, "Signed a user in");
            Ok(entered)
        }
        (None, _) => Err(Refusal::Stale),
    }
}

/// A role, for people.
fn called(role: Role) -> &'static str {
    match role {
        Role::Trainer => "formation, dans ses activités",
        Role::CoopTraining => "formation, pour la coopérative",
        Role::CoopAccounting => "comptabilité",
        Role::CoopQuality => "qualité",
        Role::CoopAdmin => "administration",
        Role::Auditor => "audit, en lecture",
    }
}

/// The key, once.
fn shown(entered: &Entered) -> Result<Response> {
    let Entered { user: _, name, role, secret, until } = entered;
    let data = json!({ "name": name, "role": called(*role), "key": secret, "until": calendar::moment(*until) });
    let page = Page::new("Vous avez une clé", BRAND).script(SCRIPT);
    Ok(render(&page, include_str!("pages/entered.html"), data)?.into_response())
}

/// Who leaves: whoever shows the key. Another site does not know it.
#[derive(Deserialize)]
struct Leaving {
    #[serde(default)]
    key: String,
    #[serde(default)]
    everywhere: bool,
}

/// The way out.
#[handler]
async fn end(request: &Request, app: Data<&App>, sign_in: Data<&SignIn>, body: Form<Leaving>) -> Result<Response> {
    let facts = facts(request);
    let provider = match sign_in.provider() {
        Ok(provider) => provider,
        Err(refusal) => return refused(refusal, &facts),
    };
    let left = leave(app.0, body.key.trim(), body.everywhere, facts).await?;
    let ended = left == Left::Ended;
    let (status, title, what) = match left {
        Left::Ended => (StatusCode::OK, "Vous avez quitté", "Votre clé n’ouvre plus rien."),
        Left::NotOurs => (
            StatusCode::FORBIDDEN,
            "Cette clé sert toujours",
            "Elle ne vient pas d’une connexion : l’administration de la coopérative peut la révoquer.",
        ),
    };
    let exit = if ended { provider.exit(app.now()).await } else { None };
    let data =
        json!({ "title": title, "what": what, "ended": ended, "exit": exit, "host": host(&provider.oidc.issuer) });
    let page = Page::new(title, BRAND).script(SCRIPT);
    Ok(render(&page, include_str!("pages/left.html"), data)?.status(status).into_response())
}
