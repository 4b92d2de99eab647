//! Put the program together: the shared parts, then the route.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Utc};
use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Response, Route,
    endpoint::make_sync,
    get,
    http::{HeaderValue, header},
    middleware::CatchPanic,
};
use poem_openapi::OpenApiService;
use tracing::warn;

use crate::{
    api,
    config::Settings,
    mail, papers,
    pdf::Seal,
    platform::{
        app::{App, Parts},
        blob::{Blobs, some_named},
        body::BodyLimits,
        clock::{Clock, Ids, MachineClock, RandomIds},
        db::Opening,
        disk,
        error::{Error, Language, Result},
        headers,
        http::Edge,
        schema,
    },
    public, reactions,
    signin::{self, SignIn},
};

/// Open everything as the settings say: the door of every command that serves, works, copies or checks.
pub async fn app(settings: Settings) -> Result<App> {
    let transport = transport(&settings).await?;
    with(settings, Arc::new(MachineClock), Arc::new(RandomIds), transport, Opening::default()).await
}

/// Open the database alone: what needs no file must not wait for their store to be back.
pub async fn database(settings: Settings) -> Result<App> {
    let transport = transport(&settings).await?;
    parts(settings, Arc::new(MachineClock), Arc::new(RandomIds), transport, Opening::default()).await
}

async fn transport(settings: &Settings) -> Result<Arc<dyn mail::Transport>> {
    if let Some(url) = &settings.mail_url {
        return Ok(Arc::new(mail::Smtp::new(url, mail::SmtpLimits::default()).map_err(Error::internal)?));
    }
    let folder = settings.mail_dir.clone();
    // A folder that we did not make may be somebody's: it is told, not changed. The mails in it are closed.
    if disk::run(move || disk::open_to_others(&folder)).await.is_ok_and(|open| open.is_ok_and(|open| open)) {
        warn!("MAIL_DIR {0} is open to other users of the machine: chmod 700 {0}", settings.mail_dir.display());
    }
    Ok(Arc::new(mail::Folder::new(&settings.mail_dir)))
}

/// Open everything, with the time, identifiers and mail that are given: the database is there and its schema the present
/// one, and the store of files is the one of this database.
pub async fn with(
    settings: Settings,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    mail: Arc<dyn mail::Transport>,
    opening: Opening,
) -> Result<App> {
    let app = parts(settings, clock, ids, mail, opening).await?;
    let (name, named) = (schema::instance(&app.db).await?, some_named(app.db.writer()).await?);
    app.blobs.claim(&name, &named).await?;
    Ok(app)
}

async fn parts(
    settings: Settings,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    mail: Arc<dyn mail::Transport>,
    opening: Opening,
) -> Result<App> {
    let seal = seal(&settings, clock.now()).map_err(Error::Internal)?;
    let opening = Opening { connections: settings.database_connections, ..opening };
    let db = schema::open(&settings.database_url, opening).await?;
    let blobs = Blobs::open(&settings)?;
    blobs.belong_to(&schema::instance(&db).await?);
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
    route_within(app, BodyLimits::default())
}

/// The same, with other limits of what comes in.
pub fn route_within(app: &App, limits: BodyLimits) -> impl Endpoint<Output = Response> + 'static {
    // One for all pages: what is known of the provider is known once.
    let sign_in = SignIn::new(app);
    let documentation = if sign_in.is_open() { &DOCUMENTATION_OF_STAFF } else { &DOCUMENTATION };
    let pages = |route: Route, under: &&str| route.nest_no_strip(under, public::pages(&sign_in));
    let route = public::PREFIXES.iter().fold(Route::new(), pages);
    route
        .nest("/", api::service())
        .at("/openapi/v1.json", get(make_sync(|_| page("application/json", &CONTRACT))))
        .at("/docs", get(make_sync(|_| documentation.answer())))
        .into_endpoint()
        .with(
            CatchPanic::new()
                .with_handler(|_| Error::internal("a handler panicked").problem(Language::French).respond()),
        )
        .with(Edge(app.clone(), api::methods_of, limits))
}

/// The contract as it is served: made when it is first asked for, so that starting is quick.
static CONTRACT: LazyLock<String> = LazyLock::new(|| api::contract().to_string());

/// The interactive documentation: one page without any third party, that shows the very contract.
static DOCUMENTATION: LazyLock<Documentation> = LazyLock::new(|| Documentation::new(""));
/// The same, where staff sign in.
static DOCUMENTATION_OF_STAFF: LazyLock<Documentation> = LazyLock::new(|| Documentation::new("/connexion"));

struct Documentation {
    page: String,
    /// The scripts and styles that it carries, by their hashes, and those of this origin.
    policy: String,
}

/// Where the page starts: what it makes is given a name, so that the key of who signed in can be handed to it.
const STARTS: &str = "SwaggerUIBundle({\n        dom_id";

impl Documentation {
    fn new(door: &str) -> Self {
        let shell = OpenApiService::new((), "Clairière", "1");
        // A closing tag inside a description would end the script.
        let contract = CONTRACT.replace("</", "<\\/");
        let script = signin::DOCUMENTATION.address();
        let page = shell
            .swagger_ui_html()
            .replacen("<html charset=\"UTF-8\">", "<!doctype html>\n<html lang=\"en\">", 1)
            .replacen(
                "<title>Swagger UI</title>",
                "<title>Clairière – API</title>\n    <link rel=\"icon\" href=\"data:,\">",
                1,
            )
            .replace(&shell.spec(), &contract)
            .replacen(STARTS, &format!("window.ui = {STARTS}"), 1)
            .replacen("\n</body>", &format!("\n<script src=\"{script}\" data-door=\"{door}\"></script>\n</body>"), 1);
        let policy = headers::policy_of(&page);
        Self { page, policy }
    }

    fn answer(&'static self) -> Response {
        let mut page = page("text/html; charset=utf-8", &self.page);
        if let Ok(policy) = HeaderValue::from_str(&self.policy) {
            page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        page
    }
}

fn page(content_type: &str, body: &'static str) -> Response {
    Response::builder().content_type(content_type).body(body)
}
