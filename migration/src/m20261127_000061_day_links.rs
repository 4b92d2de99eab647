//! The link of a trainer's day says whose it is: names do not tell two trainers apart. Links of before are of whoever alone
//! teaches their half-day under the holder's name, so that running days keep their page; the others open nothing, and the
//! next morning brings others.

use sea_orm_migration::prelude::*;

const BACKFILL: &str = "\
UPDATE link SET trainer_id = (SELECT s.trainer_id FROM slot_trainer s WHERE s.slot_id = link.object_id) \
WHERE link.purpose = 'run_day' \
AND (SELECT COUNT(*) FROM slot_trainer s WHERE s.slot_id = link.object_id) = 1 \
AND link.holder IN (\
SELECT p.first_name || ' ' || COALESCE(p.usage_name, p.birth_name) \
FROM slot_trainer s JOIN trainer t ON t.id = s.trainer_id JOIN person p ON p.id = t.person_id \
WHERE s.slot_id = link.object_id)";

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
        manager.alter_table(Table::alter().table(Alias::new("link")).add_column(&mut trainer).to_owned()).await?;
        manager.get_connection().execute_unprepared(BACKFILL).await?;
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the history only goes forward: restore a backup instead".to_owned()))
    }
}
