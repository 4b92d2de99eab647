//! Make a link, give it another token, take it back.

use chrono::{DateTime, Utc};
use entity::link::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{Purpose, events::Event};
use crate::platform::{
    access::hash_of_link,
    error::{Error, Result},
    scope::Scope,
    tx::Tx,
};

/// A link to be made.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// What it is for.
    pub purpose: Purpose,
    /// What it opens.
    pub object: Uuid,
    /// The session it is about.
    pub session: Option<Uuid>,
    /// The trainer whose day it opens; none for links of other purposes.
    pub trainer: Option<Uuid>,
    /// Who will hold it, as the audit names them.
    pub holder: String,
    /// Why it is made; under the same cause the same link gets another token, and the one before opens nothing.
    pub cause: String,
    /// When it stops opening anything.
    pub expires_at: DateTime<Utc>,
}

/// A link and its token, which is known now and never again.
pub struct Minted {
    /// The link.
    pub row: Model,
    /// What its address ends with.
    pub token: String,
}

impl Minted {
    /// The address to give.
    pub fn address(&self, base_url: &str, purpose: Purpose) -> String {
        format!("{base_url}/{}/{}", purpose.path(), self.token)
    }
}

/// Make a link, as part of a larger act. Whoever asks again under the same cause is given another token, even where the
/// link was taken back: they ask for one that opens.
pub async fn mint(tx: &mut Tx<'_>, activity: Uuid, new: NewLink) -> Result<Minted> {
    let before = under(&tx.scope(), activity, &new.cause).await?;
    let token = tx.new_token();
    let row = write(tx, activity, new, before, &token).await?;
    Ok(Minted { row, token })
}

/// Give a link the token that its mail carries, as part of a larger act. The next attempt of the same mail carries the same
/// token, and finds nothing to write; a link that somebody took back meanwhile stays taken back.
pub(super) async fn give(tx: &mut Tx<'_>, activity: Uuid, new: NewLink, token: &str) -> Result<()> {
    let before = under(&tx.scope(), activity, &new.cause).await?;
    match before {
        Some(row) if row.revoked_at.is_some() => Err(Error::refused(
            "link.revoked",
            "Le lien que ce courriel porte a été annulé : il ne part pas. Envoyez-en un nouveau.",
            "The link that this mail carries was revoked: it does not leave. Send a new one.",
        )),
        Some(row) if row.token_hash == hash_of_link(token) => Ok(()),
        before => write(tx, activity, new, before, token).await.map(drop),
    }
}

/// The link that was made for a cause.
async fn under(scope: &Scope<'_>, activity: Uuid, cause: &str) -> Result<Option<Model>> {
    scope.find::<Entity>().filter(Column::ActivityId.eq(activity)).filter(Column::Cause.eq(cause)).one().await
}

async fn write(tx: &mut Tx<'_>, activity: Uuid, new: NewLink, before: Option<Model>, token: &str) -> Result<Model> {
    let NewLink { purpose, object, session, trainer, holder, cause, expires_at } = new;
    let token_hash = hash_of_link(token);
    let link = before.as_ref().map_or_else(|| tx.new_id(), |row| row.id);
    let mut act = tx.act(activity, Event::Minted { link, object }.into());
    match before {
        Some(row) => {
            act.update(row, |edit: &mut ActiveModel| {
                edit.token_hash = Set(token_hash);
                edit.trainer_id = Set(trainer);
                edit.holder = Set(holder);
                edit.expires_at = Set(expires_at);
                edit.revoked_at = Set(None);
            })
            .await
        }
        None => {
            act.insert(ActiveModel {
                id: Set(link),
                purpose: Set(purpose.into()),
                object_id: Set(object),
                session_id: Set(session),
                trainer_id: Set(trainer),
                holder: Set(holder),
                cause: Set(cause),
                token_hash: Set(token_hash),
                expires_at: Set(expires_at),
                revoked_at: Set(None),
                ..Default::default()
            })
            .await
        }
    }
}

/// The link that was made for a cause, if one was.
pub async fn link_of(scope: &Scope<'_>, activity: Uuid, cause: &str) -> Result<Option<Uuid>> {
    Ok(under(scope, activity, cause).await?.map(|row| row.id))
}

/// Take a link back; doing it twice changes nothing more.
pub async fn revoke(tx: &mut Tx<'_>, row: Model) -> Result<Model> {
    if row.revoked_at.is_some() {
        return Ok(row);
    }
    let now = tx.now();
    tx.act(row.activity_id, Event::Revoked { link: row.id }.into())
        .update(row, |edit: &mut ActiveModel| edit.revoked_at = Set(Some(now)))
        .await
}

/// Take a link back, with all those that its holder has for the same: whoever lost a phone or sent a mail on does not know
/// which link was in it. A trainer's are those of all days of the session. Doing it twice changes nothing more.
pub async fn revoke_with_alike(tx: &mut Tx<'_>, id: Uuid) -> Result<Model> {
    let named = tx.scope().get::<Entity>(id).await?;
    let live = tx
        .scope()
        .find::<Entity>()
        .filter(Column::ActivityId.eq(named.activity_id))
        .filter(Column::Purpose.eq(named.purpose.as_str()))
        .filter(Column::RevokedAt.is_null());
    let alike = match (named.trainer_id, named.session_id) {
        (Some(trainer), Some(session)) => {
            live.filter(Column::TrainerId.eq(trainer)).filter(Column::SessionId.eq(session))
        }
        (trainer, _) => {
            live.filter(Column::ObjectId.eq(named.object_id)).filter_some(trainer.map(|id| Column::TrainerId.eq(id)))
        }
    };
    // In this order: two who take back at once do not wait for each other in a ring.
    for row in alike.ascending(Column::Id).all().await? {
        let row = tx.lock::<Entity>(row.id).await?;
        revoke(tx, row).await?;
    }
    tx.scope().get::<Entity>(id).await
}

/// Take back all the links that open an object.
pub async fn revoke_all(tx: &mut Tx<'_>, purpose: Purpose, object: Uuid) -> Result<()> {
    let rows = tx
        .scope()
        .find::<Entity>()
        .filter(Column::Purpose.eq(purpose.name()))
        .filter(Column::ObjectId.eq(object))
        .filter(Column::RevokedAt.is_null())
        .ascending(Column::Id)
        .all()
        .await?;
    for row in rows {
        revoke(tx, row).await?;
    }
    Ok(())
}
