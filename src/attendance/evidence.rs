//! What is kept of each act of signing, and never changed: one row an act, sealed by the audit.
//!
//! Address, browser and device are personal data with a shorter life: the digest covers their salted digest, so that a
//! rule may erase them (« effacé le … ») and the rest still verifies.

use chrono::{DateTime, Datelike, Utc};
use entity::{mark_evidence, session, session_slot};
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    matrix::half_of,
    signing::{Signing, Who},
    words::SigningAct,
};
use crate::{
    platform::{
        audit::{canonical, sha256},
        calendar,
        codes::store,
        error::Result,
        tx::Tx,
    },
    session::minutes_of,
};

/// What a device and its network tell of themselves: erased after the organisation's retention.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Network {
    /// The address.
    pub ip: Option<String>,
    /// The browser.
    pub user_agent: Option<String>,
    /// A random name that the device keeps.
    pub device: Option<String>,
}

/// The half-day as it was put before whoever signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SlotFacts {
    /// The title of the action.
    pub title: String,
    /// The session's reference.
    pub session: String,
    /// The day, in words.
    pub day: String,
    /// Morning or afternoon.
    pub half: String,
    /// Its beginning.
    pub starts_at: DateTime<Utc>,
    /// Its end.
    pub ends_at: DateTime<Utc>,
    /// Its minutes of training.
    pub minutes: i32,
    /// Who signs, as the page named them.
    pub name: String,
}

/// What the digest of a piece of evidence covers: everything but what may be erased, of which it covers the digest.
pub(super) fn digest_of(row: &mark_evidence::Model) -> String {
    let instant = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
    sha256(canonical(&json!({
        "slot": row.slot_id, "enrolment": row.enrolment_id, "trainer": row.trainer_id, "walk_in": row.walk_in_id,
        "act": row.act, "means": row.means, "client_uuid": row.client_uuid, "signed_at": row.signed_at.timestamp_micros(),
        "local_time": row.local_time, "device_at": instant(row.device_at), "gap_seconds": row.gap_seconds,
        "offline": row.offline, "typed_name": row.typed_name, "picture": row.picture, "consent": row.consent,
        "slot_facts": row.slot_facts, "slot_hash": row.slot_hash, "paper_reference": row.paper_reference,
        "network_digest": row.network_digest,
    })))
}

/// The digest of what may be erased.
pub(super) fn network_digest(salt: &str, network: &str) -> String {
    sha256(format!("{salt}{network}"))
}

/// A piece of evidence about to be written.
pub(super) async fn drafted(
    tx: &Tx<'_>,
    session: &session::Model,
    slot: &session_slot::Model,
    act: SigningAct,
    name: String,
    signing: &Signing,
) -> Result<mark_evidence::Model> {
    let Signing {
        slot: _,
        who,
        means,
        picture,
        typed_name,
        consent,
        client_uuid,
        device_at,
        ip,
        user_agent,
        device,
        offline,
        paper_reference,
    } = signing.clone();
    let now = tx.now();
    let network = store(&Network { ip, user_agent, device })?;
    let salt = tx.salt();
    let slot_facts = store(&SlotFacts {
        title: session.title.clone(),
        session: session.reference.clone(),
        day: calendar::long_date(slot.day),
        half: half_of(slot).word().to_owned(),
        starts_at: slot.starts_at,
        ends_at: slot.ends_at,
        minutes: minutes_of(slot).0,
        name,
    })?;
    // A clock that is centuries off says nothing, and no calendar or database holds it.
    let device_at = device_at.filter(|at| (2000..2200).contains(&at.year())).map(crate::platform::clock::micros);
    let (enrolment_id, trainer_id, walk_in_id) = match who {
        Who::Trainee(id) => (Some(id), None, None),
        Who::Trainer(id) => (None, Some(id), None),
        Who::WalkIn(id) => (None, None, Some(id)),
    };
    let mut row = mark_evidence::Model {
        id: tx.new_id(),
        activity_id: slot.activity_id,
        slot_id: slot.id,
        enrolment_id,
        trainer_id,
        walk_in_id,
        act: act.into(),
        means: means.into(),
        client_uuid,
        signed_at: now,
        local_time: calendar::local(now).format("%Y-%m-%dT%H:%M:%S").to_string(),
        device_at,
        gap_seconds: device_at.map(|at| (now - at).num_seconds()),
        offline,
        typed_name,
        picture,
        consent,
        slot_hash: sha256(&slot_facts),
        slot_facts,
        paper_reference,
        network_digest: network_digest(&salt, &network),
        network: Some(network),
        network_salt: Some(salt),
        network_erased_at: None,
        digest: String::new(),
        version: 0,
        seq: 0,
        created_at: now,
        updated_at: now,
    };
    row.digest = digest_of(&row);
    Ok(row)
}

/// The same, as a row to insert: the act stamps it.
pub(super) fn to_insert(row: mark_evidence::Model) -> mark_evidence::ActiveModel {
    let mut edit = row.into_active_model().reset_all();
    edit.activity_id = NotSet;
    edit
}

/// Identifiers of evidence by what they prove.
pub(super) fn who_of(row: &mark_evidence::Model) -> Option<Who> {
    let trainee = row.enrolment_id.map(Who::Trainee);
    trainee.or(row.trainer_id.map(Who::Trainer)).or(row.walk_in_id.map(Who::WalkIn))
}

/// What a row says of the network, if it was not erased.
pub(super) fn network_of(row: &mark_evidence::Model) -> Network {
    row.network.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The evidence of several half-days.
pub(super) async fn of_slots(
    scope: &crate::platform::scope::Scope<'_>,
    slots: &[Uuid],
) -> Result<Vec<mark_evidence::Model>> {
    use sea_orm::ColumnTrait;
    scope
        .find::<mark_evidence::Entity>()
        .filter(mark_evidence::Column::SlotId.is_in(slots.iter().copied()))
        .ascending(mark_evidence::Column::Id)
        .all()
        .await
}
