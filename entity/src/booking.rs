//! What is sold: a session to a buyer.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "booking")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub external_id: Option<String>,
    pub session_id: Uuid,
    pub client_id: Uuid,
    pub programme_version_id: Uuid,
    pub quote_id: Option<Uuid>,
    pub signatory_contact_id: Option<Uuid>,
    pub training_contact_id: Option<Uuid>,
    pub accounting_contact_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub reference: String,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub price_cents: i64,
    pub heads: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub order_reference: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub approval: String,
    #[sea_orm(column_type = "Text")]
    pub terms: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub accreditation_override: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub start_override: Option<String>,
    pub agreed_on: Option<Date>,
    #[sea_orm(column_type = "Text", nullable)]
    pub closed_reason: Option<String>,
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
