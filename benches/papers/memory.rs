//! Peak memory of a process that renders certificates and does nothing else.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::{samples, stage};

const FOLDER: &str = "CLAIRIERE_BENCH_FOLDER";
const PAPERS: &str = "CLAIRIERE_BENCH_PAPERS";

/// What a child is asked to do.
pub struct Job {
    folder: PathBuf,
    papers: usize,
}

/// The job of this process, when it is such a child.
pub fn asked() -> Option<Job> {
    let papers = std::env::var(PAPERS).ok()?.parse().ok()?;
    Some(Job { folder: std::env::var_os(FOLDER)?.into(), papers })
}

/// Render on all cores, then tell the peak in kilobytes.
pub fn run(job: &Job) {
    let rows = stage::rows(&job.folder);
    let certificate = rows.iter().find(|row| row.kind == "certificate").expect("the demonstration issues certificates");
    let files = stage::files(&job.folder);
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= job.papers {
                        return;
                    }
                    samples::render(&samples::named(certificate, n), &files);
                }
            });
        }
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next());
    println!("{}", peak.unwrap_or("0"));
}

/// The peak, in megabytes, of a child that renders so many certificates.
pub fn measure(folder: &Path, papers: usize) -> f64 {
    let output = Command::new(std::env::current_exe().expect("a bench knows its own file"))
        .env(FOLDER, folder)
        .env(PAPERS, papers.to_string())
        .output()
        .expect("a bench can start itself");
    String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().unwrap_or_default() / 1024.0
}
