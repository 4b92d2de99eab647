//! The audit: one entry per act, chained by stream, so that an altered, removed or inserted row is found.
//!
//! An entry's hash covers its metadata, the previous hash and the digest of its changes; changes and their salt may be
//! erased (RGPD) without breaking the chain, because only their digest is hashed.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use entity::audit_entry;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    access::Ctx,
    db::Db,
    error::{Error, Result},
    integrity::Snapshot,
    ledger::Ledger,
    page::PageQuery,
    scope::{Reach, Scope},
    seal::{self, Left, Seals},
};
use crate::events::Event;

/// The hash that the first entry of a stream follows.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The name of an activity's stream, or of the organisation's.
pub fn stream(activity: Option<Uuid>) -> String {
    activity.map_or_else(|| "organisation".to_owned(), |id| format!("activity:{id}"))
}

/// How far the audit of an activity, and that of the cooperative, have come.
///
/// Every write is told there by its own commit: what was read before a unit of work is still so inside it, as long as
/// neither has moved. Whatever takes long to gather is gathered that way, while others write. Mails are no part of it: who
/// gathers reads no table of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment(Vec<Option<i64>>);

/// The present moment of an activity.
pub async fn moment(scope: &Scope<'_>, activity: Uuid) -> Result<Moment> {
    let executor = scope.conn.executor();
    let backend = executor.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => LAST.replacen('?', "$1", 1),
        _ => LAST.to_owned(),
    };
    let mut last = vec![];
    for stream in [stream(None), stream(Some(activity))] {
        let asked = Statement::from_sql_and_values(backend, &sql, [stream.into()]);
        last.push(executor.query_one_raw(asked).await?.map(|row| row.try_get("", "seq")).transpose()?);
    }
    Ok(Moment(last))
}

/// The last entry that may change what others read. Mails that are written and sent about a fact are no part of it, and
/// come just when its papers are made.
const LAST: &str =
    "SELECT seq FROM audit_entry WHERE stream = ? AND event NOT LIKE 'message.%' ORDER BY seq DESC LIMIT 1";

/// JSON whose bytes are the same wherever they are made: keys sorted, no space.
pub fn canonical(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort();
                out.push('{');
                for (index, key) in keys.into_iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&Value::String(key.clone()).to_string());
                    out.push(':');
                    write(&map[key], out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes.as_ref()))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.push_str(&format!("{byte:02x}"));
        out
    })
}

/// What is written about one act.
pub(super) struct Written {
    pub stream: String,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub behalf: Option<String>,
    pub request_id: Option<String>,
    pub activity: Option<Uuid>,
    pub event: &'static str,
    pub subject_kind: &'static str,
    pub subject: Option<Uuid>,
    pub data: Value,
    pub changes: Value,
    pub salt: String,
    pub left: Vec<Left>,
}

struct Metadata<'a> {
    stream: &'a str,
    seq: i64,
    at: DateTime<Utc>,
    actor: &'a str,
    behalf: Option<&'a str>,
    request_id: Option<&'a str>,
    activity: Option<Uuid>,
    event: &'a str,
    subject_kind: &'a str,
    subject: Option<Uuid>,
    data: &'a str,
    changes_digest: &'a str,
    seals: Option<&'a str>,
}

fn digest(previous: &str, of: &Metadata) -> String {
    let Metadata {
        stream,
        seq,
        at,
        actor,
        behalf,
        request_id,
        activity,
        event,
        subject_kind,
        subject,
        data,
        changes_digest,
        seals,
    } = of;
    let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let mut hashed = json!([
        previous,
        stream,
        seq,
        at,
        actor,
        behalf,
        request_id,
        activity,
        event,
        subject_kind,
        subject,
        data,
        changes_digest
    ]);
    // Entries of before seals keep the hash that they have.
    if let (Some(hashed), Some(seals)) = (hashed.as_array_mut(), seals) {
        hashed.push(json!(seals));
    }
    sha256(canonical(&hashed))
}

