//! Personal links: what trainees, trainers and signatories open without a key.

use sea_orm_migration::prelude::*;

use crate::table::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000001_links"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        t("link", Owned)
            .text("purpose")
            .uuid("object_id")
            .maybe_owned_ref("session_id", "session")
            .text("holder")
            .text("cause")
            .text("token_hash")
            .instant("expires_at")
            .maybe_instant("revoked_at")
            .unique(&["cause"])
            .index(&["object_id"])
            .create(manager)
            .await?;
        // A token is all that its bearer shows: it is looked up before the activity is known.
        manager.get_connection().execute_unprepared("CREATE UNIQUE INDEX uq_link__token ON link (token_hash)").await?;
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
