//! The first schema: everything from the first call to the funder's file.

use sea_orm_migration::prelude::*;

use crate::{cooperative, papers, people, proofs, reference, sessions};

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261123_000001_foundations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for tables in [cooperative::tables(), people::tables(), sessions::tables(), proofs::tables(), papers::tables()]
        {
            for table in tables {
                table.create(manager).await?;
            }
        }
        let db = manager.get_connection();
        for statement in PLATFORM {
            db.execute_unprepared(statement).await?;
        }
        reference::insert(manager).await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}

/// The platform's small tables and partial indexes: the same SQL on both databases.
const PLATFORM: &[&str] = &[
    // One head per stream, locked last: the next entry's number and what it must follow.
    "CREATE TABLE chain_head (stream VARCHAR(80) NOT NULL PRIMARY KEY, seq BIGINT NOT NULL, hash VARCHAR(64) NOT NULL)",
    // Numbers without gaps, one row a series.
    "CREATE TABLE counter (series VARCHAR(120) NOT NULL PRIMARY KEY, value BIGINT NOT NULL)",
    // What was asked under an Idempotency-Key, and where its answer is.
    "CREATE TABLE idempotency (principal VARCHAR(80) NOT NULL, key VARCHAR(255) NOT NULL, operation VARCHAR(255) NOT NULL, \
     request_hash VARCHAR(64) NOT NULL, location VARCHAR(255), status INTEGER NOT NULL, created_at VARCHAR(40) NOT NULL, \
     PRIMARY KEY (principal, key))",
    // Names this database, so that a blob folder can be told from another's.
    "CREATE TABLE instance (id VARCHAR(36) NOT NULL PRIMARY KEY, created_at VARCHAR(40) NOT NULL)",
    "CREATE UNIQUE INDEX uq_outbox__coalesce_key ON outbox (coalesce_key) WHERE state = 'ready'",
    "CREATE INDEX ix_outbox__due ON outbox (due_at) WHERE state IN ('ready', 'running')",
];
