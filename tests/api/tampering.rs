//! Somebody changes the database behind the program's back: whatever they touch of the evidence is named.

use clairiere::{operate, platform::access::Ctx, signing::events::Event};
use entity::{SEALED, mark_dispute, mark_evidence, shapes};
use sea_orm::{ActiveValue::Set, ColumnType, ConnectionTrait, DbBackend, Statement, TransactionTrait, Value as Cell};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    signing::signature,
    support::training::{Training, training},
};

/// One row at least in every table of evidence.
async fn evidenced() -> Training {
    let it = training().await;
    let post = async |path: String, body: Value| it.marie.post(&path, body).await.ok();
    it.a_signed_quote().await;
    let slot = it.slots[0];
    it.run("UPDATE session_slot SET modality = 'distance'", vec![]).await;
    it.app.at("2026-03-03T09:10");
    let signed = post(format!("/v1/slots/{slot}/signatures"), signature("enrolment_id", it.zoe, 1)).await;
    it.disputes(&signed["evidence_id"]).await;
    post(format!("/v1/slots/{slot}/signatures"), signature("trainer_id", it.trainer, 2)).await;
    post(format!("/v1/slots/{slot}/walk-ins"), json!({ "first_name": "Nour", "last_name": "Haddad" })).await;
    let times = json!({ "enrolment_id": it.zoe, "arrived_at": "2026-03-03T08:05:00Z", "left_at": null });
    post(format!("/v1/slots/{slot}/times"), times).await;
    let log =
        json!({ "format": "csv", "dry_run": false, "content": "nom;prénom;arrivée;départ\nMoreau;Paul;09:00;12:30" });
    post(format!("/v1/slots/{slot}/connections"), log).await;
    it.app.at("2026-03-03T12:30");
    post(format!("/v1/slots/{slot}/close"), json!({ "gaps": "Ali est parti" })).await;
    post(format!("/v1/slots/{slot}/signatures"), signature("enrolment_id", it.ali, 3)).await;
    it
}

impl Training {
    /// A quote, signed on paper by the client.
    async fn a_signed_quote(&self) {
        let client = self.marie.client("Les Lilas").await;
        let programme = self.marie.programme("Nextcloud").await;
        let quote = self.marie.quote(&client, &programme).await["id"].as_str().unwrap().to_owned();
        self.marie.post(&format!("/v1/quotes/{quote}/send"), Value::Null).await.ok();
        let papers = self.marie.get(&format!("/v1/documents?quote_id={quote}")).await.ok();
        let path = format!("/v1/documents/{}/signature-requests", papers["items"][0]["id"].as_str().unwrap());
        let asked = self.marie.post(&path, json!({})).await.ok();
        let scan = self.marie.upload("devis.pdf", "scan", b"%PDF-1.7\nscan", None).await.ok();
        let path = format!("/v1/signature-requests/{}/sign-on-paper", asked["items"][0]["id"].as_str().unwrap());
        let today = self.app.clock_now().date_naive();
        self.marie.post(&path, json!({ "scan_file_id": scan["id"], "signed_on": today })).await.ok();
    }

