//! A stay of a trainee in a distance half-day, from an imported log.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "connection")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    pub slot_id: Uuid,
    pub enrolment_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    pub joined_at: DateTimeUtc,
    pub left_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub imported_by: String,
    pub imported_at: DateTimeUtc,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
