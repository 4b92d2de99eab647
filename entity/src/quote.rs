//! An offer to a client.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "quote")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub external_id: Option<String>,
    pub client_id: Uuid,
    pub needs_analysis_id: Option<Uuid>,
    pub programme_version_id: Option<Uuid>,
    pub replaces_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reference: Option<String>,
    pub edition: i32,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub issued_on: Option<Date>,
    pub valid_until: Option<Date>,
    pub accepted_on: Option<Date>,
    #[sea_orm(column_type = "Text", nullable)]
    pub accepted_by: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub accepted_quality: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub declined_reason: Option<String>,
    pub heads: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub period: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub place: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub terms: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
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
