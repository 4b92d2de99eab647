//! The state of a half-day: opened, closed, frozen.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "attendance_sheet")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    pub slot_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub opened_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub closed_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub gaps: Option<String>,
    pub mark_count: Option<i32>,
    pub head_seq: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub head_hash: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reopened_reason: Option<String>,
    pub scan_file_id: Option<Uuid>,
    pub amended_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub amended_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub amended_reason: Option<String>,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
