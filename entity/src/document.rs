//! A paper that was issued: frozen content, number, hash.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub external_id: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub reference: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    pub client_id: Option<Uuid>,
    pub quote_id: Option<Uuid>,
    pub programme_version_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    pub booking_id: Option<Uuid>,
    pub enrolment_id: Option<Uuid>,
    pub agreement_id: Option<Uuid>,
    pub amendment_id: Option<Uuid>,
    pub mark_id: Option<Uuid>,
    pub first_day: Option<Date>,
    pub last_day: Option<Date>,
    #[sea_orm(column_type = "Text")]
    pub content: String,
    #[sea_orm(column_type = "Text")]
    pub content_hash: String,
    pub layout_version: i32,
    pub issued_on: Date,
    pub issued_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub issued_by: String,
    pub specimen: bool,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub state_reason: Option<String>,
    pub replaces_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub replacement_reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub verification_code: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub verification_address: Option<String>,
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
