//! Which rows name files: told once, for whoever checks, copies or collects them.

use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::platform::error::Result;

/// The columns that hold the hash of a file of the store, by table; the row's activity owns the file.
pub const COLUMNS: &[(&str, &str)] = &[
    ("document_file", "sha256"),
    ("stored_file", "sha256"),
    ("mark_evidence", "picture"),
    ("signature", "picture_sha256"),
];

/// A file that a row names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Named {
    /// The activity that owns it; none when it is common to all.
    pub owner: Option<Uuid>,
    /// The hash of its content.
    pub hash: String,
}

/// Every file that the rows of a database name, each once.
pub async fn named(conn: &impl ConnectionTrait) -> Result<Vec<Named>> {
    let selects: Vec<String> = COLUMNS.iter().map(|(table, column)| select(table, column)).collect();
    read(conn, selects.join(" UNION ")).await
}

/// A few of them, to know the store again: the newest and the oldest of each table.
pub async fn some_named(conn: &impl ConnectionTrait) -> Result<Vec<Named>> {
    let mut found = vec![];
    for (table, column) in COLUMNS {
        for order in ["DESC", "ASC"] {
            found.extend(read(conn, format!("{} ORDER BY id {order} LIMIT 8", select(table, column))).await?);
        }
    }
    found.dedup();
    Ok(found)
}

fn select(table: &str, column: &str) -> String {
    format!("SELECT activity_id, {column} AS hash FROM {table} WHERE {column} IS NOT NULL")
}

async fn read(conn: &impl ConnectionTrait, sql: String) -> Result<Vec<Named>> {
    let rows = conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await?;
    rows.into_iter()
        .map(|row| Ok(Named { owner: row.try_get("", "activity_id")?, hash: row.try_get("", "hash")? }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_that_holds_the_hash_of_a_file_is_known() {
        // Hashes of bytes that are elsewhere, under a row of their own.
        let copies = [
            ("signature", "presented_sha256"),
            ("signature_request", "presented_sha256"),
            ("organisation_text", "sha256"),
            ("document_attachment", "sha256"),
        ];
        for shape in entity::shapes() {
            for (name, _) in shape.columns {
                let holds = name.contains("sha256") || name == "picture";
                let known = COLUMNS.contains(&(shape.table, name)) || copies.contains(&(shape.table, name));
                assert!(!holds || known, "{}.{name} names a file: say so in COLUMNS", shape.table);
            }
        }
    }
}
