//! Make a link, give it another token, take it back.

use chrono::{DateTime, Utc};
use entity::link::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{Purpose, events::Event};
use crate::platform::{access::hash_of_link, error::Result, tx::Tx};

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

/// Make a link, as part of a larger act.
pub async fn mint(tx: &mut Tx<'_>, activity: Uuid, new: NewLink) -> Result<Minted> {
    let NewLink { purpose, object, session, trainer, holder, cause, expires_at } = new;
    let token = tx.new_token();
    let token_hash = hash_of_link(&token);
    let before = tx
        .scope()
        .find::<Entity>()
        .filter(Column::ActivityId.eq(activity))
        .filter(Column::Cause.eq(cause.as_str()))
        .one()
        .await?;
    let link = before.as_ref().map_or_else(|| tx.new_id(), |row| row.id);
    let mut act = tx.act(activity, Event::Minted { link, object }.into());
    let row = match before {
        Some(row) => {
            act.update(row, |edit: &mut ActiveModel| {
                edit.token_hash = Set(token_hash);
                edit.trainer_id = Set(trainer);
                edit.holder = Set(holder);
                edit.expires_at = Set(expires_at);
                edit.revoked_at = Set(None);
            })
            .await?
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
            .await?
        }
    };
    Ok(Minted { row, token })
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
