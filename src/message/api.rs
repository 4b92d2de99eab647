//! Operations on mails and on what is planned of them.

use entity::{document, message, reminder, session};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    Text,
    events::Event,
    letter::Attached,
    out::{MessageOut, MessageState, ReminderOut, WholeMessage},
    received::address_now,
    send::require_use,
    texts::Use,
};
use crate::{
    api::Tag,
    document::require_current,
    platform::{
        access::{Allow, Ctx},
        answer::{Found, Made, View},
        codes::stored,
        error::{Error, Result},
        page::{Page, PageQuery},
        permission::{MessagesRead, MessagesSend},
        quota::SENT,
        tx::Tx,
    },
};

/// Mails.
pub struct MessageApi;

#[OpenApi(prefix_path = "/v1", tag = "Tag::Messages")]
impl MessageApi {
    /// List mails, newest first: those that went and those that could not.
    #[oai(path = "/messages", method = "get", operation_id = "list_messages")]
    async fn list_messages(
        &self,
        auth: Allow<MessagesRead>,
        session_id: Query<Option<Uuid>>,
        state: Query<Option<MessageState>>,
        /// Only the mails that carried this paper.
        document_id: Query<Option<Uuid>>,
        page: PageQuery,
    ) -> Result<View<Page<MessageOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<session::Entity>(session_id.0).await?;
        scope.maybe::<document::Entity>(document_id.0).await?;
        let mut query = scope.find::<message::Entity>();
        if let Some(session) = session_id.0 {
            query = query.filter(message::Column::SessionId.eq(session));
        }
        if let Some(document) = document_id.0 {
            query = query.filter(message::Column::Documents.contains(document.to_string()));
        }
        if let Some(state) = state.0 {
            query = query.filter(message::Column::State.eq(state.name()));
        }
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: rows.into_iter().map(MessageOut::try_from).collect::<Result<_>>()?, next }))
    }

    /// Read a mail with its words, as it was written.
    #[oai(path = "/messages/:id", method = "get", operation_id = "get_message")]
    async fn get_message(&self, auth: Allow<MessagesRead>, id: Path<Uuid>) -> Result<Found<WholeMessage>> {
        Ok(Found(auth.ctx.scope().get::<message::Entity>(id.0).await?.try_into()?))
    }

    /// Send a mail again, as a new one: to the same person, at the address that they have now.
    ///
    /// Whoever asks for it knows the hour: it leaves even where it would have been too late by itself. One whose link or code
    /// opens nothing any more is refused (`message.too_late`).
    #[oai(path = "/messages/:id/resend", method = "post", operation_id = "resend_message")]
    async fn resend_message(&self, mut auth: Allow<MessagesSend>, id: Path<Uuid>) -> Result<Made<MessageOut>> {
        let row = resend(&mut auth.ctx, id.0).await?;
        Ok(Made(format!("/v1/messages/{}", row.id), row.try_into()?))
    }

    /// List the mails that are planned from the sessions' dates.
    #[oai(path = "/reminders", method = "get", operation_id = "list_reminders")]
    async fn list_reminders(
        &self,
        auth: Allow<MessagesRead>,
        session_id: Query<Option<Uuid>>,
        page: PageQuery,
    ) -> Result<View<Page<ReminderOut>>> {
        let scope = auth.ctx.scope();
        scope.maybe::<session::Entity>(session_id.0).await?;
        let mut query = scope.find::<reminder::Entity>();
        if let Some(session) = session_id.0 {
            query = query.filter(reminder::Column::SessionId.eq(session));
        }
        let (rows, next) = query.page_rows(&page).await?;
        Ok(View(Page { items: rows.into_iter().map(ReminderOut::try_from).collect::<Result<_>>()?, next }))
    }
}

/// A mail is sent again five times an hour and twenty in all, to the same person about the same.
async fn not_too_often(tx: &Tx<'_>, old: &message::Model) -> Result<()> {
    let again = tx
        .scope()
        .find::<message::Entity>()
        .filter(message::Column::ActivityId.eq(old.activity_id))
        .filter(message::Column::Cause.eq(old.cause.as_str()))
        .filter(message::Column::ToName.eq(old.to_name.as_str()))
        // Two trainees may have one name.
        .filter(old.enrolment_id.map_or_else(
            || message::Column::EnrolmentId.is_null(),
            |enrolment| message::Column::EnrolmentId.eq(enrolment),
        ))
        .filter(message::Column::OnceKey.starts_with("resend:"))
        .limit(100)
        .all()
        .await?;
    let before: Vec<_> = again.iter().map(|row| row.created_at).collect();
    SENT.allows(&before, tx.now()).map_err(|_| {
        Error::refused(
            "message.too_often",
            format!(
                "Ce mail est déjà parti plusieurs fois pour « {} » : vérifiez l’adresse, ou attendez une heure.",
                old.to_name
            ),
            format!("This mail has left several times for “{}”: check the address, or wait an hour.", old.to_name),
        )
    })
}

async fn resend(ctx: &mut Ctx, id: Uuid) -> Result<message::Model> {
    let mut tx = ctx.begin().await?;
    // Two that go at once are counted one after the other.
    let cause = tx.scope().get::<message::Entity>(id).await?.cause;
    tx.alone(&format!("resend:{cause}")).await?;
    let old = tx.lock::<message::Entity>(id).await?;
    if old.state == "ready" {
        return Err(Error::no_move("message.state", "ready", "resend", &[]));
    }
    let bound = Text::of(&old.text)?.of_use() == Use::UntilItEnds;
    if bound {
        require_use(&old, tx.now())?;
    }
    let address = address_now(&tx.scope(), &old).await?.unwrap_or_else(|| old.to_address.clone());
    if address.is_empty() {
        return Err(Error::refused(
            "message.no_address",
            format!("Aucune adresse n’est connue pour « {} » : ajoutez-la, puis recommencez.", old.to_name),
            format!("No address is known for “{}”: add it, then try again.", old.to_name),
        ));
    }
    not_too_often(&tx, &old).await?;
    for one in stored::<Vec<Attached>>(&old.documents)? {
        if let Attached::Document { id } = one {
            require_current(&tx.scope().get::<document::Entity>(id).await?)?;
        }
    }
    let message = tx.new_id();
    let row = tx
        .act(old.activity_id, Event::Written { message }.into())
        .insert(message::ActiveModel {
            id: Set(message),
            text: Set(old.text),
            cause: Set(old.cause),
            once_key: Set(format!("resend:{id}:{message}")),
            to_name: Set(old.to_name),
            to_address: Set(address),
            client_id: Set(old.client_id),
            session_id: Set(old.session_id),
            booking_id: Set(old.booking_id),
            enrolment_id: Set(old.enrolment_id),
            facts: Set(old.facts),
            subject: Set(old.subject),
            documents: Set(old.documents),
            state: Set(MessageState::Ready.into()),
            useful_until: Set(old.useful_until.filter(|_| bound)),
            ..Default::default()
        })
        .await?;
    tx.answers_at(format!("/v1/messages/{message}"), 201);
    tx.commit().await?;
    Ok(row)
}
