//! What proves a signature: one row, written once; its digest stands in the audit's chain.
//!
//! Address and browser are personal data with a shorter life: the digest covers their salted digest, so that they may be
//! erased and the rest still verifies.

use entity::signature::Model;
use sea_orm::{ActiveModelTrait, ActiveValue::NotSet, IntoActiveModel};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::platform::{
    access::Client,
    audit::{canonical, hex, sha256},
    codes::store,
    error::Result,
    tx::Tx,
};

/// The level of every signature here, in the words of the eIDAS regulation; it is never more.
pub const LEVEL: &str = "simple";

/// What the device at the other end showed of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Network {
    /// Its address.
    pub ip: Option<String>,
    /// What it calls itself.
    pub user_agent: Option<String>,
}

/// The digest of a piece of evidence: everything but what may be erased, of which it covers the digest.
pub fn digest_of(row: &Model) -> String {
    let instant = |at: chrono::DateTime<chrono::Utc>| at.timestamp_micros();
    sha256(canonical(&json!({
        "id": row.id, "activity": row.activity_id, "request": row.request_id, "document": row.document_id,
        "party": row.party, "name": row.name, "quality": row.quality, "signatory": row.signatory_id,
        "means": row.means, "channel": row.channel, "recorded_by": row.recorded_by, "consent": row.consent,
        "presented": row.presented_sha256, "picture": row.picture_sha256, "typed_name": row.typed_name,
        "scan": row.scan_file_id, "signed_on": row.signed_on, "signed_at": instant(row.signed_at),
        "local_time": row.local_time, "code": row.code_id, "code_sent_to": row.code_sent_to,
        "code_sent_at": row.code_sent_at.map(instant), "code_verified_at": row.code_verified_at.map(instant),
        "network_digest": row.network_digest, "level": row.level,
    })))
}

/// What is wrong with a piece of evidence, compared with itself and with the digest that the audit holds.
pub fn checks(row: &Model, audited: Option<&str>) -> Option<&'static str> {
    let network = match (&row.network, &row.network_salt) {
        (Some(network), Some(salt)) => {
            row.network_digest.as_deref() == Some(sha256(format!("{salt}{network}")).as_str())
        }
        (None, None) => row.network_digest.is_none() || row.network_erased_at.is_some(),
        _ => false,
    };
    match audited {
        None => Some("was inserted, no act wrote it"),
        Some(digest) if digest != row.digest || digest_of(row) != row.digest => Some("was altered since it was signed"),
        Some(_) if !network => Some("what it says of the device was altered since it was signed"),
        Some(_) => None,
    }
}

/// The device, with its salt and digest, put into a row that is about to be written.
pub(super) fn seen(tx: &Tx<'_>, row: &mut Model, client: &Client) -> Result<()> {
    let network = Network { ip: client.address.map(|ip| ip.to_string()), user_agent: client.agent.clone() };
    if network == Network::default() {
        return Ok(());
    }
    let mut salt = [0; 16];
    tx.secret(&mut salt);
    let (salt, network) = (hex(&salt), store(&network)?);
    row.network_digest = Some(sha256(format!("{salt}{network}")));
    row.network = Some(network);
    row.network_salt = Some(salt);
    Ok(())
}

/// The row to insert, its digest computed last; the act stamps it.
pub(super) fn to_insert(mut row: Model) -> (entity::signature::ActiveModel, String) {
    row.level = LEVEL.into();
    row.digest = digest_of(&row);
    let digest = row.digest.clone();
    let mut edit = row.into_active_model().reset_all();
    edit.activity_id = NotSet;
    (edit, digest)
}

/// The first sixteen characters of a digest or a hash, as papers print them beside a name.
pub(super) fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}
