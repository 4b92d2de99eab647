//! Many trainees sign at once, against the real program: `cargo bench --bench load`.
//!
//! Half-days are open with ten trainees each; every trainee opens their page and signs with a drawing, all of them spread
//! over a time, in an order that mixes the half-days. Nobody waits for anybody: each begins at the moment that is
//! theirs, so that a server that falls behind shows it. Arguments: half-days (50) and seconds (30); the whole scenario is
//! `cargo bench --bench load -- 500 300`.

#[path = "../api/child.rs"]
#[expect(dead_code, reason = "shared with the bench of the API, which measures more")]
mod child;
mod seed;
mod visit;

use std::time::{Duration, Instant};

use child::Child;

/// Trainees of a half-day.
const HEADS: usize = 10;

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let (halves, seconds) = (numbers.next().unwrap_or(50), numbers.next().unwrap_or(30));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    let folder = std::env::temp_dir().join(format!("clairiere-load-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let database = format!("sqlite:{}", folder.join("load.db").display());
    let files = folder.join("files");
    let begun = Instant::now();
    let pages = runtime.block_on(seed::fill(&database, &files, halves, HEADS));
    println!(
        "{halves} half-days open, {} trainees, {seconds} s; seeded in {:.0} s; server and load share {} cores",
        pages.len(),
        begun.elapsed().as_secs_f64(),
        std::thread::available_parallelism().map_or(0, std::num::NonZero::get)
    );
    let port = child::free_port();
    let server = Child::serve(
        &[
            ("DATABASE_URL", database),
            ("FILES_DIR", files.display().to_string()),
            ("MAIL_DIR", folder.join("mail").display().to_string()),
            ("LISTEN", format!("127.0.0.1:{port}")),
            ("LOG", "error".to_owned()),
        ],
        port,
    );
    let before = server.resident_mb();
    let cpu = server.cpu();
    let (visits, most) = runtime.block_on(async {
        let visits = visit::all(port, &pages, Duration::from_secs(seconds as u64));
        tokio::pin!(visits);
        let mut most = before;
        loop {
            tokio::select! {
                done = &mut visits => return (done, most),
                () = tokio::time::sleep(Duration::from_millis(500)) => most = most.max(server.resident_mb()),
            }
        }
    });
    let cpu = server.cpu().saturating_sub(cpu);
    println!("{:<8} {:>9} {:>9} {:>9} {:>9} {:>7}", "", "requests", "p50 ms", "p99 ms", "max ms", "errors");
    for (name, times) in [("page", &visits.pages), ("sign", &visits.signatures)] {
        println!(
            "{name:<8} {:>9} {:>9.1} {:>9.1} {:>9.1} {:>7}",
            times.len(),
            millis(share(times, 50)),
            millis(share(times, 99)),
            millis(share(times, 100)),
            visits.errors_of(name)
        );
    }
    println!(
        "memory {before:.0} MB at rest, {most:.0} MB at most; processor {:.1} s of {:.1} s",
        cpu.as_secs_f64(),
        visits.took.as_secs_f64()
    );
    drop(server);
    std::fs::remove_dir_all(&folder).ok();
    assert_eq!(visits.errors(), 0, "every signature is kept");
}

/// The time under which so many in a hundred are.
fn share(times: &[Duration], percent: usize) -> Duration {
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
