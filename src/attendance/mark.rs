//! Marks one by one, and everything that was kept of each.

use chrono::{DateTime, Utc};
use entity::{audit_entry, late_mark, mark, mark_evidence, session_slot};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::{
    attended::counted_of,
    chain::{fault_of, network_in_words, sealed_by},
    evidence::{self, SlotFacts, network_of},
    late::{self, LateMarkOut},
    roll::names,
    words::{Means, Presence, Proof, SigningAct, Statement},
};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    audit,
    codes::stored,
    error::{Error, Result},
    page::{Page, PageQuery},
    scope::Scope,
};

/// A trainee's mark on a half-day.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Mark")]
pub struct MarkRow {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant).
    pub activity_id: Uuid,
    /// The half-day.
    pub slot_id: Uuid,
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// What the presence was.
    pub presence: Presence,
    /// Its minutes.
    pub minutes: i32,
    /// The minutes that it counts: none while a trainer's statement waits for the cooperative.
    pub counted_minutes: i32,
    /// What proves it.
    pub proof: Proof,
    /// Why the trainer states it without a signature.
    pub statement: Option<Statement>,
    /// When the cooperative confirmed that statement.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Who confirmed it.
    pub confirmed_by: Option<String>,
    /// Why the trainee was absent, or left, or why it was corrected; never shown to the client.
    pub reason: Option<String>,
    /// The number of the paper sheet that was signed.
    pub paper_reference: Option<String>,
    /// The act of signing that proves it.
    pub evidence_id: Option<Uuid>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

impl Versioned for MarkRow {
    fn version(&self) -> i64 {
        self.version
    }
}

async fn shown(scope: &Scope<'_>, rows: Vec<mark::Model>) -> Result<Vec<MarkRow>> {
    let names = names(scope, rows.iter().map(|row| row.enrolment_id)).await?;
    rows.into_iter()
        .map(|row| {
            Ok(MarkRow {
                counted_minutes: counted_of(&row),
                id: row.id,
                version: row.version,
                seq: row.seq,
                activity_id: row.activity_id,
                slot_id: row.slot_id,
                name: names.get(&row.enrolment_id).cloned().unwrap_or_default(),
                enrolment_id: row.enrolment_id,
                presence: Presence::of(&row.presence)?,
                minutes: row.minutes,
                proof: Proof::of(&row.proof)?,
                statement: row.statement.as_deref().map(Statement::of).transpose()?,
                confirmed_at: row.confirmed_at,
                confirmed_by: row.confirmed_by,
                reason: row.reason,
                paper_reference: row.paper_reference,
                evidence_id: row.evidence_id,
                recorded_by: row.recorded_by,
                recorded_at: row.recorded_at,
            })
        })
        .collect()
}

/// Which marks are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Of this session.
    pub session: Option<Uuid>,
    /// Of this half-day.
    pub slot: Option<Uuid>,
    /// Of this trainee.
    pub enrolment: Option<Uuid>,
    /// Proved this way.
    pub proof: Option<Proof>,
}

/// One page of marks, newest first.
pub async fn list(scope: &Scope<'_>, asked: Asked, page: &PageQuery) -> Result<Page<MarkRow>> {
    use mark::Column as C;
    let Asked { session, slot, enrolment, proof } = asked;
    let mut query = scope
        .find::<mark::Entity>()
        .filter_some(slot.map(|id| C::SlotId.eq(id)))
        .filter_some(enrolment.map(|id| C::EnrolmentId.eq(id)))
        .filter_some(proof.map(|proof| C::Proof.eq(proof.name())));
    if let Some(session) = session {
        let slots = scope
            .find::<session_slot::Entity>()
            .filter(session_slot::Column::SessionId.eq(session))
            .column(session_slot::Column::Id);
        query = query.filter(C::SlotId.in_subquery(slots));
    }
    let (rows, next) = query.page_rows(page).await?;
    Ok(Page { items: shown(scope, rows).await?, next })
}

/// One mark.
pub async fn read(scope: &Scope<'_>, id: Uuid) -> Result<MarkRow> {
    let row = scope.get::<mark::Entity>(id).await?;
    shown(scope, vec![row]).await?.pop().ok_or(Error::Missing("mark"))
}

/// What a device and its network told, until a rule erases it.
#[derive(Debug, Clone, Object)]
pub struct NetworkOut {
    /// The address.
    pub ip: Option<String>,
    /// The browser.
    pub user_agent: Option<String>,
    /// The random name that the device keeps.
    pub device: Option<String>,
    /// « conservées », or « effacées le … ».
    pub state: String,
}

