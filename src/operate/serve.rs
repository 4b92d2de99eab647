//! Serve until told to stop; the worker runs beside unless it is left to another process.

use std::time::Duration;

use tokio::net::TcpListener;
use tracing::{info, warn};

use super::{
    leftovers,
    listen::{self, ConnectionLimits},
    make::make,
};
use crate::{
    config::Settings,
    platform::{
        app::App,
        error::{Error, Result},
        stop::Stop,
    },
    start, work,
};

/// Begin to log as the settings say.
pub fn start_log(settings: &Settings, quiet: bool) -> std::result::Result<(), String> {
    let filter = if quiet { "warn" } else { &settings.log }
        .parse::<tracing_subscriber::EnvFilter>()
        .map_err(|error| format!("LOG: expected a level or directives such as warn,clairiere=info ({error})"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if settings.log_format == "json" {
        log.json().init();
    } else {
        log.init();
    }
    Ok(())
}

/// Serve the API.
pub async fn serve(settings: Settings, with_worker: bool, migrate: bool) -> Result<()> {
    let sqlite = settings.database_url.starts_with("sqlite:");
    if sqlite || migrate {
        make(&settings).await?;
    }
    listen(start::app(settings).await?, with_worker).await
}

/// How long closing the database may take: what is committed is committed.
const CLOSING: Duration = Duration::from_secs(1);

/// Listen until a signal asks to stop; requests and jobs that are under way get a few seconds, at the same time.
pub async fn listen(app: App, with_worker: bool) -> Result<()> {
    let _watched = super::watch(&app).await?;
    let stop = stop_on_signal();
    tokio::spawn(leftovers::collect_in_passing(app.clone()));
    let worker = with_worker.then(|| tokio::spawn(work::run_forever(app.clone(), stop.clone())));
    let listen = app.settings.listen.clone();
    let refused = |error: std::io::Error| Error::Internal(format!("LISTEN {listen}: {error}"));
    let limits = ConnectionLimits::within_descriptors(app.settings.connections, app.settings.database_connections);
    let limits = limits.map_err(|wrong| Error::Internal(format!("CONNECTIONS: {wrong}")))?;
    let listener = TcpListener::bind(&listen).await.map_err(refused)?;
    info!("Listening on {listen}, {} connections at most", limits.most);
    eprintln!(
        "Clairière écoute sur {} ; documentation interactive : {}/docs",
        app.settings.base_url(),
        app.settings.base_url()
    );
    listen::serve(listener, start::route(&app), limits, stop.asked()).await.map_err(refused)?;
    stop.ask();
    if let Some(worker) = worker {
        worker.await.map_err(Error::internal)?;
    }
    close(&app).await
}

/// Only work, for a second process.
pub async fn work(settings: Settings) -> Result<()> {
    let app = start::app(settings).await?;
    let _watched = super::watch(&app).await?;
    tokio::spawn(leftovers::collect_in_passing(app.clone()));
    work::run_forever(app.clone(), stop_on_signal()).await;
    close(&app).await
}

async fn close(app: &App) -> Result<()> {
    match tokio::time::timeout(CLOSING, app.db.close()).await {
        Ok(closed) => Ok(closed?),
        Err(_) => {
            warn!("The database does not close: the process ends without it");
            Ok(())
        }
    }
}

/// Bring the schema up to date.
pub async fn migrate(settings: Settings) -> Result<()> {
    let applied = make(&settings).await?;
    println!("{applied} migration(s) applied");
    Ok(())
}

/// What a signal asks to stop.
fn stop_on_signal() -> Stop {
    let stop = Stop::default();
    let asked = stop.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        asked.ask();
    });
    stop
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
