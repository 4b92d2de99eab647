//! Half-days of which something proves already that they began: they neither move nor vanish.

use std::collections::HashSet;

use entity::{late_mark, mark, mark_evidence, presence_time, trainer_mark, walk_in};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::platform::{error::Result, scope::Scope};

/// Those of these half-days that somebody signed, was noted on, or was added to.
pub async fn proved(scope: &Scope<'_>, slots: &[Uuid]) -> Result<HashSet<Uuid>> {
    let mut found = HashSet::new();
    macro_rules! tables {
        ($($name:ident),*) => { $(
            let rows = scope.find::<$name::Entity>().filter($name::Column::SlotId.is_in(slots.iter().copied()));
            found.extend(rows.all().await?.into_iter().map(|row| row.slot_id));
        )* };
    }
    tables!(mark, trainer_mark, mark_evidence, late_mark, presence_time, walk_in);
    Ok(found)
}
