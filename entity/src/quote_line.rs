//! One line of a quote, with its nature.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "quote_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    pub quote_id: Uuid,
    pub position: i32,
    #[sea_orm(column_type = "Text")]
    pub nature: String,
    #[sea_orm(column_type = "Text")]
    pub label: String,
    pub quantity_hundredths: i64,
    #[sea_orm(column_type = "Text")]
    pub unit: String,
    pub unit_price_cents: i64,
    pub vat_basis_points: i32,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
