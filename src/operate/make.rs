//! Bring a database to the present schema, or make one where there is none.

use crate::{
    config::Settings,
    platform::{
        blob::Blobs,
        clock::{Clock, MachineClock, RandomIds},
        error::{Error, Result},
        schema,
    },
};

/// Answers how many migrations were applied. Where the store of files has its database already, none is made: the disk of
/// that database is not there.
pub(super) async fn make(settings: &Settings) -> Result<usize> {
    if let Some(file) = schema::file_of(&settings.database_url)
        && !file.exists()
    {
        let blobs = Blobs::open(settings)?;
        if let Some(name) = blobs.carried().await? {
            return Err(Error::Internal(format!(
                "DATABASE_URL: there is no database at {}, but {} belongs to database {name}: is a mount missing? To begin \
                 anew, give it another store of files",
                file.display(),
                blobs.said()
            )));
        }
    }
    schema::migrate(&settings.database_url, &RandomIds, MachineClock.now()).await
}
