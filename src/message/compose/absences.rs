//! Absences of a half-day, told to the client the same day, and told again when they turn out to be others.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{attendance_sheet, booking, client, funder, funding_file, mark, message, reminder, session_slot};
use sea_orm::ColumnTrait;
use serde_json::json;
use uuid::Uuid;

use super::{
    super::{
        Text,
        concerned::{Meeting, Role, contact, person},
        letter::{Letter, Recipient},
        rules,
    },
    about, letter, told, with,
};
use crate::platform::{audit::sha256, error::Result, scope::Scope};

/// Absences of the day, to the client; to whoever follows the funder's file too, when the funder asks. Never a reason.
///
/// The cause is the half-day (something was recorded or corrected, it was closed), or what was planned for its end. While a
/// half-day goes on, and until those who note its absences had the time to, nothing is told unless it is closed.
pub(super) async fn absence_notice(scope: &Scope<'_>, id: Uuid, now: DateTime<Utc>) -> Result<Vec<Letter>> {
    let planned = scope.find::<reminder::Entity>().filter(reminder::Column::Id.eq(id)).one().await?;
    let slot = planned.and_then(|row| rules::slot_of(&row.key)).unwrap_or(id);
    let slot = scope.get::<session_slot::Entity>(slot).await?;
    if now < rules::absences_due(slot.ends_at) && !is_closed(scope, slot.id).await? {
        return Ok(vec![]);
    }
    let meeting = Meeting::of(scope, slot.session_id).await?;
    let absent: Vec<Uuid> = scope
        .find::<mark::Entity>()
        .filter(mark::Column::SlotId.eq(slot.id))
        .filter(mark::Column::Presence.is_in(["absent", "excused"]))
        .all()
        .await?
        .into_iter()
        .map(|row| row.enrolment_id)
        .collect();
    let trainees = meeting.trainees_in(scope, &["enrolled", "started", "completed", "abandoned", "no_show"]).await?;
    let mut letters = vec![];
    for booking in &meeting.bookings {
        let Some(client) = meeting.client(booking).filter(|client| client.kind != "individual") else { continue };
        let away: BTreeMap<Uuid, String> = trainees
            .iter()
            .filter(|one| one.booking.id == booking.id && absent.contains(&one.enrolment.id))
            .map(|one| (one.enrolment.id, person(&one.person).name))
            .collect();
        for (to, funder) in readers(scope, client, booking).await? {
            let Some(turn) = turn(scope, slot.id, booking.id, to.id, &away).await? else { continue };
            let names: Vec<&String> = away.values().collect();
            let facts = json!({
                "names": names, "day": slot.day, "half": meeting.line(&slot)?, "funder": funder, "again": turn.again,
            });
            let mut letter =
                about(letter(Text::AbsenceNotice, to, with(told(&meeting)?, facts)), &meeting, Some(booking));
            letter.once = Some(turn.once);
            letters.push(letter);
        }
    }
    Ok(letters)
}

async fn is_closed(scope: &Scope<'_>, slot: Uuid) -> Result<bool> {
    let sheet =
        scope.find::<attendance_sheet::Entity>().filter(attendance_sheet::Column::SlotId.eq(slot)).one().await?;
    Ok(sheet.is_some_and(|sheet| sheet.state == "closed"))
}

/// Whoever reads of absences for a booking: the training lead, and whoever follows the file of a funder that asks.
async fn readers(
    scope: &Scope<'_>,
    client: &client::Model,
    booking: &booking::Model,
) -> Result<Vec<(Recipient, Option<String>)>> {
    let lead = contact(scope, client, Some(booking), Role::Training).await?;
    let Some(funder) = asking_funder(scope, booking.id).await? else { return Ok(vec![(lead, None)]) };
    // The funder is told through whoever follows its file at the client's; one mail to somebody who follows both.
    let follows = contact(scope, client, Some(booking), Role::Accounting).await?;
    Ok(if follows.id == lead.id { vec![(lead, Some(funder))] } else { vec![(lead, None), (follows, Some(funder))] })
}

/// A notice that is to be written.
struct Turn {
    /// What makes it itself: the half-day, how many were written before it, who is away.
    once: Uuid,
    /// Whether it takes the place of another.
    again: bool,
}

/// Whether these absences must be told: not when they are those that were told last, nor when there is nothing to say.
async fn turn(
    scope: &Scope<'_>,
    slot: Uuid,
    booking: Uuid,
    to: Uuid,
    away: &BTreeMap<Uuid, String>,
) -> Result<Option<Turn>> {
    let once = |before: usize| {
        let said = json!([slot, before, away.keys().collect::<Vec<_>>()]).to_string();
        Uuid::parse_str(&sha256(said)[..32]).unwrap_or(slot)
    };
    let prefix = format!("{}:", Text::AbsenceNotice.name());
    let suffix = format!(":{booking}:{to}");
    let of_slot: Vec<String> = scope
        .find::<message::Entity>()
        .filter(message::Column::Text.eq(Text::AbsenceNotice.name()))
        .filter(message::Column::BookingId.eq(booking))
        .filter(message::Column::Cause.is_in(causes(scope, slot).await?))
        .ascending(message::Column::Id)
        .all()
        .await?
        .into_iter()
        .filter_map(|row| Some(row.once_key.strip_prefix(&prefix)?.strip_suffix(&suffix)?.to_owned()))
        .collect();
    Ok(match of_slot.last() {
        None => (!away.is_empty()).then(|| Turn { once: once(0), again: false }),
        // Told when once was enough: the key does not say who was away, and « rectification » could be false.
        Some(last) if *last == slot.to_string() => None,
        Some(last) if *last == once(of_slot.len() - 1).to_string() => None,
        Some(_) => Some(Turn { once: once(of_slot.len()), again: true }),
    })
}

/// Why notices of a half-day were written: it was closed or corrected, the evening of its day came.
async fn causes(scope: &Scope<'_>, slot: Uuid) -> Result<Vec<String>> {
    let planned = scope
        .find::<reminder::Entity>()
        .filter(reminder::Column::Key.eq(rules::absences_key(slot)))
        .one()
        .await?
        .map(|row| row.id);
    Ok([Some(slot), planned].into_iter().flatten().map(|id| format!("{}:{id}", Text::AbsenceNotice.name())).collect())
}

/// The funder of a booking that asks to be told of absences, by name.
async fn asking_funder(scope: &Scope<'_>, booking: Uuid) -> Result<Option<String>> {
    let file = scope
        .find::<funding_file::Entity>()
        .filter(funding_file::Column::BookingId.eq(booking))
        .filter(funding_file::Column::State.is_not_in(["refused", "withdrawn"]))
        .filter(funding_file::Column::AbsenceNotice.eq(true))
        .one()
        .await?;
    match file {
        Some(file) => Ok(Some(scope.get::<funder::Entity>(file.funder_id).await?.name)),
        None => Ok(None),
    }
}
