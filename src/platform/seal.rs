//! Seals: rows that are evidence leave their digest in the audit entry that writes them, hashed with it, so that a
//! column changed, a row removed or inserted behind the program's back is named.
//!
//! There is one chain, the audit's; a seal is what an entry of it says of a row. Rows written before seals existed are
//! compared with what the audit says of their plain columns.

use std::collections::{BTreeMap, HashMap};

use entity::{SEALED, Stamped, Table, audit_entry};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, QueryOrder};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    audit::{canonical, sha256},
    error::Result,
    scope::Scope,
};

/// The sealed tables whose rows belong to a half-day, given to a macro.
macro_rules! of_half_days {
    ($then:ident) => {
        $then!(
            mark,
            trainer_mark,
            mark_evidence,
            late_mark,
            presence_time,
            walk_in,
            connection,
            attendance_sheet,
            mark_dispute
        )
    };
}
pub(crate) use of_half_days;

/// A row that an act left, or (none) took away.
pub(super) struct Left {
    pub table: &'static str,
    pub id: Uuid,
    pub row: Option<Map<String, Value>>,
}

/// Whether the rows of a table are sealed.
pub(super) fn is_sealed<E: Table>() -> bool {
    SEALED.contains(&E::NAME)
}

/// A row with all its columns; what is absent does not count, so that a column added later changes no digest.
pub(super) fn whole<E: EntityTrait>(row: &E::Model) -> Result<Map<String, Value>>
where
    E::Model: Serialize,
{
    let Value::Object(map) = serde_json::to_value(row)? else { return Ok(Map::new()) };
    Ok(map.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

fn digest(table: &str, row: Map<String, Value>) -> String {
    sha256(canonical(&json!([table, row])))
}

/// What an entry says of the rows that its act left: `{"mark/<id>": digest}`; `seq` is stamped on them at commit.
pub(super) fn seals(left: Vec<Left>, seq: i64) -> Option<String> {
    let said: Map<String, Value> = left
        .into_iter()
        .map(|Left { table, id, row }| {
            let digest = row.map(|mut row| {
                row.insert("seq".into(), seq.into());
                digest(table, row)
            });
            (format!("{table}/{id}"), json!(digest))
        })
        .collect();
    (!said.is_empty()).then(|| canonical(&Value::Object(said)))
}

/// What is known of a row from the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    /// Its digest when it was last written.
    Sealed(String),
    /// Its plain columns, from before seals existed.
    Plain(BTreeMap<String, Value>),
    /// It was deleted by an act.
    Gone,
}

/// What the entries that were read say of sealed rows.
#[derive(Debug, Default, Clone)]
pub struct Seals(HashMap<(String, Uuid), Known>);

impl Seals {
    /// Take an entry's word; entries come in the order of their chain.
    pub fn read(&mut self, entry: &audit_entry::Model) {
        if let Some(Value::Object(said)) = entry.seals.as_deref().and_then(|text| serde_json::from_str(text).ok()) {
            for (name, digest) in said {
                let Some((table, id)) = name.split_once('/').and_then(|(table, id)| Some((table, id.parse().ok()?)))
                else {
                    continue;
                };
                let known = digest.as_str().map_or(Known::Gone, |digest| Known::Sealed(digest.to_owned()));
                self.0.insert((table.to_owned(), id), known);
            }
            return;
        }
        let Some(Value::Array(changes)) = entry.changes.as_deref().and_then(|text| serde_json::from_str(text).ok())
        else {
            return;
        };
        for change in changes {
            self.read_plain(&change);
        }
    }

    fn read_plain(&mut self, change: &Value) {
        let (Some(table), Some(id)) =
            (change["table"].as_str(), change["id"].as_str().and_then(|id| id.parse::<Uuid>().ok()))
        else {
            return;
        };
        if !SEALED.contains(&table) {
            return;
        }
        let key = (table.to_owned(), id);
        if let Some(inserted) = change["inserted"].as_object() {
            self.0.insert(key, Known::Plain(inserted.clone().into_iter().collect()));
        } else if change.get("deleted").is_some() {
            self.0.insert(key, Known::Gone);
        } else if let (Some(changed), Some(Known::Plain(row))) = (change["changed"].as_object(), self.0.get_mut(&key)) {
            for (column, pair) in changed {
                match &pair[1] {
                    Value::Null => row.remove(column),
                    new => row.insert(column.clone(), new.clone()),
                };
            }
        }
    }

    /// Compare a row with what is known of it, and forget it; answers what is wrong.
    fn check(&mut self, table: &str, id: Uuid, row: Map<String, Value>, secret: &[&str]) -> Option<String> {
        let name = format!("{table} {id}");
        match self.0.remove(&(table.to_owned(), id)) {
            Some(Known::Sealed(seal)) => {
                (digest(table, row) != seal).then(|| format!("{name}: was altered since it was written"))
            }
            Some(Known::Plain(plain)) => {
                // Of before seals: neither stamps nor secrets were kept, the columns of now are absent.
                let differs = plain.iter().find(|(column, value)| row.get(*column) != Some(value));
                let column = differs.map(|(column, _)| column.clone()).or_else(|| {
                    let stamps = ["version", "seq", "created_at", "updated_at"];
                    row.keys()
                        .find(|column| {
                            let unsaid = stamps.iter().chain(secret).any(|one| one == column);
                            !plain.contains_key(*column) && !unsaid
                        })
                        .cloned()
                });
                column.map(|column| format!("{name}: was altered since it was written ({column})"))
            }
            Some(Known::Gone) => Some(format!("{name}: is there, though it was deleted")),
            None => Some(format!("{name}: was inserted, no act wrote it")),
        }
    }

    /// Compare rows of a table with what is known of them.
    pub fn check_rows<E>(&mut self, rows: &[E::Model], faults: &mut Vec<String>) -> Result<()>
    where
        E: Stamped,
        E::Model: Serialize,
    {
        for row in rows {
            faults.extend(self.check(E::NAME, E::id_of(row), whole::<E>(row)?, E::SECRET));
        }
        Ok(())
    }

    /// Rows that are known and were not found.
    pub fn missing(self) -> Vec<String> {
        let mut missing: Vec<String> = self
            .0
            .into_iter()
            .filter(|(_, known)| *known != Known::Gone)
            .map(|((table, id), _)| format!("{table} {id}: was removed, no act deleted it"))
            .collect();
        missing.sort();
        missing
    }
}

/// Compare every sealed table with the chains that were read.
pub(super) async fn check_all(conn: &impl ConnectionTrait, mut seals: Seals, faults: &mut Vec<String>) -> Result<u64> {
    let mut rows = 0;
    macro_rules! tables {
        ($($name:ident),* $(,)?) => { $( rows += check_table::<entity::$name::Entity>(conn, &mut seals, faults).await?; )* };
    }
    of_half_days!(tables);
    tables!(signature);
    faults.extend(seals.missing());
    Ok(rows)
}

#[expect(clippy::disallowed_methods, reason = "the verifier reads every row, as the operator")]
async fn check_table<E>(conn: &impl ConnectionTrait, seals: &mut Seals, faults: &mut Vec<String>) -> Result<u64>
where
    E: Stamped,
    E::Model: Serialize + Sync,
{
    let mut read = 0;
    let mut pages = E::find().order_by_asc(E::id()).paginate(conn, 1000);
    while let Some(rows) = pages.fetch_and_next().await? {
        read += rows.len() as u64;
        seals.check_rows::<E>(&rows, faults)?;
    }
    Ok(read)
}

/// The rows of a sealed table that a condition selects, compared with what is known of them.
pub async fn check_some<E>(
    scope: &Scope<'_>,
    condition: impl sea_orm::sea_query::IntoCondition,
    seals: &mut Seals,
    faults: &mut Vec<String>,
) -> Result<u64>
where
    E: Stamped,
    E::Model: Serialize,
{
    let rows = scope.find::<E>().filter(condition).all().await?;
    seals.check_rows::<E>(&rows, faults)?;
    Ok(rows.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sealed_table_is_checked() {
        macro_rules! names {
            ($($name:ident),*) => { vec![$(stringify!($name)),*] };
        }
        let mut checked: Vec<&str> = of_half_days!(names);
        checked.push("signature");
        assert_eq!(checked, SEALED, "what is sealed and what is checked");
    }

    #[test]
    fn a_row_of_before_seals_is_compared_by_its_columns() {
        let id = Uuid::from_u128(1);
        let mut seals = Seals::default();
        seals.read_plain(&json!({ "table": "mark", "id": id, "inserted": { "id": id, "minutes": 210 } }));
        seals.read_plain(&json!({ "table": "mark", "id": id, "changed": { "minutes": [210, 120] } }));
        let row = |minutes: i32| json!({ "id": id, "minutes": minutes, "seq": 4 }).as_object().cloned().unwrap();
        let mut other = seals.clone();
        assert_eq!(other.check("mark", id, row(120), &[]), None);
        assert!(seals.check("mark", id, row(210), &[]).is_some_and(|fault| fault.contains("minutes")));
        assert!(seals.check("mark", id, row(210), &[]).is_some_and(|fault| fault.contains("inserted")));
        let mut secrets = Seals::default();
        secrets.read_plain(&json!({ "table": "mark", "id": id, "inserted": { "id": id } }));
        assert_eq!(secrets.clone().check("mark", id, row(210), &["minutes"]), None);
        assert!(secrets.check("mark", id, row(210), &[]).is_some());
    }
}
