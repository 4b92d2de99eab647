//! When a backup and a verification were last done: whoever watches asks the service, another process did them. And the
//! indexes by which what waits or failed is counted without reading what is done.

use sea_orm_migration::prelude::*;

/// The same SQL on both databases.
const SQL: &[&str] = &[
    "CREATE TABLE upkeep (what VARCHAR(20) NOT NULL PRIMARY KEY, done_at BIGINT NOT NULL, faults BIGINT NOT NULL)",
    "CREATE INDEX ix_outbox__dead ON outbox (state) WHERE state = 'dead'",
    "CREATE INDEX ix_message__unsent ON message (state) WHERE state IN ('ready', 'failed', 'unaddressed')",
];

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000050_upkeep"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in SQL {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
