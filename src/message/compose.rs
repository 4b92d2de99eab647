//! From a cause to the letters it asks for: who is written to, which facts the words name, what travels along.

use std::collections::{BTreeMap, HashSet};

use entity::{
    activity, agreement, approval, booking, client, document, enrolment_slot, funder, funding_file, funding_piece,
    mark, message, organisation_text, quote, reminder, session_slot,
};
use sea_orm::{ColumnTrait, ExprTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Text,
    concerned::{Meeting, Role, Trainee, contact, person},
    letter::{Attached, Cause, Letter, Recipient},
    rules,
};
use crate::{
    document::Kind,
    organisation,
    platform::{calendar, codes::stored, error::Result, scope::Scope},
};

/// The letters that a cause asks for; none when what it was about no longer stands.
pub async fn letters(scope: &Scope<'_>, cause: Cause, today: chrono::NaiveDate) -> Result<Vec<Letter>> {
    let Cause { text, id } = cause;
    match text {
        Text::Proposal => proposal(scope, id, today).await,
        Text::AgreementToSign => agreement_to_sign(scope, id).await,
        Text::AgreementNotice => agreement_notice(scope, id).await,
        Text::ApprovalRequested => approval_requested(scope, id, today).await,
        Text::ApprovalReturned => approval_returned(scope, id).await,
        Text::Convocation => to_trainee(scope, id, Text::Convocation, today).await,
        Text::Thanks => to_trainee(scope, id, Text::Thanks, today).await,
        Text::ConvocationCopy => convocation_copy(scope, id).await,
        Text::Reminder => reminder(scope, id).await,
        Text::SessionMoved => session_moved(scope, id).await,
        Text::SessionCancelled => session_cancelled(scope, id).await,
        Text::AbsenceNotice => absence_notice(scope, id).await,
        Text::Certificates => certificates(scope, id).await,
        Text::Pieces => pieces(scope, id).await,
        // Written in place of another text, never for itself.
        Text::Relay => Ok(vec![]),
    }
}

fn letter(text: Text, to: Recipient, facts: Value) -> Letter {
    Letter { text, to, facts, attached: vec![], client: None, session: None, booking: None, enrolment: None }
}

fn about(mut letter: Letter, meeting: &Meeting, booking: Option<&booking::Model>) -> Letter {
    letter.session = Some(meeting.session.id);
    letter.booking = booking.map(|row| row.id);
    letter.client = booking.map(|row| row.client_id);
    letter
}

fn told(meeting: &Meeting) -> Value {
    json!({ "title": meeting.session.title, "days": meeting.days(), "schedule": meeting.schedule() })
}

fn with(mut facts: Value, more: Value) -> Value {
    if let (Some(facts), Value::Object(more)) = (facts.as_object_mut(), more) {
        facts.extend(more);
    }
    facts
}

/// The programme as it was issued, if it was.
async fn programme(scope: &Scope<'_>, version: Option<Uuid>) -> Result<Option<Attached>> {
    let Some(version) = version else { return Ok(None) };
    let found = scope
        .find::<document::Entity>()
        .filter(document::Column::Kind.eq(Kind::Programme.name()))
        .filter(document::Column::ProgrammeVersionId.eq(version))
        .filter(document::Column::State.eq("current"))
        .one()
        .await?;
    Ok(found.map(|paper| Attached::Document { id: paper.id }))
}

/// The cooperative's texts of these kinds, in force on a day.
async fn texts(scope: &Scope<'_>, kinds: &[&str], day: chrono::NaiveDate) -> Result<Vec<Attached>> {
    use organisation_text::Column as C;
    let mut found = vec![];
    for kind in kinds {
        let text = scope
            .find::<organisation_text::Entity>()
            .filter(C::Kind.eq(*kind))
            .filter(C::ValidFrom.lte(day))
            .filter(C::ValidTo.is_null().or(C::ValidTo.gte(day)))
            .descending(C::Edition)
            .one()
            .await?;
        found.extend(text.map(|text| Attached::Text { id: text.id }));
    }
    Ok(found)
}

