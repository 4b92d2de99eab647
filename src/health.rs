//! Whether the service runs, for those who watch over it.

use poem_openapi::{Object, OpenApi};

use crate::{
    api::Tag,
    platform::{
        access::Open,
        answer::View,
        app::App,
        error::{Error, Result},
        schema,
    },
    words,
};

words! {
    /// How the service is.
    pub enum Wellbeing {
        /// Well.
        Ok = "ok",
    }
}

/// How the service is.
#[derive(Debug, Clone, Object)]
pub struct Health {
    /// `ok`, or the answer is not this one.
    pub status: Wellbeing,
}

/// Health.
pub struct HealthApi;

#[OpenApi(tag = "Tag::Health")]
impl HealthApi {
    /// Tell whether the process answers; asks nothing of the database.
    #[oai(path = "/healthz", method = "get", operation_id = "get_health")]
    async fn get_health(&self, _open: Open) -> Result<View<Health>> {
        Ok(View(Health { status: Wellbeing::Ok }))
    }

    /// Tell whether the service can work: the database answers, its schema is the present one, it takes a write (tried for
    /// real, at most every ten seconds), and the store of files is there and is its own.
    #[oai(path = "/readyz", method = "get", operation_id = "get_readiness")]
    async fn get_readiness(&self, _open: Open, app: poem::web::Data<&App>) -> Result<View<Health>> {
        let unavailable = |why: &str| Error::Unavailable(why.to_owned());
        app.db.ping().await.map_err(|_| unavailable("the database does not answer"))?;
        match schema::pending(&app.db).await {
            Ok(0) => {}
            Ok(_) => return Err(unavailable("the schema of the database is not up to date")),
            Err(Error::Internal(_)) => {
                return Err(unavailable("the schema of the database cannot be read, or is newer than this program"));
            }
            Err(other) => return Err(other),
        }
        app.db.takes_writes().await?;
        app.blobs.look().await?;
        Ok(View(Health { status: Wellbeing::Ok }))
    }
}
