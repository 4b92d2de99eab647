//! A half-day watched as it happens: what a wall screen shows, sent whenever it changes, until the half-day ends.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{Stream, stream};
use tracing::warn;
use uuid::Uuid;

use super::{
    live::{Live, live, pulse},
    words::SheetState,
};
use crate::platform::{access::Ctx, error::Result};

/// Between two looks at the database: several instances may write to it.
const LOOK: Duration = Duration::from_secs(1);
/// A half-day that nobody closes is watched for so long after its end.
const AFTER: TimeDelta = TimeDelta::hours(2);

struct Watched {
    ctx: Ctx,
    slot: Uuid,
    seen: Option<i64>,
    over: bool,
}

/// The half-day now, then each time that it changes; ends with it.
pub async fn watch(ctx: Ctx, slot: Uuid) -> Result<impl Stream<Item = Live> + Send + 'static> {
    // What is out of reach is missing before anything is sent.
    ctx.scope().get::<entity::session_slot::Entity>(slot).await?;
    Ok(stream::unfold(Watched { ctx, slot, seen: None, over: false }, next))
}

async fn next(mut watched: Watched) -> Option<(Live, Watched)> {
    loop {
        if watched.over {
            return None;
        }
        let told = look(&mut watched).await.unwrap_or_else(|failure| {
            warn!(slot.id = %watched.slot, "A half-day could not be watched: {failure}");
            watched.over = true;
            None
        });
        if let Some(now) = told {
            return Some((now, watched));
        }
        if !watched.over {
            tokio::time::sleep(LOOK).await;
        }
    }
}

async fn look(watched: &mut Watched) -> Result<Option<Live>> {
    let scope = watched.ctx.scope();
    let newest = pulse(&scope, watched.slot).await?;
    if watched.seen == Some(newest) {
        let slot = scope.get::<entity::session_slot::Entity>(watched.slot).await?;
        watched.over = watched.ctx.now() > slot.ends_at + AFTER || slot.state == "cancelled";
        return Ok(None);
    }
    let now = live(&scope, watched.slot).await?;
    watched.seen = Some(newest);
    watched.over = now.state == SheetState::Closed || now.cancelled || watched.ctx.now() > now.ends_at + AFTER;
    Ok(Some(now))
}
