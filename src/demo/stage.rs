//! Where the demo plays: a folder of its own, a clock moved by hand, mails written as files.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use crate::{
    config::Settings,
    mail::Folder,
    platform::{
        app::App,
        clock::{HandClock, RandomIds},
        db::Opening,
        disk,
        error::{Error, Result},
        schema,
    },
    start,
};

/// What tells a demo's folder from anybody else's.
const MARKER: &str = "CLAIRIERE-DEMO";

/// A demo's folder, its settings, its clock.
pub struct Stage {
    /// The application.
    pub app: App,
    /// The simulated time.
    pub clock: HandClock,
    /// The folder.
    pub folder: PathBuf,
}

fn broken(path: &Path, error: &std::io::Error) -> Error {
    Error::Internal(format!("{}: {error}", path.display()))
}

/// Empty the folder of an earlier demo, or make it; refuse a folder that is not a demo's.
fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        let empty = fs::read_dir(folder).map_err(|error| broken(folder, &error))?.next().is_none();
        if !empty && !folder.join(MARKER).is_file() {
            return Err(Error::Internal(format!(
                "{} exists and holds no {MARKER}: it is not a demo's folder, so it is left alone; name another with --folder",
                folder.display()
            )));
        }
        fs::remove_dir_all(folder).map_err(|error| broken(folder, &error))?;
    }
    disk::write(&folder.join(MARKER), b"Made by `clairiere demo`, which deletes this folder when it runs again.\n")
        .map_err(|error| broken(folder, &error))
}

/// The settings of a demo in a folder.
pub fn settings(from: &Settings, folder: &Path) -> Settings {
    Settings {
        database_url: format!("sqlite:{}", folder.join("clairiere.db").display()),
        files_dir: folder.join("files"),
        mail_dir: folder.join("mail"),
        mail_url: None,
        mail_from: "formation@example.org".into(),
        specimen: true,
        // The story has its dates: who plays it later still has keys to try.
        key_days: 1095,
        ..from.clone()
    }
}

/// Set the stage at an instant.
pub async fn set(from: &Settings, folder: PathBuf, at: DateTime<Utc>) -> Result<Stage> {
    clear(&folder)?;
    for name in ["papers", "mail"] {
        disk::private_folder(&folder.join(name)).map_err(|error| broken(&folder, &error))?;
    }
    let settings = settings(from, &folder);
    schema::migrate(&settings.database_url, &RandomIds, at).await?;
    let clock = HandClock::at(at);
    let mail = Arc::new(Folder::new(&settings.mail_dir));
    // Nobody loses anything when the power fails during a demo: the disk need not be waited for.
    let opening = Opening { durable: false, ..Opening::default() };
    let app = start::with(settings, Arc::new(clock.clone()), Arc::new(RandomIds), mail, opening).await?;
    Ok(Stage { app, clock, folder })
}
