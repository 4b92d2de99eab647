//! What a person needs because of a disability: never a diagnosis.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "adaptation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    pub person_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub needed: String,
    pub consent_on: Date,
    #[sea_orm(column_type = "Text", nullable)]
    pub arranged: Option<String>,
    pub withdrawn_on: Option<Date>,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
