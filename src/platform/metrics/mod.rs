//! What monitoring reads: figures that the program counts as it answers, and others that it looks up when somebody asks.
//! Names and units are told in `docs/OPERATING.md`. No figure holds a name, an address, a path or an identifier.

mod process;
mod stored;

use std::{path::Path, time::Duration};

use chrono::{DateTime, Utc};
use poem::http::{Method, StatusCode};
use prometheus_client::{
    encoding::{EncodeLabelSet, prometheus_text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use tokio::sync::Mutex;
use tracing::warn;

use super::{app::App, db::PoolUse, error::Result, upkeep::Upkeep};
use stored::Stored;

/// The media type of the figures.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;
/// How long the database may take to tell what it holds.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bounds of the histogram of answers, in seconds.
const BOUNDS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

type Labels<const N: usize> = [(&'static str, &'static str); N];
/// A gauge of any number.
type Figure = Gauge<f64, std::sync::atomic::AtomicU64>;

/// What the program counts from its start.
#[derive(Debug)]
pub struct Metrics {
    started_at: DateTime<Utc>,
    requests: Family<Labels<2>, Counter>,
    seconds: Family<Labels<1>, Histogram, fn() -> Histogram>,
    /// Who asks while another is answered waits: however many ask, the database is asked by one.
    asked: Mutex<()>,
}

fn histogram() -> Histogram {
    Histogram::new(BOUNDS)
}

impl Metrics {
    /// Begin to count.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            started_at: now,
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            asked: Mutex::default(),
        }
    }

    /// A request was answered; a long answer counts until its first byte.
    pub fn answered(&self, method: &Method, status: StatusCode, took: Duration) {
        let (method, class) = (method_of(method), class_of(status));
        self.requests.get_or_create(&[("method", method), ("status", class)]).inc();
        self.seconds.get_or_create(&[("method", method)]).observe(took.as_secs_f64());
    }
}

/// A method by its name; whatever a caller made up is one name, so that no caller makes figures.
fn method_of(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// Every figure, as Prometheus reads it. A database that does not answer is itself a figure.
pub async fn render(app: &App) -> Result<String> {
    let _alone = app.metrics.asked.lock().await;
    let asked = tokio::time::timeout(PATIENCE, stored::look(&app.db, app.now())).await;
    let stored = match asked {
        Ok(Ok(stored)) => Some(stored),
        Ok(Err(error)) => {
            warn!("The figures of the database cannot be read: {error}");
            None
        }
        Err(_) => {
            warn!("The database did not tell its figures within {} s", PATIENCE.as_secs());
            None
        }
    };
    let places = process::places(&app.settings);
    // A network mount that hangs would hold a thread of the others.
    let measured = tokio::task::spawn_blocking(move || process::measure(&places));
    let measured = tokio::time::timeout(PATIENCE, measured).await.ok().and_then(std::result::Result::ok);
    let registry = registry(app, stored.as_ref(), measured.unwrap_or_default());
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry).map_err(super::error::Error::internal)?;
    Ok(text)
}