/// Take the head of a stream: nobody else can follow it until the transaction ends.
async fn head(txn: &DatabaseTransaction, stream: &str) -> Result<(i64, String)> {
    let backend = txn.get_database_backend();
    let (read, create) = match backend {
        DbBackend::Postgres => (
            "SELECT seq, hash FROM chain_head WHERE stream = $1 FOR UPDATE",
            "INSERT INTO chain_head (stream, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING",
        ),
        _ => (
            "SELECT seq, hash FROM chain_head WHERE stream = ?",
            "INSERT INTO chain_head (stream, seq, hash) VALUES (?, 0, ?) ON CONFLICT DO NOTHING",
        ),
    };
    let read = || Statement::from_sql_and_values(backend, read, [stream.into()]);
    let mut row = txn.query_one_raw(read()).await?;
    if row.is_none() {
        txn.execute_raw(Statement::from_sql_and_values(backend, create, [stream.into(), GENESIS.into()])).await?;
        row = txn.query_one_raw(read()).await?;
    }
    let row = row.ok_or_else(|| super::error::Error::internal("a chain head that was just made is missing"))?;
    Ok((row.try_get("", "seq")?, row.try_get("", "hash")?))
}

/// Append entries of one stream; answers the number of the last.
pub(super) async fn append(
    txn: &DatabaseTransaction,
    stream: &str,
    entries: Vec<(Uuid, Written)>,
) -> Result<(i64, String)> {
    let (mut seq, mut hash) = head(txn, stream).await?;
    // What `seq` the rows of this commit are stamped with.
    let stamped = seq + i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let mut rows = Vec::with_capacity(entries.len());
    for (id, written) in entries {
        seq += 1;
        let Written {
            stream,
            at,
            actor,
            behalf,
            request_id,
            activity,
            event,
            subject_kind,
            subject,
            data,
            changes,
            salt,
            left,
        } = written;
        let seals = seal::seals(left, stamped);
        let data = canonical(&data);
        let changes = canonical(&changes);
        let changes_digest = sha256(format!("{salt}{changes}"));
        let metadata = Metadata {
            stream: &stream,
            seq,
            at,
            actor: &actor,
            behalf: behalf.as_deref(),
            request_id: request_id.as_deref(),
            activity,
            event,
            subject_kind,
            subject,
            data: &data,
            changes_digest: &changes_digest,
            seals: seals.as_deref(),
        };
        let next = digest(&hash, &metadata);
        rows.push(audit_entry::ActiveModel {
            id: Set(id),
            stream: Set(stream),
            seq: Set(seq),
            at: Set(at),
            actor: Set(actor),
            behalf: Set(behalf),
            request_id: Set(request_id),
            activity_id: Set(activity),
            event: Set(event.to_owned()),
            subject_kind: Set(subject_kind.to_owned()),
            subject_id: Set(subject),
            event_data: Set(data),
            changes: Set(Some(changes)),
            salt: Set(Some(salt)),
            changes_digest: Set(changes_digest),
            seals: Set(seals),
            previous_hash: Set(hash),
            hash: Set(next.clone()),
            erased_at: Set(None),
        });
        hash = next;
    }
    audit_entry::Entity::insert_many(rows).exec_without_returning(txn).await?;
    let backend = txn.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "UPDATE chain_head SET seq = $1, hash = $2 WHERE stream = $3",
        _ => "UPDATE chain_head SET seq = ?, hash = ? WHERE stream = ?",
    };
    txn.execute_raw(Statement::from_sql_and_values(backend, sql, [seq.into(), hash.clone().into(), stream.into()]))
        .await?;
    Ok((seq, hash))
}

/// What a reader of the audit looks for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only what happened to this.
    pub subject: Option<Uuid>,
    /// Only this event.
    pub event: Option<String>,
}