/// The règlement intérieur, as the organisation's texts name it.
const HOUSE_RULES: &str = "internal_rules";
/// The CGV, as the organisation's texts name them.
const TERMS_OF_SALE: &str = "terms";

async fn proposal(scope: &Scope<'_>, id: Uuid, today: chrono::NaiveDate) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let Some(quote) = scope.maybe::<quote::Entity>(paper.quote_id).await? else { return Ok(vec![]) };
    let client = scope.get::<client::Entity>(quote.client_id).await?;
    let programme = programme(scope, quote.programme_version_id).await?;
    let facts = json!({
        "title": paper.title, "reference": paper.reference, "programme": programme.is_some(),
        "valid_until": quote.valid_until,
    });
    let mut letter = letter(Text::Proposal, contact(scope, &client, None, Role::Signatory).await?, facts);
    letter.client = Some(client.id);
    letter.attached = vec![Attached::Document { id: paper.id }];
    letter.attached.extend(programme);
    letter.attached.extend(texts(scope, &[TERMS_OF_SALE, HOUSE_RULES], today).await?);
    Ok(vec![letter])
}

async fn agreement_to_sign(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let agreement = scope.get::<agreement::Entity>(id).await?;
    let Some(paper) = scope.maybe::<document::Entity>(agreement.document_id).await? else { return Ok(vec![]) };
    let booking = scope.get::<booking::Entity>(agreement.booking_id).await?;
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let individual = client.kind == "individual";
    let (name, the) = if individual {
        ("Contrat", format!("le contrat de formation {}", paper.reference))
    } else {
        ("Convention", format!("la convention de formation {}", paper.reference))
    };
    let facts = with(
        told(&meeting),
        json!({ "paper": name, "the_paper": the, "reference": paper.reference, "individual": individual }),
    );
    let to = contact(scope, &client, Some(&booking), Role::Signatory).await?;
    let mut letter = about(letter(Text::AgreementToSign, to, facts), &meeting, Some(&booking));
    letter.attached = vec![Attached::Document { id: paper.id }];
    Ok(vec![letter])
}

async fn agreement_notice(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let booking = scope.get::<booking::Entity>(id).await?;
    let signed = scope
        .find::<agreement::Entity>()
        .filter(agreement::Column::BookingId.eq(id))
        .filter(agreement::Column::State.eq("signed"))
        .one()
        .await?;
    if signed.is_none() {
        return Ok(vec![]);
    }
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let to = contact(scope, &client, Some(&booking), Role::Training).await?;
    Ok(vec![about(letter(Text::AgreementNotice, to, told(&meeting)), &meeting, Some(&booking))])
}

async fn approval_requested(scope: &Scope<'_>, id: Uuid, today: chrono::NaiveDate) -> Result<Vec<Letter>> {
    let booking = scope.get::<booking::Entity>(id).await?;
    let issuer = organisation::issuer(scope, booking.activity_id, today).await?;
    let Some(address) = issuer.email else { return Ok(vec![]) };
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let facts = with(
        told(&meeting),
        json!({ "reference": booking.reference, "client": client.name, "price": booking.price_cents }),
    );
    let to = Recipient { id: booking.activity_id, name: String::new(), address: Some(address) };
    Ok(vec![about(letter(Text::ApprovalRequested, to, facts), &meeting, Some(&booking))])
}

async fn approval_returned(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let booking = scope.get::<booking::Entity>(id).await?;
    let activity = scope.get::<activity::Entity>(booking.activity_id).await?;
    if activity.email.is_none() {
        return Ok(vec![]);
    }
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let last = scope
        .find::<approval::Entity>()
        .filter(approval::Column::BookingId.eq(id))
        .descending(approval::Column::Id)
        .one()
        .await?;
    let facts = with(
        told(&meeting),
        json!({
            "reference": booking.reference, "client": client.name, "reason": last.and_then(|row| row.reason),
        }),
    );
    let to = Recipient { id: activity.id, name: String::new(), address: activity.email };
    Ok(vec![about(letter(Text::ApprovalReturned, to, facts), &meeting, Some(&booking))])
}

