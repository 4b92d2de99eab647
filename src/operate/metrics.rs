//! Figures for monitoring, on an address of their own: they need no key, so they are not where the world is.

use poem::{
    Endpoint, IntoEndpoint, IntoResponse, Response, Route, Server,
    endpoint::make,
    get,
    http::header,
    listener::{Acceptor, Listener, TcpListener},
};
use tokio::task::JoinHandle;
use tracing::info;

use crate::platform::{
    app::App,
    error::{Error, Result},
    metrics,
};

/// The figures are served for as long as this is held.
#[derive(Debug)]
pub struct Watched {
    /// Where they are.
    pub address: String,
    task: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serve the figures where `METRICS_LISTEN` says, if it says.
pub async fn watch(app: &App) -> Result<Option<Watched>> {
    let Some(listen) = &app.settings.metrics_listen else { return Ok(None) };
    let acceptor = TcpListener::bind(listen.clone())
        .into_acceptor()
        .await
        .map_err(|error| Error::Internal(format!("METRICS_LISTEN {listen}: {error}")))?;
    let bound = acceptor.local_addr().into_iter().find_map(|local| local.as_socket_addr().copied());
    let address = bound.map_or_else(|| listen.clone(), |bound| bound.to_string());
    info!("Figures for monitoring are at http://{address}/metrics");
    let server = Server::new_with_acceptor(acceptor).run(figures(app));
    let task = tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!("The figures are not served any more: {error}");
        }
    });
    Ok(Some(Watched { address, task }))
}

/// `GET /metrics`, and nothing else.
pub fn figures(app: &App) -> impl Endpoint<Output = Response> + 'static {
    let app = app.clone();
    let answer = make(move |_| {
        let app = app.clone();
        async move {
            let text = metrics::render(&app).await.map_err(|error| {
                tracing::error!("The figures cannot be told: {error}");
                poem::Error::from_status(poem::http::StatusCode::INTERNAL_SERVER_ERROR)
            })?;
            let answer = Response::builder()
                .content_type(metrics::CONTENT_TYPE)
                .header(header::CACHE_CONTROL, "no-store")
                .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
                .body(text);
            Ok::<_, poem::Error>(answer.into_response())
        }
    });
    Route::new().at("/metrics", get(answer)).into_endpoint()
}
