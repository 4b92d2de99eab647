//! A row that is written to see whether the database takes writes.

use sea_orm_migration::prelude::*;

const TABLE: &str =
    "CREATE TABLE write_probe (id INTEGER NOT NULL PRIMARY KEY, number BIGINT NOT NULL, filler TEXT NOT NULL)";

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000010_write_probe"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(TABLE).await?;
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
