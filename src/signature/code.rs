//! Codes of six digits: asked for by whoever is about to sign, made when the mail leaves, bound to the papers.
//!
//! The code stands in the mail that leaves and nowhere else: a stored mail holds a placeholder, a row its salted hash.

use chrono::{DateTime, Utc};
use entity::one_time_code::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{
    events::Event,
    rules::{self, BATCHES_COUNT, CODE_LIFE, Tried},
};
use crate::platform::{
    audit::sha256,
    codes::{store, stored},
    error::{Error, Result},
    number::EmailAddress,
    scope::Scope,
    seed::Seed,
    tx::Tx,
};

/// A paper that a code is good for, with the very file that is signed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Bound {
    /// The request.
    pub request: Uuid,
    /// The paper.
    pub document: Uuid,
    /// SHA-256 of the file that was presented.
    pub sha256: String,
    /// Its activity.
    pub activity: Uuid,
}

/// Who asks for a code.
pub(super) struct Asking {
    /// The request whose page asks; none through the API.
    pub request: Option<Uuid>,
    /// The cooperative's signatory, when one signs.
    pub signatory: Option<Uuid>,
    /// Their name.
    pub name: String,
    /// Where the code goes.
    pub address: Option<String>,
}

/// The papers of a code.
pub(super) fn bound(row: &Model) -> Result<Vec<Bound>> {
    stored(&row.papers)
}

/// Ask for a code for these papers: its mail follows.
pub(super) async fn ask(tx: &mut Tx<'_>, asking: Asking, mut papers: Vec<Bound>) -> Result<Model> {
    let Asking { request, signatory, name, address } = asking;
    let address = address.filter(|address| EmailAddress::parse(address).is_ok()).ok_or_else(|| {
        Error::refused(
            "signature.no_address",
            format!("Aucune adresse n’est connue pour {name} : le code ne peut être envoyé."),
            format!("No address is known for {name}: the code cannot be sent."),
        )
    })?;
    papers.sort();
    let before = before(&tx.scope(), request, signatory, tx.now()).await?;
    rules::may_ask(&before, tx.now())?;
    let first = papers.first().map(|paper| paper.activity);
    // Papers of several activities are the cooperative's affair.
    let activity = first.filter(|first| papers.iter().all(|paper| paper.activity == *first));
    let (code, now, papers) = (tx.new_id(), tx.now(), store(&papers)?);
    tx.act(activity, Event::CodeAsked { code }.into())
        .insert(ActiveModel {
            id: Set(code),
            request_id: Set(request),
            signatory_id: Set(signatory),
            name: Set(name),
            sent_to: Set(address),
            papers: Set(papers),
            salt: Set(None),
            code_hash: Set(None),
            attempts: Set(0),
            asked_at: Set(now),
            sent_at: Set(None),
            expires_at: Set(None),
            used_at: Set(None),
            ..Default::default()
        })
        .await
}

