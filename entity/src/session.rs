//! A dated action of training.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub external_id: Option<String>,
    pub programme_version_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub reference: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub format: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub place: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub link: Option<String>,
    pub min_heads: Option<i32>,
    pub max_heads: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub received_from: Option<String>,
    pub go_decided_on: Option<Date>,
    #[sea_orm(column_type = "Text", nullable)]
    pub go_reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub cancelled_reason: Option<String>,
    pub convoked_at: Option<DateTimeUtc>,
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    #[sea_orm(column_type = "Text")]
    pub search: String,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
