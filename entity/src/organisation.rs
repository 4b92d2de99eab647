//! The cooperative's own settings: one row.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Option<Uuid>,
    pub approval_required: bool,
    #[sea_orm(column_type = "Text")]
    pub bpf_head_count: String,
    pub quote_validity_days: i32,
    pub payment_days: i32,
    pub convocation_days: i32,
    pub reminder_days: i32,
    #[sea_orm(column_type = "Text", nullable)]
    pub accent: Option<String>,
    pub logo_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub header_line: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub footer_line: Option<String>,
    pub activities_letterhead: bool,
    pub activities_introductions: bool,
    pub activities_clauses: bool,
    pub signing_opens_minutes: i32,
    pub late_mark_hours: i32,
    pub network_retention_days: i32,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
