//! Letters about a training that takes place, or does not: information, convocations, reminders, changes, absences.

use std::collections::{BTreeMap, HashSet};

use entity::{
    booking, document, enrolment, enrolment_slot, funding_file, information_pack, person as person_row, reminder,
    session, session_slot,
};
use sea_orm::ColumnTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    super::{
        Text,
        concerned::{Meeting, Role, Trainee, contact, person},
        letter::{Attached, Letter},
        received::corrects,
        rules,
    },
    HOUSE_RULES, WELCOME_BOOKLET, about, letter, programme, texts, told, with,
};
use crate::{
    document::Kind,
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
pub(super) async fn to_trainee(
    scope: &Scope<'_>,
    id: Uuid,
    text: Text,
    today: chrono::NaiveDate,
) -> Result<Vec<Letter>> {
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
    let facts = with(told(&meeting), json!({ "enclosed": enclosed }));
    let mut letter = reach(scope, &meeting, &trainee, text, facts, what).await?;
    letter.attached = attached;
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
            letter(Text::Relay, contact(scope, client, Some(&trainee.booking), Role::Training).await?, facts)
        }
    };
    made = about(made, meeting, Some(&trainee.booking));
    made.enrolment = Some(trainee.enrolment.id);
    Ok(made)
}

pub(super) async fn convocation_copy(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let meeting = Meeting::of(scope, id).await?;
    let trainees = meeting.trainees(scope).await?;
    let mut letters = vec![];
    for booking in &meeting.bookings {
        let names: Vec<String> =
            trainees.iter().filter(|one| one.booking.id == booking.id).map(|one| person(&one.person).name).collect();
        let Some(client) = meeting.client(booking).filter(|client| client.kind != "individual") else { continue };
        if names.is_empty() {
            continue;
        }
        let to = contact(scope, client, Some(booking), Role::Training).await?;
        let facts = with(told(&meeting), json!({ "names": names }));
        letters.push(about(letter(Text::ConvocationCopy, to, facts), &meeting, Some(booking)));
    }
    Ok(letters)
}

pub(super) async fn reminder(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let planned = scope.get::<reminder::Entity>(id).await?;
    let meeting = Meeting::of(scope, planned.session_id).await?;
    let days = meeting.days();
    let block = rules::blocks(&days)
        .into_iter()
        .find(|block| block.first().is_some_and(|first| planned.key.ends_with(&first.to_string())));
    let Some(block) = block else { return Ok(vec![]) };
    let schedule: Vec<String> =
        meeting.slots.iter().filter(|slot| block.contains(&slot.day)).map(|slot| meeting.line(slot)).collect();
    let facts = json!({ "title": meeting.session.title, "days": block, "schedule": schedule });
    let begins = meeting.slots.iter().filter(|slot| block.contains(&slot.day)).map(|slot| slot.starts_at).min();
    let mut letters = vec![];
    let mut without: BTreeMap<Uuid, Vec<Trainee>> = BTreeMap::new();
    for trainee in meeting.trainees(scope).await? {
        if trainee.person.email.is_some() {
            letters.push(reach(scope, &meeting, &trainee, Text::Reminder, facts.clone(), "").await?);
        } else {
            without.entry(trainee.booking.id).or_default().push(trainee);
        }
    }
    for trainees in without.values() {
        let booking = &trainees[0].booking;
        let Some(client) = meeting.client(booking) else { continue };
        let names: Vec<String> = trainees.iter().map(|one| person(&one.person).name).collect();
        let facts = with(facts.clone(), json!({ "names": names, "what": "ce rappel" }));
        let to = contact(scope, client, Some(booking), Role::Training).await?;
        letters.push(about(letter(Text::Relay, to, facts), &meeting, Some(booking)));
    }
    for trainer in meeting.trainers(scope).await?.into_iter().filter(|one| one.address.is_some()) {
        letters.push(about(letter(Text::Reminder, trainer, facts.clone()), &meeting, None));
    }
    for letter in &mut letters {
        letter.begins = begins;
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
    let line = meeting.line(&slot);
    let cancelled = (slot.state == "cancelled").then(|| line.clone());
    let facts = with(
        told(&meeting),
        json!({
            "cancelled": cancelled, "before": slot.previous_starts_at.map(calendar::moment), "after": line,
            "reason": slot.reason,
        }),
    );
    let mut letters = vec![];
    if meeting.session.convoked_at.is_some() {
        let chosen: HashSet<Uuid> = scope
            .find::<enrolment_slot::Entity>()
            .filter(enrolment_slot::Column::SlotId.eq(id))
            .all()
            .await?
            .into_iter()
            .map(|row| row.enrolment_id)
            .collect();
        for trainee in meeting.trainees(scope).await? {
            if trainee.enrolment.all_slots || chosen.contains(&trainee.enrolment.id) {
                letters.push(
                    reach(scope, &meeting, &trainee, Text::SessionMoved, facts.clone(), "l’annonce de ce changement")
                        .await?,
                );
            }
        }
    }
    for booking in meeting.bookings.iter().filter(|booking| booking.state == "agreed") {
        let Some(client) = meeting.client(booking).filter(|client| client.kind != "individual") else { continue };
        let to = contact(scope, client, Some(booking), Role::Training).await?;
        letters.push(about(letter(Text::SessionMoved, to, facts.clone()), &meeting, Some(booking)));
    }
    for trainer in meeting.trainers(scope).await?.into_iter().filter(|one| one.address.is_some()) {
        letters.push(about(letter(Text::SessionMoved, trainer, facts.clone()), &meeting, None));
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
    let facts = with(told(&meeting), json!({ "reason": reason }));
    let convoked: HashSet<Uuid> = scope
        .find::<document::Entity>()
        .filter(document::Column::SessionId.eq(session))
        .filter(document::Column::Kind.eq(Kind::Convocation.name()))
        .all()
        .await?
        .into_iter()
        .filter_map(|paper| paper.enrolment_id)
        .collect();
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
            letters.push(
                reach(scope, &meeting, &trainee, Text::SessionCancelled, facts.clone(), "l’annonce de son annulation")
                    .await?,
            );
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
    for trainer in trainers.into_iter().filter(|one| one.address.is_some()) {
        letters.push(about(letter(Text::SessionCancelled, trainer, facts.clone()), &meeting, None));
    }
    Ok(letters)
}
