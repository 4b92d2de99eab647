//! A trainer is in one place at a time: what is agreed elsewhere refuses, what is only planned does not.

use entity::{session, session_slot, slot_trainer, trainer, user_account};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::platform::{
    busy::Busy,
    calendar,
    error::{Error, Result},
    scope::Scope,
    tx::Tx,
};

/// Lock trainers and, across activities, the users that they are: two agreements that want one trainer wait for each
/// other. Always in the order of identifiers.
pub(super) async fn lock(tx: &Tx<'_>, trainers: &[Uuid]) -> Result<()> {
    let mut users = vec![];
    for trainer in trainers {
        users.extend(tx.lock::<trainer::Entity>(*trainer).await?.user_id);
    }
    users.sort();
    users.dedup();
    for user in users {
        tx.lock::<user_account::Entity>(user).await?;
    }
    Ok(())
}

/// Refuse when a half-day of this session meets an agreed half-day of another one, for the same trainer.
pub(super) async fn require_free(
    scope: &Scope<'_>,
    session: &session::Model,
    slots: &[session_slot::Model],
    trainers: &[Uuid],
) -> Result<()> {
    let (Some(first), Some(last)) =
        (slots.iter().map(|slot| slot.starts_at).min(), slots.iter().map(|slot| slot.ends_at).max())
    else {
        return Ok(());
    };
    let taught = scope
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(slots.iter().map(|slot| slot.id)))
        .all()
        .await?;
    let elsewhere: Vec<Busy> = scope
        .busy(trainers, first, last)
        .await?
        .into_iter()
        .filter(|busy| busy.firm && busy.visible.is_none_or(|(_, other)| other != session.id))
        .collect();
    for slot in slots {
        let met = elsewhere.iter().find(|busy| {
            busy.starts_at < slot.ends_at
                && slot.starts_at < busy.ends_at
                && taught.iter().any(|row| row.slot_id == slot.id && row.trainer_id == busy.trainer)
        });
        if met.is_some() {
            return Err(Error::refused(
                "booking.trainer_busy",
                format!(
                    "Indisponible {} : une date agréée ailleurs occupe déjà un intervenant.",
                    calendar::moment(slot.starts_at)
                ),
                format!("Not available at {}: an agreed date elsewhere already takes a trainer.", slot.starts_at),
            ));
        }
    }
    Ok(())
}
