//! The letterhead of an activity: its brand's colour, logo and lines.

use entity::activity::{ActiveModel, Entity, Model};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::events::Event;
use crate::{
    organisation::{LetterheadOut, NewLetterhead, logo, settings},
    platform::{
        access::Ctx,
        contract::Patch,
        error::{Error, Result},
        scope::Scope,
    },
};

/// The letterhead of a row.
pub fn shown(row: Model) -> LetterheadOut {
    LetterheadOut { version: row.version, letterhead: written(row) }
}

fn written(row: Model) -> NewLetterhead {
    NewLetterhead {
        accent: row.accent,
        logo_id: row.logo_id,
        header_line: row.header_line,
        footer_line: row.footer_line,
    }
}

/// Change the letterhead of an activity: what is absent stays, what is null goes.
pub async fn change(ctx: &mut Ctx, activity: Uuid, patch: &Patch<NewLetterhead>) -> Result<LetterheadOut> {
    let asked = patch.apply(&written(ctx.scope().get::<Entity>(activity).await?))?;
    if patch.names("logo_id") {
        logo(ctx, asked.logo_id, Some(activity), "/logo_id").await?;
    }
    let mut tx = ctx.begin().await?;
    allowed(&tx.scope()).await?;
    let row = tx.edit::<Entity>(activity).await?;
    let NewLetterhead { accent, logo_id, header_line, footer_line } = patch.apply(&written(row.clone()))?;
    let row = tx
        .act(activity, Event::LetterheadChanged { activity }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.accent = Set(accent);
            edit.logo_id = Set(logo_id);
            edit.header_line = Set(header_line);
            edit.footer_line = Set(footer_line);
        })
        .await?;
    tx.commit().await?;
    Ok(shown(row))
}

/// Trainers dress their own papers as long as the cooperative lets them.
async fn allowed(scope: &Scope<'_>) -> Result<()> {
    if scope.sees_all() || settings(scope).await?.activities_letterhead {
        return Ok(());
    }
    Err(Error::refused(
        "letterhead.cooperative_only",
        "La coopérative règle elle-même l’en-tête des documents de chaque activité : demandez-lui ce changement.",
        "The cooperative sets the letterhead of each activity itself: ask it for this change.",
    ))
}
