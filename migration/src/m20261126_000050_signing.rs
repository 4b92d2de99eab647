//! How people sign: the codes shown in a room, and signatures that somebody says are not theirs.

use sea_orm_migration::prelude::*;

use crate::table::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000050_signing"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        t("slot_code", Owned)
            .owned_ref("slot_id", "session_slot")
            .text("number")
            .text("secret")
            .big("wrong_window")
            .int("wrong_tries")
            .unique(&["slot_id"])
            .create(manager)
            .await?;
        // A typed code is all that its bearer shows: its half-day is looked up before the activity is known.
        manager.get_connection().execute_unprepared("CREATE INDEX ix_slot_code__number ON slot_code (number)").await?;
        t("mark_dispute", Owned)
            .owned_ref("slot_id", "session_slot")
            .owned_ref("enrolment_id", "enrolment")
            .owned_ref("evidence_id", "mark_evidence")
            .maybe_text("said")
            .instant("told_at")
            .unique(&["evidence_id"])
            .create(manager)
            .await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
