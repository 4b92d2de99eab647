//! Letters about a training that takes place, or does not: information, convocations, reminders, changes, absences.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{
    booking, document, enrolment, funding_file, information_pack, message, person as person_row, reminder, session,
    session_slot, slot_trainer,
};
use sea_orm::ColumnTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    super::{
        Text,
        concerned::{Meeting, Role, Trainee, contact, convocations, person, teachers},
        letter::{Attached, Letter},
        received::corrects,
        rules,
    },
    HOUSE_RULES, WELCOME_BOOKLET, about, letter, programme, texts, told, told_of, with,
};
use crate::{
    document::{Kind, State},
    platform::{calendar, codes::stored, error::Result, number::EmailAddress, scope::Scope},
};

/// What a trainee must know before they are enrolled, when it was said to go by mail.
pub(super) async fn information(scope: &Scope<'_>, id: Uuid, today: chrono::NaiveDate) -> Result<Vec<Letter>> {
    let pack = scope.get::<information_pack::Entity>(id).await?;
    if pack.channel != "email" {
        return Ok(vec![]);
    }
    let enrolment = scope.get::<enrolment::Entity>(pack.enrolment_id).await?;
    let booking = scope.get::<booking::Entity>(enrolment.booking_id).await?;
    let trainee = scope.get::<person_row::Entity>(enrolment.person_id).await?;
    let session = scope.get::<session::Entity>(enrolment.session_id).await?;
    let pieces: Value = stored(&pack.pieces)?;
    let programme = programme(scope, Some(booking.programme_version_id)).await?;
    let rules = texts(scope, &[HOUSE_RULES], today).await?;
    let facts = json!({
        "title": session.title, "timetable": pieces["timetable"], "trainers": pieces["trainers"],
        "contact": pieces["contact"], "price": pieces["price_cents"], "programme": programme.is_some(),
        "house_rules": !rules.is_empty(),
    });
    let mut to = person(&trainee);
    if EmailAddress::parse(&pack.recipient).is_ok() {
        to.address = Some(pack.recipient);
    }
    let mut letter = letter(Text::Information, to, facts);
    letter.client = Some(booking.client_id);
    letter.session = Some(session.id);
    letter.booking = Some(booking.id);
    letter.enrolment = Some(enrolment.id);
    letter.attached.extend(programme);
    letter.attached.extend(rules);
    Ok(vec![letter])
}

/// A paper about one trainee: to them, or to the client's training lead when they have no address.
pub(super) async fn to_trainee(scope: &Scope<'_>, id: Uuid, text: Text, now: DateTime<Utc>) -> Result<Vec<Letter>> {
    let today = calendar::local_day(now);
    let paper = scope.get::<document::Entity>(id).await?;
    let (Some(session), Some(enrolment)) = (paper.session_id, paper.enrolment_id) else { return Ok(vec![]) };
    if paper.state != "current" || corrects(scope, &paper).await? {
        return Ok(vec![]);
    }
    let meeting = Meeting::of(scope, session).await?;
    let trainee = meeting.trainees(scope).await?.into_iter().find(|one| one.enrolment.id == enrolment);
    let Some(trainee) = trainee else { return Ok(vec![]) };
    let mut attached = vec![Attached::Document { id }];
    let mut enclosed = vec![];
    if text == Text::Convocation {
        let programme = programme(scope, Some(trainee.booking.programme_version_id)).await?;
        enclosed.extend(programme.iter().map(|_| "le programme"));
        attached.extend(programme);
        for (kind, words, name) in HANDOUTS {
            let found = handout(scope, session, kind, words, today).await?;
            enclosed.extend(found.iter().map(|_| name));
            attached.extend(found);
        }
    }
    let what = if text == Text::Convocation { "la convocation jointe" } else { "l’attestation jointe" };
    let own = meeting.of_them(|slot| trainee.follows(slot));
    // Whoever joins later is called to what is still to come.
    let begins = own.iter().map(|slot| slot.starts_at).find(|at| *at > now).or(own.first().map(|slot| slot.starts_at));
    let facts = with(told_of(&meeting, &own)?, json!({ "enclosed": enclosed }));
    let mut letter = reach(scope, &meeting, &trainee, text, facts, what).await?;
    letter.attached = attached;
    letter.begins = begins;
    Ok(vec![letter])
}

