//! A mail keeps what makes its links and codes until it has left, so that each attempt carries the same; and it says until
//! when it is of use, as what is planned does. Mails of before are of use for ever, what was planned for a day, as until now.

use sea_orm_migration::prelude::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000030_mails"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut seed = ColumnDef::new(Alias::new("seed"));
        seed.text().null();
        manager.alter_table(Table::alter().table(Alias::new("message")).add_column(&mut seed).to_owned()).await?;
        for table in ["message", "reminder"] {
            let mut until = ColumnDef::new(Alias::new("useful_until"));
            until.timestamp_with_time_zone().null();
            manager.alter_table(Table::alter().table(Alias::new(table)).add_column(&mut until).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
