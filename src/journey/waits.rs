//! What waits for somebody's decision in a session: late signatures, statements, people added on the spot, names, papers.

use std::collections::HashMap;

use entity::{document, enrolment, late_mark, mark, name_correction, person, walk_in};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::todo::Wait;
use crate::{
    attendance::{LateKind, Proof},
    document::Kind,
    people::name_of,
    platform::{error::Result, scope::Scope},
};

/// Everything that waits in a session with these half-days.
pub async fn waits(scope: &Scope<'_>, session: Uuid, slots: &[Uuid]) -> Result<Vec<(Wait, Uuid, String)>> {
    let late = scope
        .find::<late_mark::Entity>()
        .filter(late_mark::Column::SlotId.is_in(slots.iter().copied()))
        .filter(late_mark::Column::State.eq("pending"))
        .ascending(late_mark::Column::Id)
        .all()
        .await?;
    let stated = scope
        .find::<mark::Entity>()
        .filter(mark::Column::SlotId.is_in(slots.iter().copied()))
        .filter(mark::Column::Proof.eq(Proof::TrainerStatement.name()))
        .filter(mark::Column::Minutes.gt(0))
        .filter(mark::Column::ConfirmedAt.is_null())
        .ascending(mark::Column::Id)
        .all()
        .await?;
    let enrolments: Vec<enrolment::Model> =
        scope.find::<enrolment::Entity>().filter(enrolment::Column::SessionId.eq(session)).all().await?;
    let corrections = scope
        .find::<name_correction::Entity>()
        .filter(name_correction::Column::EnrolmentId.is_in(enrolments.iter().map(|row| row.id)))
        .filter(name_correction::Column::State.eq("open"))
        .ascending(name_correction::Column::Id)
        .all()
        .await?;
    let people = scope.map::<person::Entity>(enrolments.iter().map(|row| row.person_id)).await?;
    let known: HashMap<Uuid, Uuid> = enrolments.iter().map(|row| (row.id, row.person_id)).collect();
    let name =
        |enrolment: Uuid| known.get(&enrolment).and_then(|person| people.get(person)).map(name_of).unwrap_or_default();
    let mut found: Vec<(Wait, Uuid, String)> = vec![];
    for row in &late {
        let wait = match LateKind::of(&row.kind)? {
            LateKind::Statement => Wait::LateStatement,
            LateKind::Late | LateKind::Conflict => Wait::LateMark,
        };
        found.push((wait, row.id, name(row.enrolment_id)));
    }
    found.extend(stated.iter().map(|row| (Wait::Statement, row.id, name(row.enrolment_id))));
    found.extend(corrections.iter().map(|row| (Wait::NameCorrection, row.id, name(row.enrolment_id))));
    let added = scope
        .find::<walk_in::Entity>()
        .filter(walk_in::Column::SlotId.is_in(slots.iter().copied()))
        .filter(walk_in::Column::State.eq("pending"))
        .ascending(walk_in::Column::Id)
        .all()
        .await?;
    found.extend(added.into_iter().map(|row| (Wait::WalkIn, row.id, format!("{} {}", row.first_name, row.last_name))));
    let sheets = scope
        .find::<document::Entity>()
        .filter(document::Column::SessionId.eq(session))
        .filter(document::Column::Kind.eq(Kind::AttendanceSheet.name()))
        .filter(document::Column::State.eq("outdated"))
        .ascending(document::Column::Id)
        .all()
        .await?;
    found.extend(sheets.into_iter().map(|row| (Wait::Sheet, row.id, row.reference)));
    Ok(found)
}
