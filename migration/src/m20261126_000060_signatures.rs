//! Signatures of papers: who is asked, the codes that are sent, the evidence.

use sea_orm_migration::prelude::*;

use crate::table::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000060_signatures"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        t("signature_request", Owned)
            .owned_ref("document_id", "document")
            .text("party")
            .int("position")
            .text("name")
            .maybe_text("quality")
            .maybe_text("email")
            .maybe_reference("signatory_id", "signatory")
            .text("presented_sha256")
            .text("state")
            .maybe_instant("invited_at")
            .maybe_instant("opened_at")
            .maybe_instant("reminder_at")
            .instant("expires_at")
            .maybe_instant("closed_at")
            .maybe_text("reason")
            .index(&["state"])
            .create(manager)
            .await?;
        // One code may be for papers of several activities: it is then the cooperative's.
        t("one_time_code", Common)
            .maybe_uuid("request_id")
            .maybe_reference("signatory_id", "signatory")
            .text("name")
            .text("sent_to")
            .json("papers")
            .maybe_text("salt")
            .maybe_text("code_hash")
            .int("attempts")
            .instant("asked_at")
            .maybe_instant("sent_at")
            .maybe_instant("expires_at")
            .maybe_instant("used_at")
            .index(&["request_id"])
            .create(manager)
            .await?;
        t("signature", Owned)
            .owned_ref("request_id", "signature_request")
            .owned_ref("document_id", "document")
            .text("party")
            .text("name")
            .maybe_text("quality")
            .maybe_reference("signatory_id", "signatory")
            .text("means")
            .text("channel")
            .text("recorded_by")
            .text("consent")
            .text("presented_sha256")
            .maybe_text("picture_sha256")
            .maybe_text("typed_name")
            .maybe_reference("scan_file_id", "stored_file")
            .day("signed_on")
            .instant("signed_at")
            .text("local_time")
            .maybe_reference("code_id", "one_time_code")
            .maybe_text("code_sent_to")
            .maybe_instant("code_sent_at")
            .maybe_instant("code_verified_at")
            .maybe_json("network")
            .maybe_text("network_salt")
            .maybe_text("network_digest")
            .maybe_instant("network_erased_at")
            .text("level")
            .text("digest")
            .unique(&["request_id"])
            .create(manager)
            .await?;
        // What is due is looked for in every activity at once.
        let db = manager.get_connection();
        db.execute_unprepared("CREATE INDEX ix_signature_request__due ON signature_request (state, expires_at)")
            .await?;
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
