//! What was kept of one act of signing: who, how they were known, when, on what, with which words. Never changed;
//! only its `network` is erased in its time, and its digest still verifies.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "mark_evidence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub activity_id: Uuid,
    pub slot_id: Uuid,
    pub enrolment_id: Option<Uuid>,
    pub trainer_id: Option<Uuid>,
    pub walk_in_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub act: String,
    #[sea_orm(column_type = "Text")]
    pub means: String,
    pub client_uuid: Uuid,
    pub signed_at: DateTimeUtc,
    #[sea_orm(column_type = "Text")]
    pub local_time: String,
    pub device_at: Option<DateTimeUtc>,
    pub gap_seconds: Option<i64>,
    pub offline: bool,
    #[sea_orm(column_type = "Text", nullable)]
    pub typed_name: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub picture: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub consent: String,
    #[sea_orm(column_type = "Text")]
    pub slot_facts: String,
    #[sea_orm(column_type = "Text")]
    pub slot_hash: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub paper_reference: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub network: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub network_salt: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub network_digest: String,
    pub network_erased_at: Option<DateTimeUtc>,
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
