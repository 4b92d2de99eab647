//! From a cause to the letters it asks for: who is written to, which facts the words name, what travels along.

mod absences;
mod half_day;
mod papers;
mod sale;
mod signature;
mod signing;
mod training;

use chrono::{DateTime, Utc};
use entity::{booking, document, organisation_text, session_slot};
use sea_orm::{ColumnTrait, ExprTrait};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Text,
    concerned::Meeting,
    letter::{Attached, Cause, Letter, Recipient},
    texts::Use,
};
use crate::{
    document::Kind,
    platform::{calendar, error::Result, scope::Scope},
    session::slots_of_session,
};

/// The letters that a cause asks for; none when what it was about no longer stands.
pub async fn letters(scope: &Scope<'_>, cause: Cause, now: DateTime<Utc>, base_url: &str) -> Result<Vec<Letter>> {
    let text = cause.text;
    let mut letters = of(scope, cause, now, base_url).await?;
    if text.of_use() == Use::UntilItBegins {
        let about = letters.iter().find(|letter| letter.begins.is_none()).and_then(|letter| letter.session);
        let begins = match about {
            Some(session) => begins(&slots_of_session(scope, session).await?, now),
            None => None,
        };
        for letter in &mut letters {
            letter.begins = letter.begins.or(begins);
        }
    }
    Ok(letters)
}

/// When what a session's mails announce begins: its first half-day; once that has begun (somebody joins on the way), its
/// last one.
fn begins(slots: &[session_slot::Model], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let first = slots.iter().map(|slot| slot.starts_at).min();
    let last = slots.iter().map(|slot| slot.starts_at).max();
    if first.is_some_and(|first| now < first) { first } else { last }
}

async fn of(scope: &Scope<'_>, cause: Cause, now: DateTime<Utc>, base_url: &str) -> Result<Vec<Letter>> {
    let Cause { text, id } = cause;
    let today = calendar::local_day(now);
    match text {
        Text::Proposal => sale::proposal(scope, id, today).await,
        Text::AgreementToSign => sale::agreement_to_sign(scope, id).await,
        Text::AmendmentToSign => sale::amendment_to_sign(scope, id).await,
        Text::AgreementNotice => sale::agreement_notice(scope, id).await,
        Text::SignatureRequest | Text::SignatureReminder => signature::to_signatory(scope, id, text).await,
        Text::SignatureCode => signature::code(scope, id).await,
        Text::SignatureDone => signature::done(scope, id).await,
        Text::SignatureRefused => signature::refused(scope, id).await,
        Text::ApprovalRequested => sale::approval_requested(scope, id, today).await,
        Text::ApprovalReturned => sale::approval_returned(scope, id).await,
        Text::Information => training::information(scope, id, today).await,
        Text::Convocation => training::to_trainee(scope, id, Text::Convocation, now).await,
        Text::Thanks => training::to_trainee(scope, id, Text::Thanks, now).await,
        Text::ConvocationCopy => training::convocation_copy(scope, id).await,
        Text::Reminder => training::reminder(scope, id).await,
        Text::SessionMoved => training::session_moved(scope, id).await,
        Text::SessionCancelled => training::session_cancelled(scope, id).await,
        Text::AbsenceNotice => absences::absence_notice(scope, id, now).await,
        Text::Unsigned => half_day::unsigned(scope, id).await,
        Text::Unclosed => half_day::unclosed(scope, id).await,
        Text::Certificates => sale::certificates(scope, id).await,
        Text::Pieces => sale::pieces(scope, id).await,
        Text::DocumentCorrected => papers::corrected(scope, id).await,
        Text::DocumentRevoked => papers::revoked(scope, id).await,
        Text::SigningLink => signing::signing_link(scope, id, base_url).await,
        Text::DayLink => signing::day_link(scope, id, base_url).await,
        Text::SigningReceipt => signing::signing_receipt(scope, id, base_url).await,
        // Written in place of another text, never for itself.
        Text::Relay => Ok(vec![]),
    }
}

fn letter(text: Text, to: Recipient, facts: Value) -> Letter {
    Letter {
        text,
        to,
        facts,
        attached: vec![],
        once: None,
        part: None,
        begins: None,
        ends: None,
        client: None,
        session: None,
        booking: None,
        enrolment: None,
    }
}

fn about(mut letter: Letter, meeting: &Meeting, booking: Option<&booking::Model>) -> Letter {
    letter.session = Some(meeting.session.id);
    letter.booking = booking.map(|row| row.id);
    letter.client = booking.map(|row| row.client_id);
    letter
}

/// A training, to whoever is concerned by all of it.
fn told(meeting: &Meeting) -> Result<Value> {
    told_of(meeting, &meeting.of_them(|_| true))
}

/// A training, to whoever is concerned by these half-days of it.
fn told_of(meeting: &Meeting, slots: &[&session_slot::Model]) -> Result<Value> {
    let mut days: Vec<_> = slots.iter().map(|slot| slot.day).collect();
    days.dedup();
    Ok(json!({ "title": meeting.session.title, "days": days, "schedule": meeting.schedule(slots)? }))
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
/// The livret d'accueil, as the organisation's texts name it.
const WELCOME_BOOKLET: &str = "welcome_booklet";
/// The CGV, as the organisation's texts name them.
const TERMS_OF_SALE: &str = "terms";
