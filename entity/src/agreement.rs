//! Convention, contrat, or what stands for it (art. D6353-1, L6353-3).

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "agreement")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub external_id: Option<String>,
    pub booking_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub reference: String,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text")]
    pub terms: String,
    #[sea_orm(column_type = "Text")]
    pub terms_hash: String,
    pub document_id: Option<Uuid>,
    pub concluded_at_distance: bool,
    pub client_signed_on: Option<Date>,
    #[sea_orm(column_type = "Text", nullable)]
    pub client_signatory: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub client_quality: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub board_decision: Option<String>,
    pub provider_signed_on: Option<Date>,
    pub signatory_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub checked_by: Option<String>,
    pub scan_file_id: Option<Uuid>,
    pub signed_at: Option<DateTimeUtc>,
    pub withdrawal_ends_on: Option<Date>,
    pub signed_late: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub void_reason: Option<String>,
    pub version: i64,
    pub seq: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

/// None: joins go through the scope, by column.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
