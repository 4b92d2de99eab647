//! What the API costs, measured on the real program: `cargo bench --bench api`.
//!
//! The release binary serves a database of its own (SQLite, and PostgreSQL when `BENCH_DATABASE_URL` names a server or
//! one is installed); 32 kept-alive connections read a row, read a list of 50 and create rows that are on the disk when
//! they are answered. One table comes out. Arguments: seconds a case (5).

mod child;
mod load;
mod postgres;
mod seed;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use child::{Child, Cost};
use load::{Case, Figures};

/// Rows that are there before the measure.
const ROWS: usize = 120;
const CONNECTIONS: usize = 32;

fn main() {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let folder = std::env::temp_dir().join(format!("clairiere-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    println!(
        "{CONNECTIONS} kept-alive connections, {seconds} s a case, {ROWS} rows at the start; server and load share {} cores\n",
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
    );
    println!(
        "{:<10} {:<12} {:>9} {:>9} {:>9} {:>12} {:>12} {:>9} {:>7}",
        "database", "case", "req/s", "p50 ms", "p99 ms", "CPU µs/req", "+database", "RSS MB", "errors"
    );
    let sqlite = format!("sqlite:{}", folder.join("bench.db").display());
    runtime.block_on(measure("sqlite", &sqlite, &folder, Duration::from_secs(seconds), None));
    match postgres::server(&folder) {
        Some(server) => {
            let url = runtime.block_on(postgres::database(&server.url));
            runtime.block_on(measure("postgres", &url, &folder, Duration::from_secs(seconds), server.pid));
        }
        None => println!("postgres   not measured: no server is installed, and BENCH_DATABASE_URL is not set"),
    }
    std::fs::remove_dir_all(&folder).ok();
}

async fn measure(name: &str, url: &str, folder: &Path, time: Duration, postmaster: Option<u32>) {
    let files: PathBuf = folder.join(format!("files-{name}"));
    let seeded = seed::fill(url, &files, ROWS).await;
    let port = child::free_port();
    let settings = [
        ("DATABASE_URL", url.to_owned()),
        ("FILES_DIR", files.display().to_string()),
        ("MAIL_DIR", folder.join(format!("mail-{name}")).display().to_string()),
        ("LISTEN", format!("127.0.0.1:{port}")),
        ("LOG", "error".to_owned()),
    ];
    let cold = cold_start(&settings, port);
    let server = Child::serve(&settings, port);
    let cases = [
        ("get", Case::get(format!("/v1/people/{}", seeded.person))),
        ("list of 50", Case::get("/v1/people?limit=50".into())),
        (
            "create",
            Case::post("/v1/people".into(), r#"{"first_name":"Zoé","birth_name":"Lefèvre","email":"zoe@example.org"}"#),
        ),
    ];
    for (title, case) in cases {
        let address = format!("127.0.0.1:{port}");
        load::run(&address, &seeded.key, &case, CONNECTIONS, time / 10).await;
        let (before, base_before) = (server.cpu(), postmaster.map(child::children_cpu));
        let Figures { requests, errors, p50, p99, took } =
            load::run(&address, &seeded.key, &case, CONNECTIONS, time).await;
        let Cost { per_request } = Cost::of(server.cpu().saturating_sub(before), requests);
        let base = match (base_before, postmaster.map(child::children_cpu)) {
            (Some(before), Some(after)) => {
                format!("{:.0}", Cost::of(after.saturating_sub(before), requests).per_request)
            }
            _ => "-".into(),
        };
        println!(
            "{name:<10} {title:<12} {:>9.0} {:>9.1} {:>9.1} {per_request:>12.0} {base:>12} {:>9.1} {errors:>7}",
            requests as f64 / took.as_secs_f64(),
            millis(p50),
            millis(p99),
            server.resident_mb(),
        );
    }
    println!("{name:<10} cold start of `serve` on an up-to-date database: {:.0} ms (best of 5)", millis(cold));
}

/// From the start of the process to its first answer.
fn cold_start(settings: &[(&str, String)], port: u16) -> Duration {
    let one = || {
        let begun = Instant::now();
        let server = Child::serve(settings, port);
        let took = begun.elapsed();
        drop(server);
        took
    };
    (0..5).map(|_| one()).min().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
