//! A message leaves: its papers are fetched, the mail is built the same at each attempt, the server's word is kept.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::{activity, document, message, organisation_text, stored_file};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{events::Event, letter::Attached, out::MessageState, texts::is_of_use, write::Words};
use crate::{
    document::{self as papers, file_name},
    file::saved_name,
    link,
    mail::{Attachment, Automatic, Failure, Mailbox, Outgoing, SendError},
    platform::{
        access::Ctx,
        calendar,
        codes::stored,
        error::{Error, Result},
        number::EmailAddress,
        scope::Scope,
        seed::Seed,
        tx::Tx,
    },
    signature,
};

/// How many times the mark of a mail that left is tried before its job is: a mail that left must not leave again because
/// the database was busy for a moment.
const MARKS: u32 = 5;

/// Send a message that was written; one that has left is left alone, so that a job that is run twice sends once.
pub async fn send(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let row = ctx.scope().get::<message::Entity>(id).await?;
    if row.state != MessageState::Ready.name() {
        return Ok(());
    }
    if !is_of_use(row.useful_until, ctx.now()) {
        return close(ctx, id, Event::TooLate { message: id }, MessageState::Missed, None).await;
    }
    let mut mail = match outgoing(ctx, &row).await {
        Ok(mail) => mail,
        // What it carries was outdated, replaced or taken back before it left: it must not leave any more.
        Err(Error::Refused(refused)) if refused.code == "document.not_current" => {
            return fail(ctx, id, &refused.fr).await;
        }
        Err(other) => return Err(other),
    };
    fill(ctx, &row, &mut mail).await?;
    let receipt = match ctx.app().mail.send(&mail).await {
        Ok(receipt) => format!("{} {}", receipt.message_id, receipt.said),
        Err(failure) => return Err(not_sent(failure)),
    };
    let mut tries = 0;
    loop {
        match mark(ctx, id, &receipt).await {
            Err(Error::Busy | Error::Unable(_)) if tries < MARKS => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(250 << tries)).await;
            }
            done => return done,
        }
    }
}

/// What a mail that was not handed over is to its job: refused for good, or to be tried again.
fn not_sent(failure: SendError) -> Error {
    let SendError { failure, reason } = failure;
    match failure {
        Failure::Refused => Error::refused("mail.refused", reason.clone(), reason),
        Failure::Settings => Error::Unavailable(format!("le serveur de messagerie refuse nos réglages ({reason})")),
        Failure::Deferred | Failure::Cut | Failure::Unanswered => Error::Unavailable(reason),
    }
}

/// It left: what made its links and its code is forgotten.
async fn mark(ctx: &mut Ctx, id: Uuid, receipt: &str) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<message::Entity>(id).await?;
    if row.state == MessageState::Sent.name() {
        return Ok(());
    }
    let now = tx.now();
    tx.act(row.activity_id, Event::Sent { message: id }.into())
        .update(row, |edit: &mut message::ActiveModel| {
            edit.state = Set(MessageState::Sent.into());
            edit.sent_at = Set(Some(now));
            edit.receipt = Set(Some(receipt.to_owned()));
            edit.error = Set(None);
            edit.seed = Set(None);
        })
        .await?;
    tx.commit().await
}

/// A message will never leave: say why. What made its links and its code stays: a copy of it may have left.
pub async fn fail(ctx: &mut Ctx, id: Uuid, why: &str) -> Result<()> {
    close(ctx, id, Event::Failed { message: id }, MessageState::Failed, Some(why)).await
}

async fn close(ctx: &mut Ctx, id: Uuid, event: Event, state: MessageState, why: Option<&str>) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<message::Entity>(id).await?;
    if row.state != MessageState::Ready.name() {
        return Ok(());
    }
    tx.act(row.activity_id, event.into())
        .update(row, |edit: &mut message::ActiveModel| {
            edit.state = Set(state.into());
            if let Some(why) = why {
                edit.error = Set(Some(why.to_owned()));
            }
            if state == MessageState::Missed {
                edit.seed = Set(None);
            }
        })
        .await?;
    tx.commit().await
}

/// A message whose job has another life is ready again, if it had failed, as part of a larger act. What is of no use any
/// more is refused: it would not leave.
pub async fn ready_again(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let row = tx.lock::<message::Entity>(id).await?;
    if row.state != MessageState::Failed.name() {
        return Ok(());
    }
    require_use(&row, tx.now())?;
    tx.act(row.activity_id, Event::Revived { message: id }.into())
        .update(row, |edit: &mut message::ActiveModel| {
            edit.state = Set(MessageState::Ready.into());
            edit.error = Set(None);
        })
        .await?;
    Ok(())
}