/// When codes were asked for: those of a page, or those of a signatory through the API since they last signed a batch.
async fn before(
    scope: &Scope<'_>,
    request: Option<Uuid>,
    signatory: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>> {
    let query = scope.find::<Entity>().descending(Column::Id).limit(50);
    let rows = match (request, signatory) {
        (Some(request), _) => query.filter(Column::RequestId.eq(request)).all().await?,
        // A delegate signs every week: a batch that was signed clears what was asked for before it.
        (None, Some(signatory)) => {
            let mut rows = query
                .filter(Column::SignatoryId.eq(signatory))
                .filter(Column::RequestId.is_null())
                .filter(Column::AskedAt.gt(now - BATCHES_COUNT))
                .all()
                .await?;
            let unused = rows.iter().take_while(|row| row.used_at.is_none()).count();
            rows.truncate(unused);
            rows
        }
        (None, None) => vec![],
    };
    Ok(rows.into_iter().map(|row| row.asked_at).collect())
}

/// The last code that a page asked for, if it may still be typed.
pub(super) async fn of_page(scope: &Scope<'_>, request: Uuid, now: DateTime<Utc>) -> Result<Option<Model>> {
    let last = scope.find::<Entity>().filter(Column::RequestId.eq(request)).descending(Column::Id).one().await?;
    Ok(last.filter(|row| row.used_at.is_none() && row.expires_at.unwrap_or(row.asked_at + CODE_LIFE) > now))
}

/// Whether the code that was typed is the one of this row.
fn right(row: &Model, typed: &str) -> bool {
    let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
    let (Some(salt), Some(hash)) = (&row.salt, &row.code_hash) else { return false };
    hashed(row, salt, &typed).as_bytes().ct_eq(hash.as_bytes()).into()
}

fn hashed(row: &Model, salt: &str, code: &str) -> String {
    sha256(format!("{salt}|{}|{}|{code}", row.id, sha256(&row.papers)))
}

/// Try a code on its locked row: a wrong one is counted, and the count must be committed.
pub(super) async fn attempt(tx: &mut Tx<'_>, row: Model, typed: &str) -> Result<Result<Model>> {
    let (code, right) = (row.id, right(&row, typed));
    let tried = Tried { expires_at: row.expires_at, attempts: row.attempts, used: row.used_at.is_some(), right };
    let (now, activity) = (tx.now(), row.activity_id);
    match rules::open(tried, now) {
        Ok(()) => {
            let used = |edit: &mut ActiveModel| edit.used_at = Set(Some(now));
            Ok(Ok(tx.act(activity, Event::CodeUsed { code }.into()).update(row, used).await?))
        }
        Err(why) => {
            if !right {
                let missed = row.attempts + 1;
                tx.act(activity, Event::CodeMissed { code }.into())
                    .update(row, |edit: &mut ActiveModel| edit.attempts = Set(missed))
                    .await?;
            }
            Ok(Err(why))
        }
    }
}

/// How a placeholder begins; it goes on with the identifier of the code.
pub const CODE_MARK: &str = "code-unique.";

/// What to write in a text for a code that will be made when the mail leaves.
pub fn wanted_code(code: Uuid) -> String {
    format!("{CODE_MARK}{code}")
}

fn placeholder(text: &str) -> Option<(&str, Uuid)> {
    let at = text.find(CODE_MARK)?;
    let whole = text.get(at..at + CODE_MARK.len() + 36)?;
    Some((whole, whole[CODE_MARK.len()..].parse().ok()?))
}

/// Whether a text waits for a code.
pub fn awaits_code(text: &str) -> bool {
    placeholder(text).is_some()
}

/// Make the code and put it in place of its placeholder; another attempt, from the same seed, makes the same.
pub async fn fulfil_code(tx: &mut Tx<'_>, seed: &Seed, to: &str, texts: &mut [&mut String]) -> Result<()> {
    let found = texts.iter().find_map(|text| placeholder(text).map(|(whole, id)| (whole.to_owned(), id)));
    let Some((mark, id)) = found else { return Ok(()) };
    let row = tx.lock::<Entity>(id).await?;
    if row.sent_to != to {
        return Err(Error::refused(
            "signature.code_other",
            "Ce code est destiné à quelqu’un d’autre.",
            "This code is for somebody else.",
        ));
    }
    let now = tx.now();
    if row.used_at.is_some() || now - row.asked_at > CODE_LIFE {
        return Err(Error::refused(
            "signature.code_stale",
            "Ce code a été demandé il y a trop longtemps : il n’est plus envoyé.",
            "This code was asked for too long ago: it is not sent any more.",
        ));
    }
    let digits = seed.digits(&format!("code:{id}"));
    // Another attempt of the same mail: the code stands, and lives from now on.
    let known = right(&row, &digits);
    let salt = if known { row.salt.clone().unwrap_or_default() } else { tx.salt() };
    let hash = hashed(&row, &salt, &digits);
    tx.act(row.activity_id, Event::CodeMade { code: id }.into())
        .update(row, |edit: &mut ActiveModel| {
            edit.salt = Set(Some(salt));
            edit.code_hash = Set(Some(hash));
            edit.sent_at = Set(Some(now));
            edit.expires_at = Set(Some(now + CODE_LIFE));
        })
        .await?;
    for text in texts {
        **text = text.replace(&mark, &digits);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_found_where_it_stands() {
        let id = Uuid::from_u128(7);
        let text = format!("Votre code : {}.", wanted_code(id));
        assert_eq!(placeholder(&text).map(|(_, found)| found), Some(id));
        assert!(!awaits_code("code-unique.rien") && !awaits_code("Bonjour"));
    }
}