/// One act of signing, as it was kept.
#[derive(Debug, Clone, Object)]
pub struct EvidenceOut {
    /// Identifier.
    pub id: Uuid,
    /// What was done.
    pub act: SigningAct,
    /// How whoever signed was known.
    pub means: Means,
    /// Who signed, as the page named them.
    pub name: String,
    /// When the server received it.
    pub signed_at: DateTime<Utc>,
    /// The same instant, in Paris.
    pub local_time: String,
    /// The instant of the device.
    pub device_at: Option<DateTime<Utc>>,
    /// By how many seconds the device was behind the server, or how long it waited for the network.
    pub gap_seconds: Option<i64>,
    /// Whether it was signed without network and sent later.
    pub offline: bool,
    /// The name that was typed.
    pub typed_name: Option<String>,
    /// SHA-256 of the drawn signature.
    pub picture: Option<String>,
    /// The words that were agreed to.
    pub consent: String,
    /// The half-day as it was shown: action, session, day and hours.
    pub shown: String,
    /// SHA-256 of the half-day as it was shown.
    pub slot_hash: String,
    /// The number of the paper sheet.
    pub paper_reference: Option<String>,
    /// What the device and its network told.
    pub network: NetworkOut,
    /// SHA-256 of all this; what may be erased enters it by its own salted digest.
    pub digest: String,
    /// The number of the audit's entry that seals it.
    pub entry_seq: Option<i64>,
    /// The hash of that entry.
    pub entry_hash: Option<String>,
    /// The hash of the entry before it.
    pub previous_hash: Option<String>,
    /// Whether its digests are those of its contents.
    pub verifies: bool,
}

/// One thing that happened to a mark.
#[derive(Debug, Clone, Object)]
pub struct MarkHistory {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What, a stable name.
    pub event: String,
    /// The number of the audit's entry.
    pub entry_seq: i64,
}

/// The evidence record of a mark (fiche de preuve).
#[derive(Debug, Clone, Object)]
pub struct MarkEvidence {
    /// The mark.
    pub mark: MarkRow,
    /// The acts of signing of this trainee on this half-day, oldest first.
    pub evidence: Vec<EvidenceOut>,
    /// The signatures of theirs that came late, and what was decided.
    pub late_marks: Vec<LateMarkOut>,
    /// What happened to the mark, oldest first.
    pub history: Vec<MarkHistory>,
    /// What is wrong, one sentence each; empty when all is as it was written.
    pub faults: Vec<String>,
}

/// Everything that was kept of a mark.
pub async fn evidence_of(ctx: &Ctx, id: Uuid) -> Result<MarkEvidence> {
    let scope = ctx.scope();
    let row = scope.get::<mark::Entity>(id).await?;
    let (entries, mut faults) = audit::entries_about(&scope, row.activity_id, row.slot_id).await?;
    let walked_in = scope
        .find::<entity::walk_in::Entity>()
        .filter(entity::walk_in::Column::SlotId.eq(row.slot_id))
        .filter(entity::walk_in::Column::EnrolmentId.eq(row.enrolment_id))
        .all()
        .await?;
    let theirs = |kept: &mark_evidence::Model| {
        kept.enrolment_id == Some(row.enrolment_id) || walked_in.iter().any(|one| kept.walk_in_id == Some(one.id))
    };
    let kept: Vec<mark_evidence::Model> =
        evidence::of_slots(&scope, &[row.slot_id]).await?.into_iter().filter(theirs).collect();
    faults.extend(kept.iter().filter_map(fault_of));
    let sealed = sealed_by(&entries);
    let out = kept.iter().map(|one| evidence_out(one, sealed.get(&one.id).copied())).collect::<Result<_>>()?;
    let late: Vec<late_mark::Model> = late::of_slots(&scope, &[row.slot_id])
        .await?
        .into_iter()
        .filter(|late| late.enrolment_id == row.enrolment_id)
        .collect();
    let name = format!("mark/{id}");
    let about = |entry: &&audit_entry::Model| {
        let said = |text: &Option<String>| text.as_deref().is_some_and(|text| text.contains(name.as_str()));
        let plain = |text: &Option<String>| text.as_deref().is_some_and(|text| text.contains(&id.to_string()));
        said(&entry.seals) || (entry.seals.is_none() && plain(&entry.changes))
    };
    let history = entries
        .iter()
        .filter(about)
        .map(|entry| MarkHistory {
            at: entry.at,
            actor: entry.actor.clone(),
            event: entry.event.clone(),
            entry_seq: entry.seq,
        })
        .collect();
    let mark = shown(&scope, vec![row]).await?.pop().ok_or(Error::Missing("mark"))?;
    Ok(MarkEvidence { mark, evidence: out, late_marks: late::shown(&scope, late).await?, history, faults })
}

fn evidence_out(row: &mark_evidence::Model, entry: Option<&audit_entry::Model>) -> Result<EvidenceOut> {
    let facts: SlotFacts = stored(&row.slot_facts)?;
    let network = network_of(row);
    Ok(EvidenceOut {
        id: row.id,
        act: SigningAct::of(&row.act)?,
        means: Means::of(&row.means)?,
        shown: format!("{}, {}, {}, {}", facts.title, facts.session, facts.day, facts.half),
        name: facts.name,
        signed_at: row.signed_at,
        local_time: row.local_time.clone(),
        device_at: row.device_at,
        gap_seconds: row.gap_seconds,
        offline: row.offline,
        typed_name: row.typed_name.clone(),
        picture: row.picture.clone(),
        consent: row.consent.clone(),
        slot_hash: row.slot_hash.clone(),
        paper_reference: row.paper_reference.clone(),
        network: NetworkOut {
            ip: network.ip,
            user_agent: network.user_agent,
            device: network.device,
            state: network_in_words(row),
        },
        digest: row.digest.clone(),
        entry_seq: entry.map(|entry| entry.seq),
        entry_hash: entry.map(|entry| entry.hash.clone()),
        previous_hash: entry.map(|entry| entry.previous_hash.clone()),
        verifies: fault_of(row).is_none(),
    })
}