/// Refuse what is of no use any more.
pub(super) fn require_use(row: &message::Model, now: DateTime<Utc>) -> Result<()> {
    let Some(until) = row.useful_until.filter(|_| !is_of_use(row.useful_until, now)) else { return Ok(()) };
    let until = calendar::moment(until);
    Err(Error::refused(
        "message.too_late",
        format!("Ce courriel n’était utile que jusqu’au {until} : il ne part plus. Prévenez la personne autrement."),
        format!("This mail was of use until {until} only: it does not leave any more. Tell the person another way."),
    ))
}

/// Put tokens and a one-time code in place of what the words wait for: they stand in the mail that leaves, and nowhere else.
/// They are made from the message's seed, so that a mail that leaves twice because an answer was lost carries the same.
async fn fill(ctx: &mut Ctx, row: &message::Model, mail: &mut Outgoing) -> Result<()> {
    let links = link::awaits(&mail.text) || link::awaits(&mail.html);
    if !links && !signature::awaits_code(&mail.text) {
        return Ok(());
    }
    let holder = if row.to_name.is_empty() { &row.to_address } else { &row.to_name };
    let mut tx = ctx.begin().await?;
    let locked = tx.lock::<message::Entity>(row.id).await?;
    let seed = match locked.seed.as_deref().map(Seed::of).transpose()? {
        Some(seed) => seed,
        None => {
            let (seed, begun) = (Seed::new(&tx), Event::Begun { message: row.id });
            let keep = |edit: &mut message::ActiveModel| edit.seed = Set(Some(seed.kept()));
            tx.act(row.activity_id, begun.into()).update(locked, keep).await?;
            seed
        }
    };
    let texts = &mut [&mut mail.text, &mut mail.html];
    link::fulfil(&mut tx, row.activity_id, row.id, row.session_id, holder, &seed, texts).await?;
    signature::fulfil_code(&mut tx, &seed, &row.to_address, texts).await?;
    tx.commit().await
}

async fn outgoing(ctx: &Ctx, row: &message::Model) -> Result<Outgoing> {
    let scope = ctx.scope();
    let activity = scope.get::<activity::Entity>(row.activity_id).await?;
    let words: Words = stored(&row.facts)?;
    let address = |text: &str| {
        EmailAddress::parse(text).map_err(|fault| Error::refused("mail.address", fault.fr.clone(), fault.en))
    };
    let to = address(&row.to_address)?;
    let mut attachments = vec![];
    for one in stored::<Vec<Attached>>(&row.documents)? {
        attachments.push(attachment(ctx, &scope, &one).await?);
    }
    Ok(Outgoing {
        id: row.id,
        from: Mailbox::new(&activity.name, address(&ctx.app().settings.mail_from)?),
        to: vec![Mailbox { name: (!row.to_name.is_empty()).then(|| row.to_name.clone()), address: to }],
        cc: vec![],
        reply_to: match &activity.email {
            Some(email) => Some(Mailbox::new(&activity.name, address(email)?)),
            None => None,
        },
        subject: row.subject.clone().unwrap_or_default(),
        text: words.text,
        html: words.html,
        // The instant at which it was written, not the one of an attempt: the same mail is always the same bytes.
        date: row.created_at,
        thread: thread(&scope, row).await?,
        attachments,
        automatic: Automatic::Generated,
        headers: vec![],
    })
}

/// The first mail to the same person about the same session.
async fn thread(scope: &Scope<'_>, row: &message::Model) -> Result<Option<Uuid>> {
    let Some(session) = row.session_id else { return Ok(None) };
    let first = scope
        .find::<message::Entity>()
        .filter(message::Column::SessionId.eq(session))
        .filter(message::Column::ToAddress.eq(&row.to_address))
        .filter(message::Column::State.eq("sent"))
        .ascending(message::Column::Id)
        .one()
        .await?;
    Ok(first.map(|row| row.id))
}

async fn attachment(ctx: &Ctx, scope: &Scope<'_>, one: &Attached) -> Result<Attachment> {
    let app = ctx.app();
    let stored = |file: stored_file::Model| async move {
        let data = app.blobs.get(file.activity_id, &file.sha256).await?;
        Ok::<_, Error>(Attachment { name: saved_name(&file), media_type: file.media_type, data })
    };
    match one {
        Attached::Document { id } => {
            let paper = scope.get::<document::Entity>(*id).await?;
            papers::require_current(&paper)?;
            let copy = papers::file(app, &paper, None).await?;
            Ok(Attachment { name: file_name(&paper)?, media_type: "application/pdf".into(), data: copy.bytes })
        }
        Attached::File { id } => stored(scope.get::<stored_file::Entity>(*id).await?).await,
        Attached::Text { id } => {
            let text = scope.get::<organisation_text::Entity>(*id).await?;
            if let Some(file) = scope.maybe::<stored_file::Entity>(text.stored_file_id).await? {
                return stored(file).await;
            }
            Ok(Attachment {
                name: format!("{}.txt", text.title),
                media_type: "text/plain; charset=utf-8".into(),
                data: text.body.unwrap_or_default().into_bytes(),
            })
        }
    }
}
