//! The program: one binary, its commands.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clairiere::{api, config::Settings, demo, operate};
use clap::{Parser, Subcommand};

/// Back office of a training activity carried by a worker cooperative.
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, its documentation and, unless told not to, the worker.
    Serve {
        /// Leave the worker to another process (`clairiere work`).
        #[arg(long, env = "NO_WORKER", default_value_t = false)]
        no_worker: bool,
        /// On PostgreSQL, bring an old schema up to date first. SQLite is always migrated, after a copy.
        #[arg(long, env = "MIGRATE", default_value_t = false)]
        migrate: bool,
    },
    /// Carry out what the API queued: mails, papers, reminders.
    Work,
    /// Bring the database to the present schema.
    Migrate,
    /// Play a whole training of the catalogue in ./demo, then serve it.
    Demo {
        /// Stop after the story.
        #[arg(long, default_value_t = false)]
        no_serve: bool,
        /// Where to play it; a folder that is not a demo's is never touched.
        #[arg(long, default_value = "demo")]
        folder: PathBuf,
    },
    /// Print the contract (OpenAPI) as JSON.
    Openapi,
    /// Make, list and revoke keys.
    Key {
        #[command(subcommand)]
        command: operate::KeyCommand,
    },
    /// Copy the database and the files while the service runs.
    Backup {
        /// A folder that does not exist yet.
        to: PathBuf,
    },
    /// Put a backup back into an empty place.
    Restore {
        /// The folder of the backup.
        from: PathBuf,
    },
    /// Check the audit's chains, the papers' hashes and the files.
    Verify {
        /// Delete the files that no row names, once they are older than a week, and what killed writers left.
        #[arg(long, default_value_t = false)]
        collect: bool,
        /// Check this backup instead, without restoring it.
        #[arg(long, conflicts_with = "collect")]
        backup: Option<PathBuf>,
    },
}

/// How long work that cannot be interrupted (a name that is looked up, a paper that is laid out) may hold the end.
const LAST: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("clairiere: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run());
    runtime.shutdown_timeout(LAST);
    code
}

async fn run() -> ExitCode {
    let Cli { settings, command } = Cli::parse();
    if let Err(wrong) = settings.check() {
        eprintln!("clairiere: {wrong}");
        return ExitCode::from(2);
    }
    // The demo tells its own story: its requests would drown it.
    let quiet = matches!(command, Command::Demo { .. });
    if let Err(wrong) = operate::start_log(&settings, quiet) {
        eprintln!("clairiere: {wrong}");
        return ExitCode::from(2);
    }
    let done = match command {
        Command::Serve { no_worker, migrate } => operate::serve(settings, !no_worker, migrate).await,
        Command::Work => operate::work(settings).await,
        Command::Migrate => operate::migrate(settings).await,
        Command::Demo { no_serve, folder } => demo::play(settings, folder, !no_serve).await,
        Command::Openapi => {
            println!("{:#}", api::contract());
            Ok(())
        }
        Command::Key { command } => operate::key(settings, command).await,
        Command::Backup { to } => operate::backup(settings, to).await,
        Command::Restore { from } => operate::restore(settings, from).await,
        Command::Verify { backup: Some(from), .. } => operate::check_backup(&from).await,
        Command::Verify { collect, backup: None } => operate::verify(settings, collect).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clairiere: {error}");
            ExitCode::FAILURE
        }
    }
}
