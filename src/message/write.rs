//! From a job to messages: one row a person, in one unit of work; each is then sent on its own.

use chrono::{DateTime, Utc};
use entity::{activity, message};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    compose,
    events::Event,
    letter::Cause,
    out::MessageState,
    texts::{Window, is_of_use},
};
use crate::{
    link,
    mail::{self, Frame},
    organisation,
    papers::blocks,
    platform::{
        access::Ctx,
        codes::store,
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
    signature,
};

/// A mail's words, as they were written: later changes of the templates do not touch them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Plain text.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

/// What people typed is no placeholder: no title, name or reason makes a token or a code leave in a mail.
fn inert(value: &mut Value) {
    match value {
        Value::String(text) => quieten(text),
        Value::Array(all) => all.iter_mut().for_each(inert),
        Value::Object(all) => all.values_mut().for_each(inert),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn quieten(text: &mut String) {
    for mark in [link::MARK, signature::CODE_MARK] {
        if text.contains(mark) {
            *text = text.replace(mark, &mark.replace('.', " ."));
        }
    }
}

/// The job that writes mails.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// The job.
    pub id: Uuid,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
}

/// Write the messages that a job asks for; answers how many are new. Doing it twice writes nothing more. What is of no use
/// any more is written too, and told, and does not leave.
pub async fn write(ctx: &mut Ctx, job: Job, activity: Uuid, cause: Cause) -> Result<usize> {
    let now = ctx.now();
    let today = ctx.today();
    let letters = compose::letters(&ctx.scope(), cause, now, &ctx.app().settings.base_url()).await?;
    if letters.is_empty() {
        return Ok(0);
    }
    let mut frame = frame(&ctx.scope(), activity, today).await?;
    frame.identity.iter_mut().chain([&mut frame.brand]).for_each(quieten);
    let mut rows = vec![];
    for letter in letters {
        let mut facts = letter.facts.clone();
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("brand".into(), json!(frame.brand));
            facts.insert("base_url".into(), json!(ctx.app().settings.base_url()));
            facts.insert("hello".into(), json!(letter.to.hello()));
            for (_, value) in facts.iter_mut().filter(|(name, _)| !letter.text.may_await(name)) {
                inert(value);
            }
        }
        let rendered = mail::render(letter.text.source(), &facts, &frame)
            .map_err(|error| Error::internal(format!("text {}: {error}", letter.text.name())))?;
        let once = letter.once.unwrap_or(if cause.text.is_said_once() { cause.id } else { job.id });
        // By what is to be said, not by the text that says it in its place.
        let window = Window { due: job.asked_at, begins: letter.begins, ends: letter.ends };
        let until = cause.text.of_use().until(window);
        let state = match &letter.to.address {
            _ if !is_of_use(until, now) => MessageState::Missed,
            Some(_) => MessageState::Ready,
            None => MessageState::Unaddressed,
        };
        let mut about = letter.booking.map_or_else(|| "-".to_owned(), |id| id.to_string());
        if let Some(part) = letter.part {
            about.push_str(&format!(":{part}"));
        }
        rows.push(message::ActiveModel {
            text: Set(letter.text.name().into()),
            cause: Set(format!("{}:{}", cause.text.name(), cause.id)),
            once_key: Set(format!("{}:{once}:{about}:{}", letter.text.name(), letter.to.id)),
            state: Set(state.into()),
            useful_until: Set(until),
            to_name: Set(letter.to.name),
            to_address: Set(letter.to.address.unwrap_or_default()),
            client_id: Set(letter.client),
            session_id: Set(letter.session),
            booking_id: Set(letter.booking),
            enrolment_id: Set(letter.enrolment),
            subject: Set(Some(rendered.subject)),
            facts: Set(store(&Words { text: rendered.text, html: rendered.html })?),
            documents: Set(store(&letter.attached)?),
            ..Default::default()
        });
    }
    let mut tx = ctx.begin().await?;
    let mut written = 0;
    for row in rows {
        written += usize::from(keep(&mut tx, activity, row).await?);
    }
    if written > 0 {
        tx.commit().await?;
    }
    Ok(written)
}

async fn keep(tx: &mut Tx<'_>, activity: Uuid, mut row: message::ActiveModel) -> Result<bool> {
    let key = row.once_key.as_ref().clone();
    let known = tx
        .scope()
        .find::<message::Entity>()
        .filter(message::Column::ActivityId.eq(activity))
        .filter(message::Column::OnceKey.eq(key))
        .one()
        .await?;
    if known.is_some() {
        return Ok(false);
    }
    let message = tx.new_id();
    let event = match MessageState::of(row.state.as_ref())? {
        MessageState::Unaddressed => Event::Unaddressed { message },
        MessageState::Missed => Event::TooLate { message },
        MessageState::Ready | MessageState::Sent | MessageState::Failed => Event::Written { message },
    };
    row.id = Set(message);
    tx.act(activity, event.into()).insert(row).await?;
    Ok(true)
}

/// Who writes: the brand first, the cooperative below.
pub async fn frame(scope: &Scope<'_>, activity: Uuid, day: chrono::NaiveDate) -> Result<Frame> {
    match organisation::issuer(scope, activity, day).await {
        Ok(issuer) => Ok(Frame {
            identity: vec![
                format!("{}, une activité de :", issuer.brand),
                blocks::identity_line(&issuer),
                issuer.public_line(),
            ],
            brand: issuer.brand,
        }),
        // A cooperative that has not entered its legal facts yet still writes under the brand.
        Err(Error::Refused(_)) => {
            let activity = scope.get::<activity::Entity>(activity).await?;
            Ok(Frame { brand: activity.name, identity: vec![] })
        }
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_makes_no_token_and_no_code_leave() {
        let mut facts = json!({ "title": "lien-personnel.sign_paper.0.1", "names": ["code-unique.0"], "count": 2 });
        inert(&mut facts);
        let told = facts.to_string();
        assert!(!link::awaits(&told) && !told.contains(signature::CODE_MARK), "{told}");
        assert!(told.contains("lien-personnel") && facts["count"] == 2, "{told}");
    }
}