/// What is handed over with a convocation: the paper's kind, the text it is made from, its name in a sentence.
const HANDOUTS: [(Kind, &str, &str); 2] = [
    (Kind::WelcomeBooklet, WELCOME_BOOKLET, "le livret d’accueil"),
    (Kind::InternalRules, HOUSE_RULES, "le règlement intérieur"),
];

/// The handout as it was issued for the session, or the cooperative's text as it is.
async fn handout(
    scope: &Scope<'_>,
    session: Uuid,
    kind: Kind,
    text: &str,
    today: chrono::NaiveDate,
) -> Result<Vec<Attached>> {
    let issued = scope
        .find::<document::Entity>()
        .filter(document::Column::Kind.eq(kind.name()))
        .filter(document::Column::SessionId.eq(session))
        .filter(document::Column::State.eq("current"))
        .one()
        .await?;
    match issued {
        Some(paper) => Ok(vec![Attached::Document { id: paper.id }]),
        None => texts(scope, &[text], today).await,
    }
}

/// To a trainee who has an address, or to the training lead, naming them.
async fn reach(
    scope: &Scope<'_>,
    meeting: &Meeting,
    trainee: &Trainee,
    text: Text,
    facts: Value,
    what: &str,
) -> Result<Letter> {
    let to = person(&trainee.person);
    let mut made = match (to.address.is_some(), meeting.client(&trainee.booking)) {
        (true, _) | (false, None) => letter(text, to, facts),
        (false, Some(client)) => {
            let facts = with(facts, json!({ "names": [to.name], "what": what }));
            let to = contact(scope, client, Some(&trainee.booking), Role::Training).await?;
            // One mail for each of those without an address.
            Letter { part: Some(trainee.enrolment.id), ..letter(Text::Relay, to, facts) }
        }
    };
    made = about(made, meeting, Some(&trainee.booking));
    made.enrolment = Some(trainee.enrolment.id);
    Ok(made)
}

/// To each client: who was convoked since it was last told, and to which half-days.
pub(super) async fn convocation_copy(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let meeting = Meeting::of(scope, id).await?;
    let trainees = meeting.trainees(scope).await?;
    let papers = convocations(scope, id, &[State::Current]).await?;
    let told = last_copies(scope, id).await?;
    let mut letters = vec![];
    for booking in &meeting.bookings {
        let Some(client) = meeting.client(booking).filter(|client| client.kind != "individual") else { continue };
        let before = told.get(&booking.id).copied().unwrap_or(Uuid::nil());
        let paper = |one: &Trainee| papers.iter().find(|(enrolment, _)| *enrolment == one.enrolment.id);
        let new: Vec<(&Trainee, Uuid)> = trainees
            .iter()
            .filter(|one| one.booking.id == booking.id)
            .filter_map(|one| paper(one).map(|(_, paper)| (one, *paper)))
            .filter(|(_, paper)| *paper > before)
            .collect();
        let Some(last) = new.iter().map(|(_, paper)| *paper).max() else { continue };
        let slots = meeting.of_them(|slot| new.iter().any(|(one, _)| one.follows(slot)));
        let mut names = vec![];
        for (one, _) in &new {
            let own = meeting.of_them(|slot| one.follows(slot));
            let name = person(&one.person).name;
            names.push(if own.len() == slots.len() { name } else { format!("{name}, {}", days_of(&own)) });
        }
        let to = contact(scope, client, Some(booking), Role::Training).await?;
        let facts = with(told_of(&meeting, &slots)?, json!({ "names": names }));
        let mut letter = about(letter(Text::ConvocationCopy, to, facts), &meeting, Some(booking));
        letter.once = Some(last);
        letters.push(letter);
    }
    Ok(letters)
}

/// « les 13 et 14 janvier 2026 », half-days told by their day.
fn days_of(slots: &[&session_slot::Model]) -> String {
    let mut days: Vec<String> = slots.iter().map(|slot| calendar::date(slot.day)).collect();
    days.dedup();
    format!("{} {}", if days.len() > 1 { "les" } else { "le" }, calendar::and(&days))
}

