//! Letters by which people sign: a trainee's link, a trainer's day, the receipt of a signature that was only declared.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    attendance_sheet, enrolment, late_mark, mark, mark_evidence, reminder, session_slot, slot_trainer, trainer,
};
use sea_orm::ColumnTrait;
use serde_json::json;
use uuid::Uuid;

use super::{
    super::{
        Text,
        concerned::{Meeting, person},
        letter::{Letter, Recipient},
    },
    about, letter,
};
use crate::{
    attendance::Means,
    link::{Purpose, wanted, wanted_day},
    organisation::settings,
    people::name_of,
    platform::{
        calendar,
        error::{Error, Result},
        scope::Scope,
    },
    signing::addresses,
};

/// How long somebody may say that a signature was not theirs.
const DISPUTE: TimeDelta = TimeDelta::days(30);

async fn planned(scope: &Scope<'_>, id: Uuid) -> Result<Option<reminder::Model>> {
    scope.find::<reminder::Entity>().filter(reminder::Column::Id.eq(id)).one().await
}

/// When a link stops opening anything: after the last of these half-days and the time for late signatures.
async fn until<'a>(
    scope: &Scope<'_>,
    slots: impl Iterator<Item = &'a session_slot::Model>,
) -> Result<Option<DateTime<Utc>>> {
    let late = TimeDelta::hours(i64::from(settings(scope).await?.late_mark_hours));
    Ok(slots.map(|slot| slot.ends_at + late).max())
}

/// To each trainee whose address is theirs alone: because a half-day begins (a reminder), or because it was asked for
/// (their enrolment).
pub(super) async fn signing_link(scope: &Scope<'_>, id: Uuid, base_url: &str) -> Result<Vec<Letter>> {
    let (session, slot, only) = match planned(scope, id).await? {
        Some(row) => {
            let slot = row.key.rsplit(':').next().and_then(|id| id.parse::<Uuid>().ok());
            (row.session_id, Some(slot.ok_or(Error::Missing("session_slot"))?), None)
        }
        None => (scope.get::<enrolment::Entity>(id).await?.session_id, None, Some(id)),
    };
    let meeting = Meeting::of(scope, session).await?;
    let Some(expires_at) = until(scope, meeting.slots.iter()).await? else { return Ok(vec![]) };
    let half = meeting.slots.iter().find(|one| Some(one.id) == slot);
    let mut done: HashSet<Uuid> = HashSet::new();
    if let Some(slot) = slot {
        // Cancelled or closed meanwhile: there is nothing to sign.
        let sheet = scope.find::<attendance_sheet::Entity>().filter(attendance_sheet::Column::SlotId.eq(slot));
        let closed = sheet.one().await?.is_some_and(|sheet| sheet.state == "closed");
        if half.is_none() || closed {
            return Ok(vec![]);
        }
        let marks = scope.find::<mark::Entity>().filter(mark::Column::SlotId.eq(slot)).all().await?;
        done.extend(marks.into_iter().map(|row| row.enrolment_id));
    }
    let own = addresses(scope, session).await?;
    let mut letters = vec![];
    for trainee in meeting.trainees(scope).await? {
        let id = trainee.enrolment.id;
        let expected = slot.is_none_or(|slot| trainee.follows(slot));
        let Some(Ok(address)) = own.get(&id) else { continue };
        if !expected || done.contains(&id) || only.is_some_and(|only| only != id) {
            continue;
        }
        let to = Recipient { address: Some(address.clone()), ..person(&trainee.person) };
        let facts = json!({
            "title": meeting.session.title, "half": half.map(|slot| meeting.line(slot)).transpose()?,
            "link": wanted(base_url, Purpose::SignSession, id, expires_at),
        });
        let mut letter = about(letter(Text::SigningLink, to, facts), &meeting, Some(&trainee.booking));
        letter.enrolment = Some(id);
        letters.push(letter);
    }
    Ok(letters)
}

