//! An enrolment, as it is answered.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::{enrolment, enrolment_slot, information_pack, person};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    input::{Channel, State, Status},
    pack::Pieces,
};
use crate::{
    people::name_of,
    platform::{answer::Versioned, codes::stored, error::Result, scope::Scope},
};

/// Proof that the information of article L6353-8 was made available.
#[derive(Debug, Clone, Object)]
pub struct InformationPack {
    /// Identifier.
    pub id: Uuid,
    /// How it reached its reader.
    pub channel: Channel,
    /// Who received it.
    pub recipient: String,
    /// When.
    pub made_available_at: DateTime<Utc>,
    /// The hash (SHA-256) of its pieces.
    pub pack_hash: String,
    /// What it held.
    pub pieces: Pieces,
}

/// A trainee in a booking.
#[derive(Debug, Clone, Object)]
pub struct EnrolmentOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// Your own name for this row.
    pub external_id: Option<String>,
    /// The booking that pays for it.
    pub booking_id: Uuid,
    /// The session.
    pub session_id: Uuid,
    /// The person.
    pub person_id: Uuid,
    /// First and last name.
    pub name: String,
    /// What they are.
    pub status: Status,
    /// Where the enrolment is in its life.
    pub state: State,
    /// The half-days that they follow; all of them when absent.
    pub slots: Option<Vec<Uuid>>,
    /// Why they left or were replaced.
    pub reason: Option<String>,
    /// The day of the last step.
    pub state_on: Option<NaiveDate>,
    /// Who took the place.
    pub replaced_by_id: Option<Uuid>,
    /// Why the cooperative enrolled without proof of the information.
    pub pack_override: Option<String>,
    /// The information that was made available last.
    pub pack: Option<InformationPack>,
}

impl Versioned for EnrolmentOut {
    fn version(&self) -> i64 {
        self.version
    }
}

fn pack_out(row: information_pack::Model) -> Result<InformationPack> {
    Ok(InformationPack {
        id: row.id,
        channel: Channel::of(&row.channel)?,
        recipient: row.recipient,
        made_available_at: row.made_available_at,
        pack_hash: row.pack_hash,
        pieces: stored(&row.pieces)?,
    })
}

/// Enrolments with names, half-days and last packs: three queries however many they are.
pub(super) async fn load(scope: &Scope<'_>, rows: Vec<enrolment::Model>) -> Result<Vec<EnrolmentOut>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let people = scope.map::<person::Entity>(rows.iter().map(|row| row.person_id)).await?;
    let mut slots: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    if rows.iter().any(|row| !row.all_slots) {
        let chosen = scope
            .find::<enrolment_slot::Entity>()
            .filter(enrolment_slot::Column::EnrolmentId.is_in(ids.iter().copied()))
            .ascending(enrolment_slot::Column::Id)
            .all()
            .await?;
        for row in chosen {
            slots.entry(row.enrolment_id).or_default().push(row.slot_id);
        }
    }
    let mut packs = last_packs(scope, &ids).await?;
    rows.into_iter()
        .map(|row| {
            Ok(EnrolmentOut {
                id: row.id,
                version: row.version,
                seq: row.seq,
                external_id: row.external_id,
                booking_id: row.booking_id,
                session_id: row.session_id,
                person_id: row.person_id,
                name: people.get(&row.person_id).map(name_of).unwrap_or_default(),
                status: Status::of(&row.status)?,
                state: State::of(&row.state)?,
                slots: (!row.all_slots).then(|| slots.remove(&row.id).unwrap_or_default()),
                reason: row.reason,
                state_on: row.state_on,
                replaced_by_id: row.replaced_by_id,
                pack_override: row.pack_override,
                pack: packs.remove(&row.id).map(pack_out).transpose()?,
            })
        })
        .collect()
}

/// The last pack of each of these enrolments.
pub(super) async fn last_packs(scope: &Scope<'_>, ids: &[Uuid]) -> Result<HashMap<Uuid, information_pack::Model>> {
    let rows = scope
        .find::<information_pack::Entity>()
        .filter(information_pack::Column::EnrolmentId.is_in(ids.iter().copied()))
        .ascending(information_pack::Column::Id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| (row.enrolment_id, row)).collect())
}
