//! Sign out: the key that a sign-in made opens nothing any more.

use super::enter::live_keys;
use crate::{
    access::end_key,
    platform::{
        access::{Ctx, RequestFacts, by_key},
        app::App,
        error::{Error, Result},
    },
};

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It opens nothing any more.
    Ended,
    /// It was not made by a sign-in: it is another's to end.
    NotOurs,
}

/// End the key of a sign-in, or those of all sign-ins of its user. A key that opens nothing is left as it is: whoever signs
/// out twice is out.
pub async fn leave(app: &App, secret: &str, everywhere: bool, facts: RequestFacts) -> Result<Left> {
    let principal = match by_key(app, secret, &facts).await {
        Ok(principal) => principal,
        Err(Error::Unauthorized) => return Ok(Left::Ended),
        Err(other) => return Err(other),
    };
    let mut ctx = Ctx::by_identity(app, Some(principal.user), principal.name.clone(), facts);
    let mut tx = ctx.begin().await?;
    let live = live_keys(&tx.scope(), principal.user, tx.now()).await?;
    let Some(label) = live.iter().find(|key| key.id == principal.key).map(|key| key.label.clone()) else {
        return Ok(Left::NotOurs);
    };
    for key in live.into_iter().filter(|key| everywhere || key.label == label) {
        end_key(&mut tx, key).await?;
    }
    tx.commit().await?;
    Ok(Left::Ended)
}