/// The last convocation that each booking's client was told of: their mail is named by it.
async fn last_copies(scope: &Scope<'_>, session: Uuid) -> Result<BTreeMap<Uuid, Uuid>> {
    let copies = scope
        .find::<message::Entity>()
        .filter(message::Column::SessionId.eq(session))
        .filter(message::Column::Text.eq(Text::ConvocationCopy.name()))
        .filter(message::Column::OnceKey.starts_with(format!("{}:", Text::ConvocationCopy.name())))
        .all()
        .await?;
    let mut last = BTreeMap::new();
    for copy in copies {
        let paper = copy.once_key.split(':').nth(1).and_then(|id| id.parse().ok());
        if let (Some(booking), Some(paper)) = (copy.booking_id, paper) {
            let known: &mut Uuid = last.entry(booking).or_insert(paper);
            *known = (*known).max(paper);
        }
    }
    Ok(last)
}

pub(super) async fn reminder(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let planned = scope.get::<reminder::Entity>(id).await?;
    let meeting = Meeting::of(scope, planned.session_id).await?;
    let mut days: Vec<_> = meeting.slots.iter().map(|slot| slot.day).collect();
    days.dedup();
    let block = rules::blocks(&days)
        .into_iter()
        .find(|block| block.first().is_some_and(|first| planned.key.ends_with(&first.to_string())));
    let Some(block) = block else { return Ok(vec![]) };
    let slots: Vec<&session_slot::Model> = meeting.slots.iter().filter(|slot| block.contains(&slot.day)).collect();
    let mut letters = vec![];
    // Those without an address, by whom they follow with and what they follow: one mail names them all.
    let mut without: BTreeMap<(Uuid, Vec<Uuid>), Vec<Trainee>> = BTreeMap::new();
    for trainee in meeting.trainees(scope).await? {
        let own: Vec<&session_slot::Model> = slots.iter().filter(|slot| trainee.follows(slot.id)).copied().collect();
        if own.is_empty() {
            continue;
        }
        if trainee.person.email.is_some() {
            let facts = told_of(&meeting, &own)?;
            let mut letter = reach(scope, &meeting, &trainee, Text::Reminder, facts, "").await?;
            letter.begins = own.first().map(|slot| slot.starts_at);
            letters.push(letter);
        } else {
            let own = own.iter().map(|slot| slot.id).collect();
            without.entry((trainee.booking.id, own)).or_default().push(trainee);
        }
    }
    for ((_, own), trainees) in &without {
        let booking = &trainees[0].booking;
        let Some(client) = meeting.client(booking) else { continue };
        let own: Vec<&session_slot::Model> = slots.iter().filter(|slot| own.contains(&slot.id)).copied().collect();
        let names: Vec<String> = trainees.iter().map(|one| person(&one.person).name).collect();
        let facts = with(told_of(&meeting, &own)?, json!({ "names": names, "what": "ce rappel" }));
        let to = contact(scope, client, Some(booking), Role::Training).await?;
        let mut letter = about(letter(Text::Relay, to, facts), &meeting, Some(booking));
        letter.begins = own.first().map(|slot| slot.starts_at);
        letter.part = Some(trainees[0].enrolment.id);
        letters.push(letter);
    }
    for trainer in meeting.trainers(scope).await? {
        let own: Vec<&session_slot::Model> =
            slots.iter().filter(|slot| trainer.teaches.contains(&slot.id)).copied().collect();
        if own.is_empty() {
            continue;
        }
        let mut letter = about(letter(Text::Reminder, trainer.to, told_of(&meeting, &own)?), &meeting, None);
        letter.begins = own.first().map(|slot| slot.starts_at);
        letters.push(letter);
    }
    Ok(letters)
}

