//! Letters about a half-day whose signatures are missing.

use std::collections::HashSet;

use entity::{attendance_sheet, mark, mark_evidence, reminder, session_slot, trainer_mark};
use sea_orm::ColumnTrait;
use serde_json::json;
use uuid::Uuid;

use super::{
    super::{
        Text,
        concerned::{Meeting, Trainee, person},
        letter::Letter,
        rules,
    },
    about, letter,
};
use crate::platform::{error::Result, scope::Scope};

/// A half-day that a planned mail is about, unless it was closed or cancelled meanwhile.
async fn open_slot(scope: &Scope<'_>, id: Uuid) -> Result<Option<session_slot::Model>> {
    let planned = scope.get::<reminder::Entity>(id).await?;
    let Some(slot) = rules::slot_of(&planned.key) else { return Ok(None) };
    let found = scope.find::<session_slot::Entity>().filter(session_slot::Column::Id.eq(slot)).one().await?;
    let closed = scope
        .find::<attendance_sheet::Entity>()
        .filter(attendance_sheet::Column::SlotId.eq(slot))
        .filter(attendance_sheet::Column::State.eq("closed"))
        .count()
        .await?;
    Ok(found.filter(|slot| closed == 0 && slot.state != "cancelled"))
}

/// The trainees who are expected on a half-day and of whom nothing is recorded.
async fn unsigned_on(scope: &Scope<'_>, meeting: &Meeting, slot: Uuid) -> Result<Vec<Trainee>> {
    let marked: HashSet<Uuid> = scope
        .find::<mark::Entity>()
        .filter(mark::Column::SlotId.eq(slot))
        .all()
        .await?
        .into_iter()
        .map(|row| row.enrolment_id)
        .collect();
    let mut trainees = meeting.trainees(scope).await?;
    trainees.retain(|one| one.follows(slot) && !marked.contains(&one.enrolment.id));
    Ok(trainees)
}

/// Whether people sign this half-day on devices: on a paper sheet, nobody is written to about a signature. Its code says
/// nothing of it: opening the day's page makes one too, for the signatures without network.
async fn is_signed_online(scope: &Scope<'_>, slot: Uuid) -> Result<bool> {
    let acts = scope
        .find::<mark_evidence::Entity>()
        .filter(mark_evidence::Column::SlotId.eq(slot))
        .filter(mark_evidence::Column::Means.ne("paper"))
        .count()
        .await?;
    Ok(acts > 0)
}

/// Before a half-day ends: those who have not signed, when the others do on devices.
pub(super) async fn unsigned(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let Some(slot) = open_slot(scope, id).await? else { return Ok(vec![]) };
    if !is_signed_online(scope, slot.id).await? {
        return Ok(vec![]);
    }
    let meeting = Meeting::of(scope, slot.session_id).await?;
    to_unsigned(scope, &meeting, &slot, false).await
}

async fn to_unsigned(
    scope: &Scope<'_>,
    meeting: &Meeting,
    slot: &session_slot::Model,
    over: bool,
) -> Result<Vec<Letter>> {
    let facts = json!({ "title": meeting.session.title, "half": meeting.line(slot)?, "over": over });
    let mut letters = vec![];
    for trainee in unsigned_on(scope, meeting, slot.id).await? {
        let to = person(&trainee.person);
        // A reminder to somebody else would be of no use to them.
        if to.address.is_some() {
            let mut made = about(letter(Text::Unsigned, to, facts.clone()), meeting, Some(&trainee.booking));
            made.enrolment = Some(trainee.enrolment.id);
            letters.push(made);
        }
    }
    Ok(letters)
}

/// The morning after: a half-day that is not closed, to its trainers; and to those who have not signed it.
pub(super) async fn unclosed(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let Some(slot) = open_slot(scope, id).await? else { return Ok(vec![]) };
    let meeting = Meeting::of(scope, slot.session_id).await?;
    let mut names: Vec<String> =
        unsigned_on(scope, &meeting, slot.id).await?.iter().map(|one| person(&one.person).name).collect();
    let own = scope.find::<trainer_mark::Entity>().filter(trainer_mark::Column::SlotId.eq(slot.id)).count().await?;
    if own == 0 {
        names.push("la personne qui forme".into());
    }
    let facts = json!({ "title": meeting.session.title, "half": meeting.line(&slot)?, "names": names });
    let mut letters = vec![];
    for trainer in meeting.trainers(scope).await?.into_iter().filter(|one| one.teaches.contains(&slot.id)) {
        letters.push(about(letter(Text::Unclosed, trainer.to, facts.clone()), &meeting, None));
    }
    if is_signed_online(scope, slot.id).await? {
        letters.extend(to_unsigned(scope, &meeting, &slot, true).await?);
    }
    Ok(letters)
}
