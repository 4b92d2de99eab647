//! The evidence record of a mark on paper (fiche de preuve): gathered from what was kept of the signature, and issued.

use entity::{booking, client, enrolment, late_mark, mark, mark_evidence, session, session_slot};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    chain::sealed_by,
    evidence::{SlotFacts, network_of},
    issue::about,
    proofs::issue_signature_evidence,
    signature_evidence::{Content, Device, Link, Origin, Signer, Slot},
    words::{LateKind, Means},
};
use crate::{
    document::{About, Issued},
    organisation::issuer,
    platform::{
        access::Ctx,
        audit, calendar,
        codes::stored,
        error::{Error, Result},
        scope::Scope,
    },
    session::{is_distance, place_in_words},
};

/// Issue the evidence record of a mark that a signature proves.
pub async fn issue(ctx: &mut Ctx, id: Uuid) -> Result<Issued> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<mark::Entity>(id).await?;
    let day = tx.today();
    let content = content(&tx.scope(), &row, day).await?;
    let trainee = tx.scope().get::<enrolment::Entity>(row.enrolment_id).await?;
    let about = About { mark: Some(row.id), ..about(&tx.scope(), &trainee).await? };
    let paper = issue_signature_evidence(&mut tx, row.activity_id, about, &content).await?;
    paper.answered(&mut tx);
    tx.commit().await?;
    Ok(paper)
}

async fn content(scope: &Scope<'_>, row: &mark::Model, day: chrono::NaiveDate) -> Result<Content> {
    let Some(kept) = scope.maybe::<mark_evidence::Entity>(row.evidence_id).await? else {
        return Err(Error::refused(
            "attendance.no_evidence",
            "Aucune signature n’est conservée pour cette présence : sa preuve est ailleurs (feuille papier, connexion, déclaration).",
            "No signature is kept for this presence: its proof is elsewhere (paper sheet, connection, statement).",
        ));
    };
    let slot = scope.get::<session_slot::Entity>(row.slot_id).await?;
    let session = scope.get::<session::Entity>(slot.session_id).await?;
    let trainee = scope.get::<enrolment::Entity>(row.enrolment_id).await?;
    let booking = scope.get::<booking::Entity>(trainee.booking_id).await?;
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    let facts: SlotFacts = stored(&kept.slot_facts)?;
    let (entries, _) = audit::entries_about(scope, row.activity_id, slot.id).await?;
    let chain = sealed_by(&entries)
        .get(&kept.id)
        .map(|entry| Link { number: entry.seq, previous: entry.previous_hash.clone(), digest: entry.hash.clone() })
        .ok_or_else(|| Error::internal("evidence that no entry seals"))?;
    let local = |instant| calendar::local(instant).time();
    Ok(Content {
        issuer: issuer(scope, row.activity_id, day).await?,
        title: facts.title,
        session: facts.session,
        slot: Slot {
            day: slot.day,
            from: local(facts.starts_at),
            to: local(facts.ends_at),
            place: if is_distance(&slot) { Some("à distance".into()) } else { place_in_words(&session) },
        },
        signer: Signer {
            name: facts.name,
            role: "stagiaire".into(),
            employer: Some(client.name),
            identified: Means::of(&kept.means)?.printed().into(),
        },
        signed_at: kept.signed_at,
        device: kept.device_at.map(|told| Device { told, behind_seconds: kept.gap_seconds.unwrap_or_default() }),
        origin: origin(&kept),
        consent: kept.consent.clone(),
        typed_name: kept.typed_name.clone(),
        late: late(scope, kept.id).await?,
        slot_digest: kept.slot_hash.clone(),
        picture_digest: kept.picture.clone(),
        chain,
    })
}

fn origin(kept: &mark_evidence::Model) -> Origin {
    if let Some(at) = kept.network_erased_at {
        return Origin::Erased { on: calendar::local_day(at) };
    }
    let network = network_of(kept);
    if network.ip.is_none() && network.user_agent.is_none() && network.device.is_none() {
        return Origin::None;
    }
    Origin::Kept { ip: network.ip, user_agent: network.user_agent, device: network.device }
}

async fn late(scope: &Scope<'_>, evidence: Uuid) -> Result<Option<String>> {
    let found = scope.find::<late_mark::Entity>().filter(late_mark::Column::EvidenceId.eq(evidence)).one().await?;
    let Some(found) = found.filter(|row| row.kind != LateKind::Conflict.name()) else { return Ok(None) };
    let by = found.decided_by.unwrap_or_default();
    Ok(Some(format!("acceptée par {by} : {}", found.reason.unwrap_or_default())))
}