fn registry(app: &App, stored: Option<&Stored>, measured: process::Measured) -> Registry {
    let metrics = &app.metrics;
    let mut all = Registry::default();
    let process::Measured { memory, files_open, sockets, files_at_most, disks, database } = measured;
    one(&mut all, "process_start_time_seconds", "When the process began", metrics.started_at.timestamp() as f64);
    for (name, help, value) in [
        ("process_resident_memory_bytes", "Memory that the process holds", memory),
        ("process_open_fds", "Files and sockets that the process has open", files_open),
        ("process_open_sockets", "Those of them that are connections, and what listens for them", sockets),
        ("process_max_fds", "Files and sockets that it may have open", files_at_most),
    ] {
        if let Some(value) = value {
            one(&mut all, name, help, value as f64);
        }
    }
    let own = all.sub_registry_with_prefix("clairiere");
    several(own, "build_info", "The program that runs", [([("version", env!("CARGO_PKG_VERSION"))], 1.0)]);
    own.register("http_requests", "Requests answered, by method and class of status", metrics.requests.clone());
    own.register("http_request_duration_seconds", "How long until an answer began, by method", metrics.seconds.clone());
    let refused = Family::<Labels<1>, Counter>::default();
    for (reason, count) in app.refusals.counts() {
        refused.get_or_create(&[("reason", reason)]).inc_by(count);
    }
    own.register("refused", "Calls and personal links that were not let in, by reason", refused);
    let pools: Vec<PoolUse> = app.db.pools();
    let used = pools.iter().flat_map(|pool| {
        let busy = pool.open.saturating_sub(pool.idle);
        [
            ([("pool", pool.name), ("state", "busy")], f64::from(busy)),
            ([("pool", pool.name), ("state", "idle")], f64::from(pool.idle)),
        ]
    });
    several(own, "database_connections", "Connections to the database, by pool and state", used);
    let most = pools.iter().map(|pool| ([("pool", pool.name)], f64::from(pool.at_most)));
    several(own, "database_connections_max", "Connections that each pool may open", most);
    let free = disks.iter().map(|disk| ([("of", disk.of)], disk.free as f64));
    several(own, "disk_free_bytes", "Room left to the service on the disk that holds this", free);
    let size = disks.iter().map(|disk| ([("of", disk.of)], disk.size as f64));
    several(own, "disk_size_bytes", "Size of the disk that holds this", size);
    one(own, "database_up", "Whether the database told its figures", f64::from(u8::from(stored.is_some())));
    if let Some(bytes) = database.or(stored.and_then(|stored| stored.bytes)) {
        one(own, "database_size_bytes", "What the database takes on its disk", bytes as f64);
    }
    if let Some(stored) = stored {
        look_up(own, stored);
    }
    all
}

fn look_up(own: &mut Registry, stored: &Stored) {
    let jobs = stored.jobs.iter().map(|(state, count)| ([("state", *state)], *count as f64));
    several(own, "jobs", "Jobs that are not done, by state", jobs);
    one(own, "jobs_due", "Jobs that wait for a worker", stored.due as f64);
    one(own, "queue_age_seconds", "How long the oldest job that is due has waited", stored.age.as_secs_f64());
    let messages = stored.messages.iter().map(|(state, count)| ([("state", *state)], *count as f64));
    several(own, "messages", "Mails that did not leave, by state", messages);
    for what in [Upkeep::Backup, Upkeep::Verify] {
        let last = stored.upkeep.iter().find(|(name, _)| name == what.name()).map(|(_, last)| last);
        let name = what.name();
        let when = last.map_or(0.0, |last| last.done_at.timestamp() as f64);
        one(own, &format!("last_{name}_timestamp_seconds"), "When this was last done; 0 when it never was", when);
        if what == Upkeep::Verify {
            let faults = last.map_or(0.0, |last| last.faults as f64);
            one(own, "last_verify_faults", "Faults that the last verification found", faults);
        }
    }
}

fn one(registry: &mut Registry, name: &str, help: &str, value: f64) {
    let figure = Figure::default();
    figure.set(value);
    registry.register(name, help, figure);
}

fn several<const N: usize>(
    registry: &mut Registry,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (Labels<N>, f64)>,
) where
    Labels<N>: EncodeLabelSet,
{
    let family = Family::<Labels<N>, Figure>::default();
    for (labels, value) in values {
        family.get_or_create(&labels).set(value);
    }
    registry.register(name, help, family);
}

/// A folder that is there: this one, or the nearest above it.
fn standing(path: &Path) -> &Path {
    path.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_caller_makes_figures() {
        let metrics = Metrics::new(DateTime::default());
        for made_up in ["BREW", "PROPFIND", "X-1", "GET"] {
            let method = Method::from_bytes(made_up.as_bytes()).unwrap();
            metrics.answered(&method, StatusCode::NOT_FOUND, Duration::from_millis(3));
        }
        let mut registry = Registry::default();
        registry.register("requests", "Requests", metrics.requests.clone());
        let mut text = String::new();
        prometheus_text::encode(&mut text, &registry).unwrap();
        assert!(text.contains("requests_total{method=\"other\",status=\"4xx\"} 3"), "{text}");
        assert!(text.contains("requests_total{method=\"GET\",status=\"4xx\"} 1"), "{text}");
    }

    #[test]
    fn the_disk_of_a_folder_that_is_not_made_yet_is_that_of_the_one_above() {
        let made = std::env::temp_dir();
        assert_eq!(standing(&made.join("not/made/yet")), made.as_path());
        assert_eq!(standing(Path::new("not/made")), Path::new("."), "a relative one stands where the program does");
    }
}