/// One page of the entries within the caller's reach, newest first.
#[expect(clippy::disallowed_methods, reason = "the audit is the platform's own table")]
pub async fn entries(ctx: &Ctx, asked: &Asked, page: &PageQuery) -> Result<(Vec<audit_entry::Model>, Option<String>)> {
    use audit_entry::Column as C;
    let mut query = audit_entry::Entity::find()
        .order_by_desc(C::At)
        .order_by_desc(C::Seq)
        .order_by_desc(C::Id)
        .limit(page.limit + 1);
    if let Reach::Activities(list) = ctx.reach() {
        query = query.filter(C::ActivityId.is_in(list.iter().copied()));
    }
    if let Some(activity) = page.activity_id {
        ctx.scope().get::<entity::activity::Entity>(activity).await?;
        query = query.filter(C::ActivityId.eq(activity));
    }
    if let Some(subject) = asked.subject {
        query = query.filter(C::SubjectId.eq(subject));
    }
    if let Some(event) = &asked.event {
        query = query.filter(C::Event.eq(event.as_str()));
    }
    if let Some(after) = page.id_cursor()? {
        let last = audit_entry::Entity::find().filter(C::Id.eq(after)).one(ctx.app().db.reader()).await?;
        let whole = *ctx.reach() == Reach::Organisation;
        let last = last.filter(|row| row.activity_id.map_or(whole, |id| ctx.reach().holds(id)));
        let last = last.ok_or(Error::Missing("audit entry"))?;
        let earlier = Condition::any()
            .add(C::At.lt(last.at))
            .add(Condition::all().add(C::At.eq(last.at)).add(C::Seq.lt(last.seq)))
            .add(Condition::all().add(C::At.eq(last.at)).add(C::Seq.eq(last.seq)).add(C::Id.lt(last.id)));
        query = query.filter(earlier);
    }
    let mut rows = query.all(ctx.app().db.reader()).await?;
    let more = rows.len() as u64 > page.limit;
    rows.truncate(page.limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    Ok((rows, next))
}

/// Whether this event, with these facts, was written since an instant.
#[expect(clippy::disallowed_methods, reason = "the audit is the platform's own table")]
pub async fn was_noted(ctx: &Ctx, event: &Event, since: DateTime<Utc>) -> Result<bool> {
    use audit_entry::Column as C;
    let (_, subject) = event.subject();
    let found = audit_entry::Entity::find()
        .filter(C::SubjectId.eq(subject))
        .filter(C::Event.eq(event.name()))
        .filter(C::EventData.eq(canonical(&serde_json::to_value(event)?)))
        .filter(C::At.gte(since))
        .one(ctx.app().db.reader())
        .await?;
    Ok(found.is_some())
}

/// When this was done to a subject, newest first: the last hundred times, which is more than any limit counts.
#[expect(clippy::disallowed_methods, reason = "the audit is the platform's own table")]
pub async fn times(scope: &Scope<'_>, event: &'static str, subject: Uuid) -> Result<Vec<DateTime<Utc>>> {
    use audit_entry::Column as C;
    let rows = audit_entry::Entity::find()
        .filter(C::SubjectId.eq(subject))
        .filter(C::Event.eq(event))
        .order_by_desc(C::At)
        .limit(100)
        .all(&scope.conn.executor())
        .await?;
    Ok(rows.into_iter().map(|row| row.at).collect())
}

/// What checking the chains found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Streams that were read.
    pub streams: usize,
    /// Entries that were read.
    pub entries: u64,
    /// Rows of evidence that were compared with what the entries say of them.
    pub rows: u64,
    /// Rows of other tables that were looked for among those that the entries say there are.
    pub counted: u64,
    /// What is wrong, one sentence each, naming the stream and the entry.
    pub faults: Vec<String>,
}

/// Read every chain from its beginning and recompute every hash, then compare the rows with what the entries say of them.
pub async fn verify(db: &Db) -> Result<Checked> {
    let snapshot = Snapshot::take(db).await?;
    let checked = verify_in(snapshot.conn()).await;
    snapshot.end().await?;
    checked
}

/// The same in one snapshot: who writes meanwhile would make faults of what is sound.
#[expect(clippy::disallowed_methods, reason = "the verifier reads every stream, as the operator")]
pub async fn verify_in(conn: &impl ConnectionTrait) -> Result<Checked> {
    let backend = conn.get_database_backend();
    let heads = conn
        .query_all_raw(Statement::from_string(backend, "SELECT stream, seq, hash FROM chain_head ORDER BY stream"))
        .await?;
    let mut checked = Checked::default();
    let mut seals = Seals::default();
    let mut ledger = Ledger::default();
    for head in heads {
        let (stream, seq, hash): (String, i64, String) =
            (head.try_get("", "stream")?, head.try_get("", "seq")?, head.try_get("", "hash")?);
        checked.streams += 1;
        let mut follows = GENESIS.to_owned();
        let mut last = 0;
        loop {
            let entries = audit_entry::Entity::find()
                .filter(audit_entry::Column::Stream.eq(&stream))
                .filter(audit_entry::Column::Seq.gt(last))
                .order_by_asc(audit_entry::Column::Seq)
                .limit(1000)
                .all(conn)
                .await?;
            let Some(end) = entries.last().map(|entry| entry.seq) else { break };
            for entry in &entries {
                checked.entries += 1;
                check_entry(entry, last, &follows, &mut checked.faults);
                seals.read(entry);
                ledger.read(entry);
                last = entry.seq;
                follows.clone_from(&entry.hash);
            }
            last = end;
        }
        if last != seq || follows != hash {
            checked.faults.push(format!(
                "{stream}: the head says entry {seq} ({hash}), the last entry found is {last} ({follows})"
            ));
        }
    }
    checked.rows = seal::check_all(conn, seals, &mut checked.faults).await?;
    checked.counted = ledger.compare(conn, &mut checked.faults).await?;
    Ok(checked)
}