pub(super) async fn session_moved(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let slot = scope.get::<session_slot::Entity>(id).await?;
    let meeting = Meeting::of(scope, slot.session_id).await?;
    if meeting.session.state == "cancelled" {
        // The whole is called off, and said in one mail.
        return Ok(vec![]);
    }
    let line = meeting.line(&slot)?;
    let cancelled = (slot.state == "cancelled").then(|| line.clone());
    let change = json!({
        "cancelled": cancelled, "before": slot.previous_starts_at.map(calendar::moment), "after": line,
        "reason": slot.reason,
    });
    let facts = with(told(&meeting)?, change.clone());
    let mut letters = vec![];
    let convoked = convoked(scope, meeting.session.id).await?;
    for trainee in meeting.trainees(scope).await? {
        // Whoever was not convoked yet is called to the half-days as they are now.
        if trainee.follows(id) && convoked.contains(&trainee.enrolment.id) {
            let own = meeting.of_them(|slot| trainee.follows(slot));
            let facts = with(told_of(&meeting, &own)?, change.clone());
            let what = "l’annonce de ce changement";
            letters.push(reach(scope, &meeting, &trainee, Text::SessionMoved, facts, what).await?);
        }
    }
    for booking in meeting.bookings.iter().filter(|booking| booking.state == "agreed") {
        let Some(client) = meeting.client(booking).filter(|client| client.kind != "individual") else { continue };
        let to = contact(scope, client, Some(booking), Role::Training).await?;
        letters.push(about(letter(Text::SessionMoved, to, facts.clone()), &meeting, Some(booking)));
    }
    // Of a cancelled half-day, who taught it is told: it is among the meeting's no more.
    let teach = scope.find::<slot_trainer::Entity>().filter(slot_trainer::Column::SlotId.eq(id)).all().await?;
    for trainer in teachers(scope, teach).await? {
        letters.push(about(letter(Text::SessionMoved, trainer.to, facts.clone()), &meeting, None));
    }
    for letter in &mut letters {
        letter.begins = Some(slot.starts_at);
    }
    Ok(letters)
}

/// States of those who may have been convoked to what is called off.
const CALLED: [&str; 4] = ["invited", "enrolled", "started", "cancelled"];

/// A session is called off; or (a booking) what one client bought of it: those who were convoked, the client, the trainers.
pub(super) async fn session_cancelled(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let only = scope.find::<booking::Entity>().filter(booking::Column::Id.eq(id)).one().await?;
    let session = only.as_ref().map_or(id, |booking| booking.session_id);
    let mut meeting = Meeting::called_off(scope, session).await?;
    // Why a sale ended is between the client and the activity; why a session does not take place is for all.
    let reason = meeting.session.cancelled_reason.clone().filter(|_| only.is_none());
    let reason = json!({ "reason": reason });
    let facts = with(told(&meeting)?, reason.clone());
    let convoked = convoked(scope, session).await?;
    if let Some(only) = &only {
        meeting.bookings.retain(|booking| booking.id == only.id);
        // Whoever was never convoked expects nothing; whoever was, of a session that was called off, knows already.
        let expected = meeting.trainees_in(scope, &CALLED).await?;
        if meeting.session.state == "cancelled" || !expected.iter().any(|one| convoked.contains(&one.enrolment.id)) {
            return Ok(vec![]);
        }
    }
    let mut letters = vec![];
    for trainee in meeting.trainees_in(scope, &CALLED).await? {
        if convoked.contains(&trainee.enrolment.id) {
            let own = meeting.of_them(|slot| trainee.follows(slot));
            let facts = with(told_of(&meeting, &own)?, reason.clone());
            let what = "l’annonce de son annulation";
            letters.push(reach(scope, &meeting, &trainee, Text::SessionCancelled, facts, what).await?);
        }
    }
    for booking in &meeting.bookings {
        let Some(client) = meeting.client(booking) else { continue };
        let funded = scope
            .find::<funding_file::Entity>()
            .filter(funding_file::Column::BookingId.eq(booking.id))
            .filter(funding_file::Column::State.is_not_in(["draft", "refused", "withdrawn"]))
            .one()
            .await?;
        let mut roles = vec![Role::Training];
        // The funder is told through whoever follows its file at the client's.
        roles.extend(funded.map(|_| Role::Accounting));
        let mut written = HashSet::new();
        for role in roles {
            let to = contact(scope, client, Some(booking), role).await?;
            if written.insert(to.id) {
                letters.push(about(letter(Text::SessionCancelled, to, facts.clone()), &meeting, Some(booking)));
            }
        }
    }
    let trainers = if only.is_none() { meeting.trainers(scope).await? } else { vec![] };
    for trainer in trainers {
        let own = meeting.of_them(|slot| trainer.teaches.contains(&slot));
        let facts = with(told_of(&meeting, &own)?, reason.clone());
        letters.push(about(letter(Text::SessionCancelled, trainer.to, facts), &meeting, None));
    }
    Ok(letters)
}

/// Those who were convoked to a session, whatever became of the paper since.
async fn convoked(scope: &Scope<'_>, session: Uuid) -> Result<HashSet<Uuid>> {
    let papers = convocations(scope, session, State::ALL).await?;
    Ok(papers.into_iter().map(|(enrolment, _)| enrolment).collect())
}
