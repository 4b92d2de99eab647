//! Repeated requests: the first one leaves a record in its own transaction, a twin waits for it and is told where the
//! answer is.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};

use super::{
    access::Ctx,
    body::Arriving,
    db::{Db, numbered},
    error::{Error, Result},
};

/// What a caller asked under an Idempotency-Key.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The caller's key.
    pub key: String,
    /// Method and path.
    pub operation: String,
    /// The body, by whose hash the request is known.
    pub body: Arriving,
}

/// How long records are kept.
pub const KEPT: TimeDelta = TimeDelta::days(7);

pub(super) async fn begin(txn: &DatabaseTransaction, ctx: &Ctx, asked: &Asked, now: DateTime<Utc>) -> Result<()> {
    let backend = txn.get_database_backend();
    let principal = ctx.principal();
    let asked_hash = asked.body.digest()?;
    let insert = numbered(
        backend,
        "INSERT INTO idempotency (principal, key, operation, request_hash, status, created_at) VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
    );
    let values = [
        principal.clone().into(),
        asked.key.clone().into(),
        asked.operation.clone().into(),
        asked_hash.clone().into(),
        now.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
    ];
    let inserted = txn.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
    if inserted.rows_affected() == 1 {
        return Ok(());
    }
    let select = numbered(
        backend,
        "SELECT operation, request_hash, location, status FROM idempotency WHERE principal = ? AND key = ?",
    );
    let row = txn
        .query_one_raw(Statement::from_sql_and_values(backend, select, [principal.into(), asked.key.clone().into()]))
        .await?
        .ok_or_else(|| Error::internal("an idempotency record vanished"))?;
    let (operation, request_hash): (String, String) = (row.try_get("", "operation")?, row.try_get("", "request_hash")?);
    if operation != asked.operation || request_hash != asked_hash {
        return Err(Error::refused(
            "idempotency.other_request",
            "Cette Idempotency-Key a déjà servi à une autre demande : changez de clé.",
            "This Idempotency-Key was used for another request: use another key.",
        ));
    }
    let status: i32 = row.try_get("", "status")?;
    Err(Error::Replayed { location: row.try_get("", "location")?, status: u16::try_from(status).unwrap_or_default() })
}

pub(super) async fn finish(
    txn: &DatabaseTransaction,
    principal: &str,
    key: &str,
    answer: Option<&(String, u16)>,
) -> Result<(), DbErr> {
    let backend = txn.get_database_backend();
    let update = numbered(backend, "UPDATE idempotency SET location = ?, status = ? WHERE principal = ? AND key = ?");
    let values = [
        answer.map(|(location, _)| location.clone()).into(),
        answer.map_or(200, |(_, status)| i32::from(*status)).into(),
        principal.into(),
        key.into(),
    ];
    txn.execute_raw(Statement::from_sql_and_values(backend, update, values)).await.map(|_| ())
}

/// Forget the records that are older than a week.
pub async fn forget(db: &Db, now: DateTime<Utc>) -> Result<u64> {
    let backend = db.backend();
    let delete = numbered(backend, "DELETE FROM idempotency WHERE created_at < ?");
    let before = (now - KEPT).to_rfc3339_opts(SecondsFormat::Micros, true);
    let deleted = db.writer().execute_raw(Statement::from_sql_and_values(backend, delete, [before.into()])).await?;
    Ok(deleted.rows_affected())
}
