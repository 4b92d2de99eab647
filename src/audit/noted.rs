//! Reading the audit is an act like another: it is noted before anything is shown.

use super::events::Event;
use crate::platform::{
    access::{Actor, Ctx},
    audit, calendar,
    error::{Error, Result},
};

/// Note who reads, in the organisation's stream; the same reading again on the same day adds nothing.
pub async fn note(ctx: &mut Ctx, event: impl FnOnce(uuid::Uuid) -> Event) -> Result<()> {
    let Actor::Key(principal) = ctx.actor() else { return Err(Error::Unauthorized) };
    let event = event(principal.key).into();
    let today = calendar::midnight(ctx.today());
    if audit::was_noted(ctx, &event, today).await? {
        return Ok(());
    }
    let mut tx = ctx.begin().await?;
    tx.act(None, event);
    tx.commit().await
}
