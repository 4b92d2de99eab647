//! Put the program together: the shared parts, then the route.

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, endpoint::make_sync, middleware::CatchPanic};

use crate::{
    api,
    config::Settings,
    mail,
    platform::{
        app::{App, Parts},
        blob::Blobs,
        clock::{Clock, Ids, MachineClock, RandomIds},
        db::{Db, Opening},
        error::{Error, Result},
        http::Edge,
    },
    reactions,
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
    let opening = Opening { connections: settings.database_connections, ..opening };
    let db = Db::open(&settings.database_url, opening).await?;
    let blobs = Blobs::folder(&settings.files_dir);
    Ok(App::new(Parts { db, clock, ids, blobs, mail, settings, reactions: reactions::of }))
}

/// The whole route: the API, its documentation, its contract.
pub fn route(app: &App) -> impl Endpoint<Output = Response> + 'static {
    let service = api::service();
    let contract = api::contract().to_string();
    let documentation =
        service.swagger_ui_html().replace("</head>", "<meta name=\"robots\" content=\"noindex\"></head>");
    let json = move |_| poem::Response::builder().content_type("application/json").body(contract.clone());
    let html = move |_| poem::Response::builder().content_type("text/html; charset=utf-8").body(documentation.clone());
    Route::new()
        .nest("/", service)
        .at("/openapi/v1.json", make_sync(json))
        .at("/docs", make_sync(html))
        .into_endpoint()
        .with(CatchPanic::new().with_handler(|_| {
            Response::from(
                Error::internal("a handler panicked").problem(crate::platform::error::Language::French).respond(),
            )
        }))
        .with(Edge(app.clone(), api::methods_of))
}
