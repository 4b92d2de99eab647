//! Which rows there are, by the audit: compared with those that the tables hold, so that a row that was removed or
//! inserted behind the program's back is named. Evidence has more than this: its seals.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use chrono::{DateTime, Utc};
use entity::{Kind, SEALED, TABLES, audit_entry};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::{Deserialize, de::IgnoredAny};
use uuid::Uuid;

use super::error::Result;

/// Rows that are read at once.
const PIECE: usize = 5_000;

/// What one act did to one row.
#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    table: Cow<'a, str>,
    id: Uuid,
    inserted: Option<IgnoredAny>,
    deleted: Option<IgnoredAny>,
}

/// What the entries that were read say of rows.
#[derive(Default)]
pub(super) struct Ledger {
    alive: HashMap<&'static str, HashSet<Uuid>>,
    /// Instants of acts whose changes were erased: nobody knows any more which rows they made.
    erased: HashSet<DateTime<Utc>>,
}

/// The tables whose every row is written by an act, and that no seal covers.
fn counted() -> impl Iterator<Item = &'static str> {
    let written = |kind: &Kind| matches!(kind, Kind::Owned | Kind::Common | Kind::Tenant);
    TABLES.iter().filter(move |(table, kind)| written(kind) && !SEALED.contains(table)).map(|(table, _)| *table)
}

/// Rows that the history of the schema put there have identifiers that no act gives: they begin at the beginning of time.
fn of_the_schema(id: Uuid) -> bool {
    id.as_u128() >> 64 == 0x7000
}

impl Ledger {
    /// Take an entry's word; entries come in the order of their chain.
    pub(super) fn read(&mut self, entry: &audit_entry::Model) {
        let Some(changes) = &entry.changes else {
            self.erased.insert(entry.at);
            return;
        };
        // One that cannot be read was altered: its own hash says so.
        for Change { table, id, inserted, deleted } in serde_json::from_str::<Vec<Change>>(changes).unwrap_or_default()
        {
            let Some((table, _)) = TABLES.iter().find(|(known, _)| *known == table) else { continue };
            let rows = self.alive.entry(table).or_default();
            if inserted.is_some() {
                rows.insert(id);
            } else if deleted.is_some() {
                rows.remove(&id);
            }
        }
    }

    /// Compare every table with what was read; answers how many rows were compared.
    pub(super) async fn compare(mut self, conn: &impl ConnectionTrait, faults: &mut Vec<String>) -> Result<u64> {
        let mut read = 0;
        for table in counted() {
            let mut known = self.alive.remove(table).unwrap_or_default();
            let mut after = Uuid::nil();
            loop {
                let rows = piece(conn, table, after).await?;
                let Some((last, _)) = rows.last() else { break };
                after = *last;
                for (id, created) in &rows {
                    if !known.remove(id) && !of_the_schema(*id) && !self.erased.contains(created) {
                        faults.push(format!("{table} {id}: was inserted, no act wrote it"));
                    }
                }
                read += rows.len() as u64;
            }
            let mut gone: Vec<Uuid> = known.into_iter().collect();
            gone.sort();
            faults.extend(gone.into_iter().map(|id| format!("{table} {id}: was removed, no act deleted it")));
        }
        Ok(read)
    }
}

async fn piece(conn: &impl ConnectionTrait, table: &str, after: Uuid) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let backend = conn.get_database_backend();
    let place = if backend == DbBackend::Postgres { "$1" } else { "?" };
    let sql = format!("SELECT id, created_at FROM {table} WHERE id > {place} ORDER BY id LIMIT {PIECE}");
    let rows = conn.query_all_raw(Statement::from_sql_and_values(backend, sql, [after.into()])).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "created_at")?))).collect()
}
