//! Papers that can be verified by whoever holds them, and files attached to papers.

use sea_orm_migration::prelude::*;

use crate::table::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000010_verification"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for statement in DOCUMENT {
            db.execute_unprepared(statement).await?;
        }
        t("document_attachment", Owned)
            .owned_ref("document_id", "document")
            .reference("stored_file_id", "stored_file")
            .text("what")
            .text("sha256")
            .maybe_text("note")
            .unique(&["document_id", "sha256"])
            .create(manager)
            .await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}

/// The code of a paper, unique among all activities, and the address that it prints; why a paper replaces another.
const DOCUMENT: &[&str] = &[
    "ALTER TABLE document ADD COLUMN verification_code TEXT",
    "ALTER TABLE document ADD COLUMN verification_address TEXT",
    "ALTER TABLE document ADD COLUMN replacement_reason TEXT",
    "CREATE UNIQUE INDEX uq_document__verification_code ON document (verification_code)",
];
