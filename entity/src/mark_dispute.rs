//! Somebody says that a signature kept under their name is not theirs.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "mark_dispute")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    pub slot_id: Uuid,
    pub enrolment_id: Uuid,
    pub evidence_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub said: Option<String>,
    pub told_at: DateTimeUtc,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
