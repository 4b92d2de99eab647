//! The tables that migrations make from nothing are the tables that the code believes in.

use std::collections::{BTreeMap, BTreeSet};

use entity::{Kind, shapes};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::{TestApp, start};

/// Columns by name: whether they may be missing, and their type in this database.
type Columns = BTreeMap<String, (bool, String)>;

async fn rows(app: &TestApp, sql: String, names: &[&str]) -> Vec<Vec<String>> {
    let db = app.app.db.writer();
    let found = db.query_all_raw(Statement::from_string(app.app.db.backend(), sql)).await.unwrap();
    found.iter().map(|row| names.iter().map(|name| row.try_get::<String>("", name).unwrap()).collect()).collect()
}

async fn columns(app: &TestApp, table: &str) -> Columns {
    let sql = match app.app.db.backend() {
        DbBackend::Sqlite => format!(
            "SELECT name, CASE WHEN \"notnull\" = 1 THEN 'no' ELSE 'yes' END AS missing, lower(type) AS kind FROM pragma_table_info('{table}')"
        ),
        _ => format!(
            "SELECT column_name::text AS name, lower(is_nullable::text) AS missing, data_type::text AS kind \
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
        ),
    };
    let found = rows(app, sql, &["name", "missing", "kind"]).await;
    found.into_iter().map(|row| (row[0].clone(), (row[1] == "yes", row[2].clone()))).collect()
}

/// The unique keys of a table, as lists of columns.
async fn unique_keys(app: &TestApp, table: &str) -> BTreeSet<String> {
    let sql = match app.app.db.backend() {
        DbBackend::Sqlite => format!(
            "SELECT group_concat(i.name, ',') AS cols FROM pragma_index_list('{table}') l, pragma_index_info(l.name) i \
             WHERE l.\"unique\" = 1 GROUP BY l.name"
        ),
        _ => format!(
            "SELECT (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(x.indkey) WITH ORDINALITY AS k(number, place) \
             JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number) AS cols \
             FROM pg_index x WHERE x.indrelid = '\"{table}\"'::regclass AND x.indisunique"
        ),
    };
    rows(app, sql, &["cols"]).await.into_iter().map(|row| row[0].clone()).collect()
}

/// The foreign keys of a table: the table that is meant, and the columns that mean it.
async fn foreign_keys(app: &TestApp, table: &str) -> Vec<(String, String)> {
    let sql = match app.app.db.backend() {
        DbBackend::Sqlite => format!(
            "SELECT \"table\" AS target, group_concat(\"from\", ',') AS cols FROM pragma_foreign_key_list('{table}') GROUP BY id"
        ),
        _ => format!(
            "SELECT c.confrelid::regclass::text AS target, (SELECT string_agg(a.attname, ',') FROM unnest(c.conkey) AS k(number) \
             JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS cols \
             FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = '\"{table}\"'::regclass"
        ),
    };
    rows(app, sql, &["target", "cols"]).await.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

/// What PostgreSQL calls a type that the entity names in its own way.
fn postgres_type(kind: &sea_orm::ColumnType) -> &'static str {
    use sea_orm::ColumnType as C;
    match kind {
        C::Uuid => "uuid",
        C::Text | C::String(_) | C::Char(_) => "text",
        C::Integer => "integer",
        C::BigInteger => "bigint",
        C::Boolean => "boolean",
        C::Date => "date",
        C::TimestampWithTimeZone => "timestamp with time zone",
        C::Json => "json",
        C::JsonBinary => "jsonb",
        _ => "another type: name it in tests/api/guards/schema.rs",
    }
}

#[tokio::test]
async fn the_entities_are_the_tables() {
    let app = start().await;
    let mut offenders = vec![];
    for shape in shapes() {
        let found = columns(&app, shape.table).await;
        if found.is_empty() {
            offenders.push(format!("{}: there is no such table", shape.table));
        }
        for (name, definition) in &shape.columns {
            let Some((nullable, kind)) = found.get(*name) else {
                offenders.push(format!("{}.{name}: the table has no such column", shape.table));
                continue;
            };
            if *nullable != definition.is_null() {
                offenders.push(format!("{}.{name}: nullable is {nullable} in the table only", shape.table));
            }
            let expected = postgres_type(definition.get_column_type());
            if app.app.db.backend() == DbBackend::Postgres
                && kind != expected
                && (expected, kind.as_str()) != ("text", "character varying")
            {
                offenders.push(format!("{}.{name}: {kind} in the table, {expected} in the entity", shape.table));
            }
        }
        for name in found.keys().filter(|name| !shape.columns.iter().any(|(known, _)| known == name)) {
            offenders.push(format!("{}.{name}: the entity has no such column", shape.table));
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn owned_rows_cannot_leave_their_activity() {
    let app = start().await;
    let owned: Vec<&str> = shapes().iter().filter(|shape| shape.kind == Kind::Owned).map(|shape| shape.table).collect();
    let mut offenders = vec![];
    for table in &owned {
        match columns(&app, table).await.get("activity_id") {
            Some((false, _)) => {}
            Some((true, _)) => offenders.push(format!("{table}.activity_id may be missing")),
            None => offenders.push(format!("{table} has no activity_id")),
        }
        if !unique_keys(&app, table).await.contains("activity_id,id") {
            offenders.push(format!("{table} has no UNIQUE (activity_id, id)"));
        }
        for (target, columns) in foreign_keys(&app, table).await {
            let inside = columns.split(',').any(|column| column == "activity_id");
            if owned.contains(&target.as_str()) && !inside {
                offenders.push(format!("{table} ({columns}) → {target}: the key does not hold the activity"));
            }
        }
    }
    assert!(offenders.is_empty(), "{}", offenders.join("\n"));
}

#[tokio::test]
async fn every_table_is_an_entity_or_the_platforms_own() {
    let app = start().await;
    let own = ["chain_head", "counter", "idempotency", "instance", "seaql_migrations", "upkeep", "write_probe"];
    let sql = match app.app.db.backend() {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public'",
    };
    let known: Vec<&str> = shapes().iter().map(|shape| shape.table).chain(own).collect();
    let strangers: Vec<String> = rows(&app, sql.into(), &["name"])
        .await
        .into_iter()
        .map(|row| row[0].clone())
        .filter(|name| !known.contains(&name.as_str()))
        .collect();
    assert!(strangers.is_empty(), "{strangers:?} are tables without an entity");
}

#[test]
fn migrations_only_go_forward() {
    let text = std::fs::read_to_string(super::snapshot::place("migration/src/lib.rs")).unwrap();
    assert!(!text.contains("use entity"), "the history must not move with the entities");
}