/// To each trainer of a day: in the morning (a reminder), or because it was asked for (a half-day of that day).
pub(super) async fn day_link(scope: &Scope<'_>, id: Uuid, base_url: &str) -> Result<Vec<Letter>> {
    let (session, day) = match planned(scope, id).await? {
        Some(row) => {
            let day = row.key.rsplit(':').next().and_then(|day| day.parse().ok());
            (row.session_id, day.ok_or(Error::Missing("day"))?)
        }
        None => {
            let slot = scope.get::<session_slot::Entity>(id).await?;
            (slot.session_id, slot.day)
        }
    };
    let meeting = Meeting::of(scope, session).await?;
    let halves: Vec<&session_slot::Model> = meeting.slots.iter().filter(|slot| slot.day == day).collect();
    let Some(expires_at) = until(scope, halves.iter().copied()).await? else { return Ok(vec![]) };
    let teaching = scope
        .find::<slot_trainer::Entity>()
        .filter(slot_trainer::Column::SlotId.is_in(halves.iter().map(|slot| slot.id)))
        .all()
        .await?;
    let trainers = scope.map::<trainer::Entity>(teaching.iter().map(|row| row.trainer_id)).await?;
    let people = scope.map::<entity::person::Entity>(trainers.values().map(|row| row.person_id)).await?;
    let mut trainers: Vec<trainer::Model> = trainers.into_values().collect();
    trainers.sort_by_key(|row| row.id);
    let mut letters = vec![];
    for trainer in trainers {
        let theirs: Vec<&session_slot::Model> = halves
            .iter()
            .filter(|slot| teaching.iter().any(|row| row.slot_id == slot.id && row.trainer_id == trainer.id))
            .copied()
            .collect();
        let (Some(to), Some(first)) = (people.get(&trainer.person_id).map(person), theirs.first()) else { continue };
        if to.address.is_none() {
            continue;
        }
        let schedule = meeting.schedule(&theirs)?;
        let facts = json!({
            "title": meeting.session.title, "day": day, "schedule": schedule,
            "link": wanted_day(base_url, first.id, trainer.id, expires_at),
        });
        letters.push(about(letter(Text::DayLink, to, facts), &meeting, None));
    }
    Ok(letters)
}

/// To whoever is said to have signed with the code of the room; the cause is the evidence, or the late mark. Where others
/// read the address too, the receipt holds no link: they could deny in the trainee's name, who tells the trainer instead.
pub(super) async fn signing_receipt(scope: &Scope<'_>, id: Uuid, base_url: &str) -> Result<Vec<Letter>> {
    let late = scope.find::<late_mark::Entity>().filter(late_mark::Column::Id.eq(id)).one().await?;
    let evidence = scope.get::<mark_evidence::Entity>(late.map_or(id, |late| late.evidence_id)).await?;
    if evidence.means != Means::RotatingCodeDeclared.name() {
        return Ok(vec![]);
    }
    let slot = scope.get::<session_slot::Entity>(evidence.slot_id).await?;
    let meeting = Meeting::of(scope, slot.session_id).await?;
    let trainees = meeting.trainees(scope).await?;
    let Some(trainee) = trainees.into_iter().find(|one| Some(one.enrolment.id) == evidence.enrolment_id) else {
        return Ok(vec![]);
    };
    let to = person(&trainee.person);
    if to.address.is_none() {
        return Ok(vec![]);
    }
    let own = addresses(scope, slot.session_id).await?.remove(&trainee.enrolment.id).is_some_and(|own| own.is_ok());
    let link = own.then(|| wanted(base_url, Purpose::DisputeMark, evidence.id, evidence.signed_at + DISPUTE));
    let facts = json!({
        "title": meeting.session.title, "half": meeting.line(&slot)?, "at": calendar::moment(evidence.signed_at),
        "name": name_of(&trainee.person), "link": link,
    });
    let mut letter = about(letter(Text::SigningReceipt, to, facts), &meeting, Some(&trainee.booking));
    letter.enrolment = Some(trainee.enrolment.id);
    letter.ends = Some(evidence.signed_at + DISPUTE);
    Ok(vec![letter])
}