/// What every entry of an event says, oldest first.
#[expect(clippy::disallowed_methods, reason = "the audit is the platform's own table")]
pub async fn data_of(scope: &Scope<'_>, event: &str) -> Result<Vec<String>> {
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::Event.eq(event))
        .order_by_asc(audit_entry::Column::At)
        .select_only()
        .column(audit_entry::Column::EventData);
    Ok(entries.into_tuple().all(&scope.conn.executor()).await?)
}

/// The entries of a stream about one subject, oldest first, each recomputed; what is wrong with them.
#[expect(clippy::disallowed_methods, reason = "the audit is the platform's own table")]
pub async fn entries_about(
    scope: &Scope<'_>,
    activity: Uuid,
    subject: Uuid,
) -> Result<(Vec<audit_entry::Model>, Vec<String>)> {
    use audit_entry::Column as C;
    let stream = stream(Some(activity));
    let entries = audit_entry::Entity::find()
        .filter(C::Stream.eq(&stream))
        .filter(C::SubjectId.eq(subject))
        .order_by_asc(C::Seq)
        .all(&scope.conn.executor())
        .await?;
    // Neighbours show an entry that was rewritten together with its hash.
    let beside: Vec<i64> = entries.iter().flat_map(|entry| [entry.seq - 1, entry.seq + 1]).collect();
    let neighbours: HashMap<i64, audit_entry::Model> = audit_entry::Entity::find()
        .filter(C::Stream.eq(&stream))
        .filter(C::Seq.is_in(beside))
        .all(&scope.conn.executor())
        .await?
        .into_iter()
        .map(|entry| (entry.seq, entry))
        .collect();
    let mut faults = vec![];
    for entry in &entries {
        let before = neighbours.get(&(entry.seq - 1)).map_or(GENESIS, |before| before.hash.as_str());
        check_entry(entry, entry.seq - 1, before, &mut faults);
        if let Some(after) = neighbours.get(&(entry.seq + 1))
            && after.previous_hash != entry.hash
        {
            faults.push(format!(
                "{stream} entry {} ({}): is not the one that the next entry follows",
                entry.seq, entry.event
            ));
        }
    }
    Ok((entries, faults))
}

fn check_entry(entry: &audit_entry::Model, last: i64, follows: &str, faults: &mut Vec<String>) {
    let name = format!("{} entry {} ({})", entry.stream, entry.seq, entry.event);
    if entry.seq != last + 1 {
        faults.push(format!("{name}: follows entry {last}, so entries are missing or inserted between"));
    }
    if entry.previous_hash != follows {
        faults.push(format!("{name}: does not follow the entry before it"));
    }
    if let (Some(changes), Some(salt)) = (&entry.changes, &entry.salt) {
        if sha256(format!("{salt}{changes}")) != entry.changes_digest {
            faults.push(format!("{name}: its changes were altered"));
        }
    } else if entry.erased_at.is_none() {
        faults.push(format!("{name}: its changes were removed, and no erasure says so"));
    }
    let metadata = Metadata {
        stream: &entry.stream,
        seq: entry.seq,
        at: entry.at,
        actor: &entry.actor,
        behalf: entry.behalf.as_deref(),
        request_id: entry.request_id.as_deref(),
        activity: entry.activity_id,
        event: &entry.event,
        subject_kind: &entry.subject_kind,
        subject: entry.subject_id,
        data: &entry.event_data,
        changes_digest: &entry.changes_digest,
        seals: entry.seals.as_deref(),
    };
    if digest(&entry.previous_hash, &metadata) != entry.hash {
        faults.push(format!("{name}: was altered"));
    }
}
