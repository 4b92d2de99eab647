//! Every key ends. Those that were made without an end get a year from the upgrade, so that none stops without a word: their
//! users are told thirty days before. They may be replaced by their successor, as those that are made without an end are.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000070_key_ends"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut renewable = ColumnDef::new(Alias::new("renewable"));
        renewable.boolean().not_null().default(false);
        let mut told = ColumnDef::new(Alias::new("told_at"));
        told.timestamp_with_time_zone().null();
        for column in [&mut renewable, &mut told] {
            manager.alter_table(Table::alter().table(Alias::new("api_key")).add_column(column).to_owned()).await?;
        }
        let year = match manager.get_database_backend() {
            DbBackend::Postgres => "now() + interval '365 days'",
            // As the program writes instants.
            _ => "strftime('%Y-%m-%dT%H:%M:%f', 'now', '+365 days') || '+00:00'",
        };
        let given = format!("UPDATE api_key SET expires_at = {year}, renewable = TRUE WHERE expires_at IS NULL");
        manager.get_connection().execute_unprepared(&given).await?;
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
