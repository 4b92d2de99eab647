//! A message leaves: its papers are fetched, the mail is built the same at each attempt, the server's word is kept.

use entity::{activity, document, message, organisation_text, stored_file};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{events::Event, letter::Attached, write::Words};
use crate::{
    document::{self as papers, file_name},
    file::saved_name,
    link,
    mail::{Attachment, Automatic, Mailbox, Outgoing},
    platform::{
        access::Ctx,
        codes::stored,
        error::{Error, Result},
        number::EmailAddress,
        scope::Scope,
    },
    signature,
};

/// Send a message that was written; one that has left is left alone, so that a job that is run twice sends once.
pub async fn send(ctx: &mut Ctx, id: Uuid) -> Result<()> {
    let row = ctx.scope().get::<message::Entity>(id).await?;
    if row.state != "ready" {
        return Ok(());
    }
    let mut mail = match outgoing(ctx, &row).await {
        Ok(mail) => mail,
        // What it carries was outdated, replaced or taken back before it left: it must not leave any more.
        Err(Error::Refused(refused)) if refused.code == "document.not_current" => {
            return fail(ctx, id, &refused.fr).await;
        }
        Err(other) => return Err(other),
    };
    give_links(ctx, &row, &mut mail).await?;
    give_code(ctx, &row, &mut mail).await?;
    let receipt = match ctx.app().mail.send(&mail).await {
        Ok(receipt) => receipt,
        Err(failure) if failure.permanent => {
            return Err(Error::refused("mail.refused", failure.reason.clone(), failure.reason));
        }
        Err(failure) => return Err(Error::Unavailable(failure.reason)),
    };
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<message::Entity>(id).await?;
    let now = tx.now();
    tx.act(row.activity_id, Event::Sent { message: id }.into())
        .update(row, |edit: &mut message::ActiveModel| {
            edit.state = Set("sent".into());
            edit.sent_at = Set(Some(now));
            edit.receipt = Set(Some(format!("{} {}", receipt.message_id, receipt.said)));
            edit.error = Set(None);
        })
        .await?;
    tx.commit().await
}

/// A message will never leave: say why.
pub async fn fail(ctx: &mut Ctx, id: Uuid, why: &str) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<message::Entity>(id).await?;
    if row.state != "ready" {
        return Ok(());
    }
    tx.act(row.activity_id, Event::Failed { message: id }.into())
        .update(row, |edit: &mut message::ActiveModel| {
            edit.state = Set("failed".into());
            edit.error = Set(Some(why.to_owned()));
        })
        .await?;
    tx.commit().await
}

/// Put a token in place of each link that the words wait for: it stands in the mail that leaves, and nowhere else.
async fn give_links(ctx: &mut Ctx, row: &message::Model, mail: &mut Outgoing) -> Result<()> {
    if !link::awaits(&mail.text) && !link::awaits(&mail.html) {
        return Ok(());
    }
    let holder = if row.to_name.is_empty() { &row.to_address } else { &row.to_name };
    let mut tx = ctx.begin().await?;
    link::fulfil(&mut tx, row.activity_id, row.id, row.session_id, holder, &mut [&mut mail.text, &mut mail.html])
        .await?;
    tx.commit().await
}

/// Put a one-time code in place of its placeholder: like a token, it stands in the mail that leaves and nowhere else.
async fn give_code(ctx: &mut Ctx, row: &message::Model, mail: &mut Outgoing) -> Result<()> {
    if !signature::awaits_code(&mail.text) {
        return Ok(());
    }
    let mut tx = ctx.begin().await?;
    signature::fulfil_code(&mut tx, &row.to_address, &mut [&mut mail.text, &mut mail.html]).await?;
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
