//! Papers know which amendment, which mark or which days they are about; an amendment knows its paper.

use sea_orm_migration::prelude::*;

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000020_papers"
    }
}

type Column = (&'static str, &'static str, fn(&mut ColumnDef) -> &mut ColumnDef);

/// New columns, all of which may be missing.
const COLUMNS: &[Column] = &[
    ("document", "amendment_id", ColumnDef::uuid),
    ("document", "mark_id", ColumnDef::uuid),
    ("document", "first_day", ColumnDef::date),
    ("document", "last_day", ColumnDef::date),
    ("amendment", "document_id", ColumnDef::uuid),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name, kind) in COLUMNS {
            let mut column = ColumnDef::new(Alias::new(*name));
            kind(&mut column).null();
            manager.alter_table(Table::alter().table(Alias::new(*table)).add_column(&mut column).to_owned()).await?;
        }
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
