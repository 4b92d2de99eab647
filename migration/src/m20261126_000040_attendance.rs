//! Attendance that is proved: what is kept of each signature, late marks, arrivals, connections, corrections.

use sea_orm_migration::prelude::*;

use crate::table::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000040_attendance"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            table.create(manager).await?;
        }
        for (table, column) in columns() {
            let mut column = column;
            manager.alter_table(Table::alter().table(Alias::new(table)).add_column(&mut column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}

fn tables() -> Vec<Declared> {
    vec![
        t("walk_in", Owned)
            .owned_ref("slot_id", "session_slot")
            .text("first_name")
            .text("last_name")
            .maybe_text("email")
            .maybe_text("employer")
            .text("state")
            .maybe_owned_ref("enrolment_id", "enrolment")
            .text("added_by")
            .instant("added_at")
            .maybe_text("settled_by")
            .maybe_instant("settled_at")
            .maybe_text("reason"),
        t("mark_evidence", Owned)
            .owned_ref("slot_id", "session_slot")
            .maybe_owned_ref("enrolment_id", "enrolment")
            .maybe_owned_ref("trainer_id", "trainer")
            .maybe_owned_ref("walk_in_id", "walk_in")
            .text("act")
            .text("means")
            .uuid("client_uuid")
            .instant("signed_at")
            .text("local_time")
            .maybe_instant("device_at")
            .maybe_big("gap_seconds")
            .flag("offline")
            .maybe_text("typed_name")
            .maybe_text("picture")
            .text("consent")
            .json("slot_facts")
            .text("slot_hash")
            .maybe_text("paper_reference")
            .maybe_json("network")
            .maybe_text("network_salt")
            .text("network_digest")
            .maybe_instant("network_erased_at")
            .text("digest")
            .unique(&["client_uuid"])
            .index(&["signed_at"]),
        t("late_mark", Owned)
            .owned_ref("slot_id", "session_slot")
            .owned_ref("enrolment_id", "enrolment")
            .owned_ref("evidence_id", "mark_evidence")
            .text("kind")
            .text("state")
            .instant("received_at")
            .maybe_instant("decided_at")
            .maybe_text("decided_by")
            .maybe_text("reason"),
        t("presence_time", Owned)
            .owned_ref("slot_id", "session_slot")
            .owned_ref("enrolment_id", "enrolment")
            .maybe_instant("arrived_at")
            .maybe_instant("left_at")
            .text("noted_by")
            .instant("noted_at")
            .unique(&["slot_id", "enrolment_id"]),
        t("connection", Owned)
            .owned_ref("slot_id", "session_slot")
            .owned_ref("enrolment_id", "enrolment")
            .text("source")
            .instant("joined_at")
            .instant("left_at")
            .text("imported_by")
            .instant("imported_at")
            .unique(&["slot_id", "enrolment_id", "joined_at"]),
        t("distance_activity", Owned)
            .owned_ref("session_id", "session")
            .maybe_owned_ref("enrolment_id", "enrolment")
            .text("kind")
            .text("label")
            .maybe_int("average_minutes")
            .maybe_day("done_on")
            .maybe_text("result"),
        t("name_correction", Owned)
            .owned_ref("enrolment_id", "enrolment")
            .text("said")
            .text("state")
            .instant("asked_at")
            .maybe_instant("settled_at")
            .maybe_text("settled_by")
            .maybe_text("note"),
    ]
}

/// New columns of tables that are there: one statement each, as SQLite asks.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    let new = |name: &'static str| ColumnDef::new(Alias::new(name));
    let count = |name: &'static str, default: i32| new(name).integer().not_null().default(default).to_owned();
    vec![
        ("mark", new("evidence_id").uuid().null().to_owned()),
        ("mark", new("statement").text().null().to_owned()),
        ("mark", new("confirmed_at").timestamp_with_time_zone().null().to_owned()),
        ("mark", new("confirmed_by").text().null().to_owned()),
        ("mark", new("paper_reference").text().null().to_owned()),
        ("trainer_mark", new("evidence_id").uuid().null().to_owned()),
        ("trainer_mark", new("paper_reference").text().null().to_owned()),
        ("attendance_sheet", new("scan_file_id").uuid().null().to_owned()),
        ("attendance_sheet", new("amended_at").timestamp_with_time_zone().null().to_owned()),
        ("attendance_sheet", new("amended_by").text().null().to_owned()),
        ("attendance_sheet", new("amended_reason").text().null().to_owned()),
        ("organisation", count("signing_opens_minutes", 0)),
        ("organisation", count("late_mark_hours", 72)),
        ("organisation", count("network_retention_days", 365)),
        // Whether the funder asks to be told of absences.
        ("funding_file", new("absence_notice").boolean().not_null().default(false).to_owned()),
        // What an entry says of the rows that it wrote, when they are evidence: their digests.
        ("audit_entry", new("seals").text().null().to_owned()),
    ]
}
