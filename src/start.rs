//! Put the program together: the shared parts, then the route.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, endpoint::make_sync, middleware::CatchPanic};
use poem_openapi::OpenApiService;

use crate::{
    api,
    config::Settings,
    mail, papers,
    pdf::Seal,
    platform::{
        app::{App, Parts},
        blob::Blobs,
        clock::{Clock, Ids, MachineClock, RandomIds},
        db::{Db, Opening},
        error::{Error, Language, Result},
        http::Edge,
    },
    public, reactions,
};

/// Open everything as the settings say.
pub async fn app(settings: Settings) -> Result<App> {
    let transport: Arc<dyn mail::Transport> = match &settings.mail_url {
        Some(url) => Arc::new(mail::Smtp::new(url, mail::SmtpLimits::default()).map_err(Error::internal)?),
        None => Arc::new(mail::Folder::new(&settings.mail_dir)),
    };
    with(settings, Arc::new(MachineClock), Arc::new(RandomIds), transport, Opening::default()).await
}

/// Open everything, with the time, identifiers and mail that are given.
pub async fn with(
    settings: Settings,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    mail: Arc<dyn mail::Transport>,
    opening: Opening,
) -> Result<App> {
    let seal = seal(&settings, clock.now()).map_err(Error::Internal)?;
    let opening = Opening { connections: settings.database_connections, ..opening };
    let db = Db::open(&settings.database_url, opening).await?;
    let blobs = Blobs::open(&settings)?;
    Ok(App::new(Parts {
        db,
        clock,
        ids,
        blobs,
        mail,
        seal,
        settings,
        reactions: reactions::of,
        render: papers::render,
    }))
}

/// The organisation's seal, refused early when its certificate or key cannot serve.
fn seal(settings: &Settings, now: DateTime<Utc>) -> std::result::Result<Option<Arc<Seal>>, String> {
    let (Some(certificate), Some(key)) = (&settings.seal_certificate, &settings.seal_key) else { return Ok(None) };
    Seal::open(certificate, key, settings.seal_tsa.as_deref(), now).map(|seal| Some(Arc::new(seal)))
}

/// The whole route: the API, its documentation, its contract.
pub fn route(app: &App) -> impl Endpoint<Output = Response> + 'static {
    let route = public::PREFIXES.iter().fold(Route::new(), |route, under| route.nest_no_strip(under, public::pages()));
    route
        .nest("/", api::service())
        .at("/openapi/v1.json", make_sync(|_| page("application/json", &CONTRACT)))
        .at("/docs", make_sync(|_| page("text/html; charset=utf-8", &DOCUMENTATION)))
        .into_endpoint()
        .with(
            CatchPanic::new()
                .with_handler(|_| Error::internal("a handler panicked").problem(Language::French).respond()),
        )
        .with(Edge(app.clone(), api::methods_of))
}

/// The contract as it is served: made when it is first asked for, so that starting is quick.
static CONTRACT: LazyLock<String> = LazyLock::new(|| api::contract().to_string());

/// The interactive documentation: one page without any third party, that shows the very contract.
static DOCUMENTATION: LazyLock<String> = LazyLock::new(|| {
    let shell = OpenApiService::new((), "Clairière", "1");
    // A closing tag inside a description would end the script.
    let contract = CONTRACT.replace("</", "<\\/");
    shell
        .swagger_ui_html()
        .replacen("<html charset=\"UTF-8\">", "<!doctype html>\n<html lang=\"en\">", 1)
        .replacen("<title>Swagger UI</title>", "<title>Clairière – API</title>", 1)
        .replace(&shell.spec(), &contract)
});

fn page(content_type: &str, body: &'static str) -> Response {
    Response::builder().content_type(content_type).body(body)
}
