//! The evidence of a signature: written once, never changed.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "signature")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    pub request_id: Uuid,
    pub document_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub party: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub quality: Option<String>,
    pub signatory_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub means: String,
    #[sea_orm(column_type = "Text")]
    pub channel: String,
    #[sea_orm(column_type = "Text")]
    pub recorded_by: String,
    #[sea_orm(column_type = "Text")]
    pub consent: String,
    #[sea_orm(column_type = "Text")]
    pub presented_sha256: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub picture_sha256: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub typed_name: Option<String>,
    pub scan_file_id: Option<Uuid>,
    pub signed_on: Date,
    pub signed_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub local_time: String,
    pub code_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub code_sent_to: Option<String>,
    pub code_sent_at: Option<DateTimeUtc>,
    pub code_verified_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub network: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub network_salt: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub network_digest: Option<String>,
    pub network_erased_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub level: String,
    #[sea_orm(column_type = "Text")]
    pub digest: String,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