    /// Whoever signed says that it was not them.
    async fn disputes(&self, evidence: &Value) {
        let mut ctx = Ctx::operator(&self.app.app);
        let mut tx = ctx.begin().await.unwrap();
        let id = evidence.as_str().unwrap().parse().unwrap();
        let evidence = tx.lock::<mark_evidence::Entity>(id).await.unwrap();
        let (slot, told_at) = (evidence.slot_id, tx.now());
        tx.act(evidence.activity_id, Event::Disputed { slot, evidence: id }.into())
            .insert(mark_dispute::ActiveModel {
                slot_id: Set(slot),
                enrolment_id: Set(self.zoe),
                evidence_id: Set(id),
                said: Set(Some("J’étais en congé.".into())),
                told_at: Set(told_at),
                ..Default::default()
            })
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn run(&self, sql: &str, values: Vec<Cell>) {
        let db = &self.app.app.db;
        // Whoever holds the database is not stopped by its references.
        match db.backend() {
            DbBackend::Postgres => {
                let txn = db.writer().begin().await.unwrap();
                txn.execute_unprepared("SET LOCAL session_replication_role = replica").await.unwrap();
                txn.execute_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await.unwrap();
                txn.commit().await.unwrap();
            }
            _ => {
                db.writer().execute_unprepared("PRAGMA foreign_keys = OFF").await.unwrap();
                db.writer().execute_raw(Statement::from_sql_and_values(db.backend(), sql, values)).await.unwrap();
            }
        }
    }

    fn sql(&self, text: &str) -> String {
        if self.app.app.db.backend() != DbBackend::Postgres {
            return text.to_owned();
        }
        let mut parts = text.split('?');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (index, part) in parts.enumerate() {
            out.push_str(&format!("${}{part}", index + 1));
        }
        out
    }

    async fn faults(&self) -> Vec<String> {
        operate::verify_all(&self.app.app, false).await.unwrap().faults
    }

    /// A row's cell as it is, and another that it could hold.
    async fn cell(&self, table: &str, column: &str, kind: &ColumnType, id: Uuid) -> (Cell, Cell) {
        let db = &self.app.app.db;
        let sql = self.sql(&format!("SELECT {column} AS cell FROM {table} WHERE id = ?"));
        let row = db.writer().query_one_raw(Statement::from_sql_and_values(db.backend(), sql, [id.into()])).await;
        let row = row.unwrap().unwrap();
        match kind {
            ColumnType::Text | ColumnType::String(_) => {
                let old: Option<String> = row.try_get("", "cell").unwrap();
                (old.clone().into(), format!("{}x", old.unwrap_or_default()).into())
            }
            ColumnType::Integer => {
                let old: Option<i32> = row.try_get("", "cell").unwrap();
                (old.into(), (old.unwrap_or_default() + 1).into())
            }
            ColumnType::BigInteger => {
                let old: Option<i64> = row.try_get("", "cell").unwrap();
                (old.into(), (old.unwrap_or_default() + 1).into())
            }
            ColumnType::Boolean => {
                let old: bool = row.try_get("", "cell").unwrap();
                (old.into(), (!old).into())
            }
            ColumnType::Uuid => {
                let old: Option<Uuid> = row.try_get("", "cell").unwrap();
                (old.into(), Uuid::from_u128(0xbad).into())
            }
            ColumnType::Date => {
                let old: Option<chrono::NaiveDate> = row.try_get("", "cell").unwrap();
                (old.into(), old.and_then(|day| day.succ_opt()).into())
            }
            ColumnType::TimestampWithTimeZone => {
                let old: Option<chrono::DateTime<chrono::Utc>> = row.try_get("", "cell").unwrap();
                let new = old.unwrap_or_else(|| self.app.clock_now()) + chrono::TimeDelta::microseconds(1);
                (old.into(), new.into())
            }
            other => panic!("{table}.{column} is {other:?}: say how to change one"),
        }
    }
}

async fn a_row_of(it: &Training, table: &str) -> Uuid {
    let db = &it.app.app.db;
    let sql = format!("SELECT id FROM {table} LIMIT 1");
    let row = db.writer().query_one_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
    row.unwrap_or_else(|| panic!("{table} has no row in this story")).try_get("", "id").unwrap()
}

#[tokio::test]
async fn every_column_of_every_table_of_evidence_is_watched() {
    let it = evidenced().await;
    assert_eq!(it.faults().await, Vec::<String>::new());
    let mut unseen = vec![];
    let mut changed = 0;
    for shape in shapes().into_iter().filter(|shape| SEALED.contains(&shape.table)) {
        let id = a_row_of(&it, shape.table).await;
        for (column, definition) in &shape.columns {
            let (old, new) = it.cell(shape.table, column, definition.get_column_type(), id).await;
            let set = it.sql(&format!("UPDATE {} SET {column} = ? WHERE id = ?", shape.table));
            let now_called = if *column == "id" { Uuid::from_u128(0xbad) } else { id };
            it.run(&set, vec![new, id.into()]).await;
            let faults = it.faults().await;
            if !faults.iter().any(|fault| fault.starts_with(&format!("{} {id}", shape.table))) {
                unseen.push(format!("{}.{column}: {faults:?}", shape.table));
            }
            it.run(&set, vec![old, now_called.into()]).await;
            changed += 1;
        }
    }
    assert_eq!(unseen, Vec::<String>::new());
    assert!(changed > 100, "{changed}");
    assert_eq!(it.faults().await, Vec::<String>::new(), "all was put back");
}

#[tokio::test]
async fn a_row_that_is_removed_or_inserted_is_named() {
    for table in SEALED {
        let it = evidenced().await;
        let id = a_row_of(&it, table).await;
        let columns: Vec<&str> =
            shapes().into_iter().find(|shape| shape.table == *table).unwrap().columns.iter().map(|one| one.0).collect();
        // What is unique is another's: the copy is a row of its own.
        let copied: Vec<String> = columns
            .iter()
            .map(|column| match *column {
                "id" | "client_uuid" | "enrolment_id" | "slot_id" | "request_id" | "evidence_id" => "?".to_owned(),
                other => other.to_owned(),
            })
            .collect();
        let holes = copied.iter().filter(|one| *one == "?").count();
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE id = ?",
            columns.join(", "),
            copied.join(", ")
        );
        let mut values: Vec<Cell> = (0..holes).map(|place| Uuid::from_u128(0xc0 + place as u128).into()).collect();
        values.push(id.into());
        it.run(&it.sql(&sql), values).await;
        let faults = it.faults().await;
        assert!(
            faults.iter().any(|fault| fault.starts_with(table) && fault.contains("inserted")),
            "{table}: {faults:?}"
        );
        it.run(&it.sql(&format!("DELETE FROM {table} WHERE id = ?")), vec![id.into()]).await;
        let faults = it.faults().await;
        assert!(
            faults.iter().any(|fault| fault.starts_with(&format!("{table} {id}")) && fault.contains("removed")),
            "{table}: {faults:?}"
        );
    }
}

#[tokio::test]
async fn the_chain_of_a_half_day_names_what_was_altered_too() {
    let it = evidenced().await;
    let chain = async || it.marie.get(&format!("/v1/slots/{}/chain", it.slots[0])).await.ok();
    let clean = chain().await;
    assert_eq!(clean["faults"], json!([]), "{clean}");
    assert!(clean["rows"].as_i64().unwrap() >= 9, "{clean}");
    it.run("UPDATE mark SET minutes = 210", vec![]).await;
    let faults = chain().await["faults"].to_string();
    assert!(faults.contains("was altered since it was written"), "{faults}");
    it.run("UPDATE audit_entry SET actor = 'x' WHERE event = 'attendance.slot_closed'", vec![]).await;
    let faults = chain().await["faults"].to_string();
    assert!(faults.contains("(attendance.slot_closed): was altered"), "{faults}");
    it.run("UPDATE mark_evidence SET consent = 'Rien'", vec![]).await;
    let faults = chain().await["faults"].to_string();
    assert!(faults.contains("its digest is not that of its contents"), "{faults}");
}
