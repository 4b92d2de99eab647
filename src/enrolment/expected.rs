//! Which half-days a trainee is expected on.

use std::collections::HashSet;

use entity::{enrolment, enrolment_slot, session_slot};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    platform::{error::Result, scope::Scope},
    session::slots_of_session,
};

/// The half-days that a trainee follows, in order: those of the session, or the chosen ones.
pub async fn expected_slots(scope: &Scope<'_>, enrolment: &enrolment::Model) -> Result<Vec<session_slot::Model>> {
    let mut slots = slots_of_session(scope, enrolment.session_id).await?;
    if !enrolment.all_slots {
        let chosen: HashSet<Uuid> = scope
            .find::<enrolment_slot::Entity>()
            .filter(enrolment_slot::Column::EnrolmentId.eq(enrolment.id))
            .all()
            .await?
            .into_iter()
            .map(|row| row.slot_id)
            .collect();
        slots.retain(|slot| chosen.contains(&slot.id));
    }
    Ok(slots)
}
