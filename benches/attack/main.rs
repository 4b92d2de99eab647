//! What people feel while somebody attacks, against the real program: `cargo bench --bench attack`.
//!
//! Each attack runs for a while; meanwhile one reader and one writer ask at a steady pace, each from the moment that is
//! theirs, and the server's memory is watched. Then the attackers keep their sockets open and do nothing: how long the
//! server holds them is measured too. The server may open 1 024 files, as many systems allow by default.
//!
//! Arguments: seconds of an attack (15), and `check`, which fails when an answer was not the right one, when more than
//! 250 MiB were held or a socket for more than 40 s. `cargo test --bench attack -- 2 check` is the shortened one.

mod attacks;
#[path = "../api/child.rs"]
#[expect(dead_code, reason = "shared with the bench of the API, which measures more")]
mod child;
#[path = "../load/seed.rs"]
#[expect(dead_code, reason = "shared with the bench of the load, whose trainees also sign")]
mod load_seed;
mod people;
mod seed;
mod wire;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use attacks::Attack;
use child::Child;
use people::Felt;

/// The server holds no more memory than this, in mebibytes.
const MEMORY: f64 = 250.0;
/// How long the slowest of a hundred others waits at most (p99).
const PATIENCE: Duration = Duration::from_millis(300);
/// Nor a socket of an attacker longer than this.
const FREE_AGAIN: Duration = Duration::from_secs(40);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seconds = words.iter().find_map(|word| word.parse().ok()).unwrap_or(15);
    let check = words.iter().any(|word| word == "check");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let folder = std::env::temp_dir().join(format!("clairiere-attack-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let database = format!("sqlite:{}", folder.join("attack.db").display());
    let files = folder.join("files");
    let world = runtime.block_on(seed::fill(&database, &files));
    println!(
        "{:<34} {:>6} {:>9} {:>9} {:>9} {:>9} {:>6} {:>9} {:>9}",
        "attack", "sent", "read p99", "max ms", "write p99", "max ms", "failed", "MiB most", "freed in"
    );
    let mut wrong = vec![];
    for attack in Attack::ALL {
        let port = child::free_port();
        let server = Child::started(
            narrow(),
            &[
                ("DATABASE_URL", database.clone()),
                ("FILES_DIR", files.display().to_string()),
                ("MAIL_DIR", folder.join("mail").display().to_string()),
                ("LISTEN", format!("127.0.0.1:{port}")),
                ("LOG", "error".to_owned()),
            ],
            port,
        );
        let told = runtime.block_on(one(attack, &server, port, &world, Duration::from_secs(seconds)));
        println!("{}", told.line(attack));
        wrong.extend(told.wrong(attack));
        drop(server);
    }
    std::fs::remove_dir_all(&folder).ok();
    for fault in &wrong {
        eprintln!("{fault}");
    }
    assert!(!check || wrong.is_empty(), "an attack went too far");
}

/// The server, allowed as many open files as many systems allow by default.
fn narrow() -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 1024 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_clairiere")]);
    shell
}

/// Sockets that the server holds.
fn sockets(server: &Child) -> usize {
    let held = std::fs::read_dir(format!("/proc/{}/fd", server.id())).into_iter().flatten().flatten();
    held.filter(|file| std::fs::read_link(file.path()).is_ok_and(|to| to.display().to_string().starts_with("socket:")))
        .count()
}

/// What came of one attack.
struct Told {
    sent: usize,
    refused: Result<(), String>,
    felt: Felt,
    memory: f64,
    freed: Option<Duration>,
}

async fn one(attack: Attack, server: &Child, port: u16, world: &seed::World, time: Duration) -> Told {
    people::warm_up(port, world).await;
    // Its own socket is gone by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let at_rest = sockets(server);
    let begun = Instant::now();
    let people = tokio::spawn(people::ask(port, world.clone(), begun + time));
    let attacking = attacks::run(attack, port, world, begun + time);
    tokio::pin!(attacking);
    let mut memory = server.resident_mb();
    let done = loop {
        tokio::select! {
            done = &mut attacking => break done,
            () = tokio::time::sleep(Duration::from_millis(50)) => memory = memory.max(server.resident_mb()),
        }
    };
    let felt = people.await.expect("people ask to the end");
    memory = memory.max(server.resident_mb());
    // The attackers stay, and say nothing more.
    let quiet = Instant::now();
    let freed = loop {
        if sockets(server) <= at_rest {
            break Some(quiet.elapsed());
        }
        if quiet.elapsed() > FREE_AGAIN + Duration::from_secs(20) {
            break None;
        }
        memory = memory.max(server.resident_mb());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    drop(done.held);
    Told { sent: done.sent, refused: done.refused, felt, memory, freed }
}

impl Told {
    fn line(&self, attack: Attack) -> String {
        let millis = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1000.0);
        let freed = self.freed.map_or("never".to_owned(), |time| format!("{:.1} s", time.as_secs_f64()));
        format!(
            "{:<34} {:>6} {:>9} {:>9} {:>9} {:>9} {:>6} {:>9.0} {freed:>9}",
            attack.name(),
            self.sent,
            millis(people::share(&self.felt.reads, 99)),
            millis(people::share(&self.felt.reads, 100)),
            millis(people::share(&self.felt.writes, 99)),
            millis(people::share(&self.felt.writes, 100)),
            self.felt.failed,
            self.memory,
        )
    }

    fn wrong(&self, attack: Attack) -> Vec<String> {
        let mut found = vec![];
        let name = attack.name();
        if let Err(why) = &self.refused {
            found.push(format!("{name}: {why}"));
        }
        // An unoptimised build is slower than anybody waits for.
        let slowest = people::share(&self.felt.reads, 99).max(people::share(&self.felt.writes, 99));
        if !cfg!(debug_assertions) && slowest > PATIENCE {
            found.push(format!("{name}: others waited {slowest:?}"));
        }
        if self.memory > MEMORY {
            found.push(format!("{name}: {:.0} MiB were held", self.memory));
        }
        if self.freed.is_none_or(|time| time > FREE_AGAIN) {
            found.push(format!("{name}: sockets were held for more than {FREE_AGAIN:?}"));
        }
        if self.felt.failed > 0 {
            found.push(format!("{name}: {} of the others’ requests failed: {:?}", self.felt.failed, self.felt.answers));
        }
        found
    }
}
