//! The identity of papers: letterheads of the organisation and of its activities, and the texts that staff edit.

use sea_orm_migration::prelude::*;

use crate::table::{Common, t};

/// See the module.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261126_000030_identity"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, name) in [
            ("organisation", "accent"),
            ("organisation", "header_line"),
            ("organisation", "footer_line"),
            ("activity", "header_line"),
            ("activity", "footer_line"),
        ] {
            add(manager, table, ColumnDef::new(Alias::new(name)).text().null()).await?;
        }
        for table in ["organisation", "activity"] {
            add(manager, table, ColumnDef::new(Alias::new("logo_id")).uuid().null()).await?;
        }
        for (name, allowed) in
            [("activities_letterhead", true), ("activities_introductions", true), ("activities_clauses", false)]
        {
            let mut column = ColumnDef::new(Alias::new(name));
            add(manager, "organisation", column.boolean().not_null().default(allowed)).await?;
        }
        t("paper_text", Common).text("kind").text("place").text("body").index(&["kind"]).create(manager).await
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}

/// One column a statement: SQLite takes no more.
async fn add(manager: &SchemaManager<'_>, table: &str, column: &mut ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(Alias::new(table)).add_column(column).to_owned()).await
}
