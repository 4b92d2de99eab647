//! What papers cost: `cargo bench --bench papers`.
//!
//! The demonstration is played once, so that every kind is measured on its real layout and real content; then the two
//! documents that other engines are measured with: a certificate, and an attendance sheet of 24 people and 6 half-days
//! with 144 drawn signatures, no two alike. Beside them, when they can be installed, WeasyPrint and TCPDF
//! (`references/run`). Argument: papers of the long run of the memory measure (10000).

mod memory;
mod samples;
mod sheet;
mod stage;

use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use entity::document;
use stage::Stage;

/// Each case is rendered for so long.
const TIME: Duration = Duration::from_secs(2);

fn main() {
    if let Some(job) = memory::asked() {
        return memory::run(&job);
    }
    let most = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(10_000);
    let stage = Stage::play();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);

    println!("{:<28} {:>10} {:>12} {:>10} {:>12}", "kind", "ms CPU", "per CPU-s", "bytes", "papers");
    for (kind, rows) in kinds(&stage.rows) {
        let Cost { cpu, bytes } = Cost::of(|n| samples::render(&rows[n % rows.len()], &stage.files));
        println!("{kind:<28} {:>10.2} {:>12.0} {bytes:>10} {:>12}", cpu * 1000.0, 1.0 / cpu, rows.len());
    }

    let certificate = stage.certificate();
    let together = format!("/s, {cores} cores");
    println!("\n{:<28} {:>10} {:>12} {:>10} {together:>14}", "engine and document", "ms CPU", "per CPU-s", "bytes");
    let one = |n: usize| samples::render(&samples::named(&certificate, n), &stage.files);
    report("certificate", one, cores);
    let drawn = sheet::Drawn::new();
    report("sheet 24 × 6, PNG read", |_| sheet::render(&drawn.read()), cores);
    report("sheet 24 × 6, pictures kept", |_| sheet::render(&drawn.kept()), cores);
    references();

    println!("\n{:<28} {:>12} {:>12}", "memory", "papers", "peak MB");
    for papers in [100, most] {
        let peak = memory::measure(&stage.folder, papers);
        println!("{:<28} {papers:>12} {peak:>12.1}", "certificates, all cores");
    }
}

/// The rows of each kind.
fn kinds(rows: &[document::Model]) -> BTreeMap<String, Vec<document::Model>> {
    let mut kinds: BTreeMap<String, Vec<document::Model>> = BTreeMap::new();
    for row in rows {
        kinds.entry(row.kind.clone()).or_default().push(row.clone());
    }
    kinds
}

/// What one paper takes.
struct Cost {
    /// Seconds of processor.
    cpu: f64,
    /// Of the first one.
    bytes: usize,
}

impl Cost {
    fn of(render: impl Fn(usize) -> Vec<u8>) -> Self {
        let bytes = render(0).len();
        let (begun, before) = (Instant::now(), thread_cpu());
        let mut count = 0;
        while begun.elapsed() < TIME {
            count += 1;
            render(count);
        }
        let cpu = thread_cpu().saturating_sub(before).as_secs_f64() / count as f64;
        Self { cpu, bytes }
    }
}

/// One core by its processor time, all of them by the clock.
fn report(name: &str, render: impl Fn(usize) -> Vec<u8> + Sync, cores: usize) {
    let Cost { cpu, bytes } = Cost::of(&render);
    let begun = Instant::now();
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|core| {
                let render = &render;
                scope.spawn(move || {
                    let mut made = 0;
                    while begun.elapsed() < TIME && !render(core + made * cores).is_empty() {
                        made += 1;
                    }
                    made
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).collect()
    });
    let together = counts.iter().sum::<usize>() as f64 / begun.elapsed().as_secs_f64();
    println!("{name:<28} {:>10.2} {:>12.0} {bytes:>10} {together:>14.0}", cpu * 1000.0, 1.0 / cpu);
}

/// Processor time of this thread.
fn thread_cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux tells the time of its threads");
    let nanoseconds =
        told.split(' ').next().and_then(|first| first.parse().ok()).expect("the first number is the time");
    Duration::from_nanos(nanoseconds)
}

/// The same two documents by other engines: their script prints lines of this table, or why it cannot.
fn references() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/papers/references/run");
    match Command::new(&script).status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("other engines: {} ended with {status}", script.display()),
        Err(error) => println!("other engines: {}: {error}", script.display()),
    }
}
