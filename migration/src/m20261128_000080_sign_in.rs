//! Sign-in of staff: whose an identity of the provider is, and the sign-ins that came to a key.

use sea_orm_migration::prelude::*;

use crate::table::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000080_sign_in"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        t("user_identity", Common)
            .reference("user_id", "user_account")
            .text("issuer")
            .text("subject")
            .unique(&["issuer", "subject"])
            .unique(&["user_id", "issuer"])
            .create(manager)
            .await?;
        t("sign_in", Common)
            .reference("user_id", "user_account")
            .reference("key_id", "api_key")
            .text("state_hash")
            .unique(&["state_hash"])
            .unique(&["key_id"])
            .index(&["user_id", "created_at"])
            .create(manager)
            .await?;
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