/// A paper about one trainee: to them, or to the client's training lead when they have no address.
async fn to_trainee(scope: &Scope<'_>, id: Uuid, text: Text, today: chrono::NaiveDate) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let (Some(session), Some(enrolment)) = (paper.session_id, paper.enrolment_id) else { return Ok(vec![]) };
    if paper.state != "current" {
        return Ok(vec![]);
    }
    let meeting = Meeting::of(scope, session).await?;
    let trainee = meeting.trainees(scope).await?.into_iter().find(|one| one.enrolment.id == enrolment);
    let Some(trainee) = trainee else { return Ok(vec![]) };
    let mut attached = vec![Attached::Document { id }];
    let (mut programme_too, mut rules_too) = (false, false);
    if text == Text::Convocation {
        let programme = programme(scope, Some(trainee.booking.programme_version_id)).await?;
        let rules = texts(scope, &[HOUSE_RULES], today).await?;
        (programme_too, rules_too) = (programme.is_some(), !rules.is_empty());
        attached.extend(programme);
        attached.extend(rules);
    }
    let what = if text == Text::Convocation { "la convocation jointe" } else { "l’attestation jointe" };
    let facts = with(told(&meeting), json!({ "programme": programme_too, "house_rules": rules_too }));
    let mut letter = reach(scope, &meeting, &trainee, text, facts, what).await?;
    letter.attached = attached;
    Ok(vec![letter])
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

async fn convocation_copy(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
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

async fn reminder(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
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
    Ok(letters)
}

async fn session_moved(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let slot = scope.get::<session_slot::Entity>(id).await?;
    let meeting = Meeting::of(scope, slot.session_id).await?;
    let line = meeting.line(&slot);
    let cancelled = (slot.state == "cancelled").then(|| line.clone());
    let facts = with(
        told(&meeting),
        json!({ "cancelled": cancelled, "before": slot.previous_starts_at.map(calendar::moment), "after": line }),
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
                letters
                    .push(reach(scope, &meeting, &trainee, Text::SessionMoved, facts.clone(), "ce changement").await?);
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
    Ok(letters)
}

async fn session_cancelled(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let meeting = Meeting::called_off(scope, id).await?;
    let facts = told(&meeting);
    let convoked: HashSet<Uuid> = scope
        .find::<document::Entity>()
        .filter(document::Column::SessionId.eq(id))
        .filter(document::Column::Kind.eq(Kind::Convocation.name()))
        .all()
        .await?
        .into_iter()
        .filter_map(|paper| paper.enrolment_id)
        .collect();
    let mut letters = vec![];
    for trainee in meeting.trainees_in(scope, &["invited", "enrolled", "started", "cancelled"]).await? {
        if convoked.contains(&trainee.enrolment.id) {
            letters
                .push(reach(scope, &meeting, &trainee, Text::SessionCancelled, facts.clone(), "cette nouvelle").await?);
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
    for trainer in meeting.trainers(scope).await?.into_iter().filter(|one| one.address.is_some()) {
        letters.push(about(letter(Text::SessionCancelled, trainer, facts.clone()), &meeting, None));
    }
    Ok(letters)
}

async fn absence_notice(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let slot = scope.get::<session_slot::Entity>(id).await?;
    let meeting = Meeting::of(scope, slot.session_id).await?;
    let absent: HashSet<Uuid> = scope
        .find::<mark::Entity>()
        .filter(mark::Column::SlotId.eq(id))
        .filter(mark::Column::Presence.is_in(["absent", "excused"]))
        .all()
        .await?
        .into_iter()
        .map(|row| row.enrolment_id)
        .collect();
    let trainees = meeting.trainees_in(scope, &["enrolled", "started", "completed", "abandoned", "no_show"]).await?;
    let mut letters = vec![];
    for booking in &meeting.bookings {
        let names: Vec<String> = trainees
            .iter()
            .filter(|one| one.booking.id == booking.id && absent.contains(&one.enrolment.id))
            .map(|one| person(&one.person).name)
            .collect();
        let Some(client) = meeting.client(booking).filter(|client| client.kind != "individual") else { continue };
        if names.is_empty() {
            continue;
        }
        let to = contact(scope, client, Some(booking), Role::Training).await?;
        let facts = with(told(&meeting), json!({ "names": names, "day": slot.day, "half": meeting.line(&slot) }));
        letters.push(about(letter(Text::AbsenceNotice, to, facts), &meeting, Some(booking)));
    }
    Ok(letters)
}

/// One mail for all the certificates of a booking that were not sent yet: the first of a batch takes them all.
async fn certificates(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let paper = scope.get::<document::Entity>(id).await?;
    let Some(booking) = scope.maybe::<booking::Entity>(paper.booking_id).await? else { return Ok(vec![]) };
    let sent: HashSet<Uuid> = scope
        .find::<message::Entity>()
        .filter(message::Column::BookingId.eq(booking.id))
        .filter(message::Column::Text.eq(Text::Certificates.name()))
        .all()
        .await?
        .iter()
        .filter_map(|row| stored::<Vec<Attached>>(&row.documents).ok())
        .flatten()
        .filter_map(|one| if let Attached::Document { id } = one { Some(id) } else { None })
        .collect();
    let waiting: Vec<Attached> = scope
        .find::<document::Entity>()
        .filter(document::Column::BookingId.eq(booking.id))
        .filter(document::Column::Kind.eq(Kind::Certificate.name()))
        .filter(document::Column::State.eq("current"))
        .ascending(document::Column::Reference)
        .all()
        .await?
        .into_iter()
        .filter(|paper| !sent.contains(&paper.id))
        .map(|paper| Attached::Document { id: paper.id })
        .collect();
    if waiting.is_empty() {
        return Ok(vec![]);
    }
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let facts = with(told(&meeting), json!({ "count": waiting.len() }));
    let to = contact(scope, &client, Some(&booking), Role::Training).await?;
    let mut letter = about(letter(Text::Certificates, to, facts), &meeting, Some(&booking));
    letter.attached = waiting;
    Ok(vec![letter])
}

async fn pieces(scope: &Scope<'_>, id: Uuid) -> Result<Vec<Letter>> {
    let file = scope.get::<funding_file::Entity>(id).await?;
    let booking = scope.get::<booking::Entity>(file.booking_id).await?;
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let funder = scope.get::<funder::Entity>(file.funder_id).await?;
    let meeting = Meeting::of(scope, booking.session_id).await?;
    let pieces = scope
        .find::<funding_piece::Entity>()
        .filter(funding_piece::Column::FundingFileId.eq(id))
        .ascending(funding_piece::Column::Id)
        .all()
        .await?;
    let papers = scope.map::<document::Entity>(pieces.iter().filter_map(|piece| piece.document_id)).await?;
    let (mut names, mut attached) = (vec![], vec![]);
    for piece in pieces {
        if let Some(paper) = piece.document_id.and_then(|id| papers.get(&id)) {
            names.push(format!("{} ({})", paper.title, paper.reference));
            attached.push(Attached::Document { id: paper.id });
        } else if let Some(id) = piece.stored_file_id {
            names.push(piece.note.unwrap_or_else(|| "Pièce jointe".to_owned()));
            attached.push(Attached::File { id });
        }
    }
    if attached.is_empty() {
        return Ok(vec![]);
    }
    let facts = with(told(&meeting), json!({ "names": names, "number": file.number, "funder": funder.name }));
    let to = contact(scope, &client, Some(&booking), Role::Accounting).await?;
    let mut letter = about(letter(Text::Pieces, to, facts), &meeting, Some(&booking));
    letter.attached = attached;
    Ok(vec![letter])
}
