//! The link of a trainer's day says whose it is: names do not tell two trainers apart. Links of before say nobody, and open
//! nothing: the next morning brings others.

use sea_orm_migration::prelude::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000061_day_links"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut trainer = ColumnDef::new(Alias::new("trainer_id"));
        trainer.uuid().null();
        manager.alter_table(Table::alter().table(Alias::new("link")).add_column(&mut trainer).to_owned()).await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
