//! What writers that were killed left beside the files that they were writing.

use tracing::{info, warn};

use crate::platform::{
    app::App,
    disk,
    error::{Error, Result},
    schema,
};

/// Delete it, once it is a day old: beside the database, in the store of files, in the folder of mails. Answers how many
/// files.
pub async fn collect(app: &App) -> Result<usize> {
    let mut found = app.blobs.collect().await?;
    let beside =
        schema::file_of(&app.settings.database_url).and_then(|file| file.parent().map(std::path::Path::to_owned));
    let mails = app.settings.mail_url.is_none().then(|| app.settings.mail_dir.clone());
    for folder in beside.into_iter().chain(mails) {
        let told = folder.display().to_string();
        let collected = disk::run(move || disk::collect(&folder, false, disk::ABANDONED)).await.and_then(|done| done);
        found += collected.map_err(|error| Error::Internal(format!("{told}: {error}")))?;
    }
    Ok(found)
}

/// The same beside what a service does: told in its log.
pub async fn collect_in_passing(app: App) {
    match collect(&app).await {
        Ok(0) => {}
        Ok(found) => info!("Deleted {found} unfinished file(s) of writers that were killed"),
        Err(error) => warn!("The unfinished files of writers that were killed were not deleted: {error}"),
    }
}
