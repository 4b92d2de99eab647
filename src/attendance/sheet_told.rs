//! What the sheet tells under a presence: when somebody came and left, how they signed, what was stated, what came late.

use std::collections::HashMap;

use entity::{late_mark, mark, mark_evidence, presence_time, session_slot, trainer_mark};
use uuid::Uuid;

use super::{
    evidence, late,
    sheet::{Signature, Told},
    times,
    words::{LateKind, LateState, Proof, Statement},
};
use crate::{
    pdf::Depicted,
    platform::{calendar, error::Result, scope::Scope},
};

/// What is known of the presences of some half-days, beside their marks.
pub(super) struct Telling {
    evidence: HashMap<Uuid, mark_evidence::Model>,
    times: HashMap<(Uuid, Uuid), presence_time::Model>,
    late: HashMap<Uuid, late_mark::Model>,
}

/// Read what is known.
pub(super) async fn telling(scope: &Scope<'_>, slots: &[session_slot::Model]) -> Result<Telling> {
    let ids: Vec<Uuid> = slots.iter().map(|slot| slot.id).collect();
    let evidence = evidence::of_slots(scope, &ids).await?.into_iter().map(|row| (row.id, row)).collect();
    let accepted = late::of_slots(scope, &ids).await?.into_iter().filter(|row| row.state == LateState::Accepted.name());
    Ok(Telling {
        evidence,
        times: times::of_slots(scope, ids).await?,
        late: accepted.map(|row| (row.evidence_id, row)).collect(),
    })
}

impl Telling {
    /// What is told of a trainee's mark.
    pub(super) fn of(&self, mark: &mark::Model) -> Told {
        let local = |instant| calendar::local(instant).time();
        let noted = self.times.get(&(mark.slot_id, mark.enrolment_id)).filter(|_| mark.minutes > 0);
        Told {
            arrived: noted.and_then(|row| row.arrived_at).map(local),
            left: noted.and_then(|row| row.left_at).map(local),
            signature: self.signature(&mark.proof, mark.evidence_id, mark.paper_reference.as_deref()),
            statement: stated(mark).or_else(|| self.lateness(mark)),
        }
    }

    /// What is told of a trainer's own mark.
    pub(super) fn of_trainer(&self, mark: &trainer_mark::Model) -> Told {
        let signature = self.signature(&mark.proof, mark.evidence_id, mark.paper_reference.as_deref());
        Told { signature, ..Told::default() }
    }

    fn signature(&self, proof: &str, evidence: Option<Uuid>, paper: Option<&str>) -> Option<Signature> {
        if let Some(number) = paper.filter(|_| proof == Proof::Paper.name()) {
            return Some(Signature { picture: None, lines: vec![format!("signé sur papier, feuille n° {number}")] });
        }
        let kept = evidence.filter(|_| proof == Proof::Signed.name()).and_then(|id| self.evidence.get(&id))?;
        // Without network, the moment of the signature is the device's.
        let at = kept.device_at.filter(|_| kept.offline).unwrap_or(kept.signed_at);
        let mut lines = vec![format!("signé électroniquement le {}", calendar::moment(at))];
        if let Some(name) = kept.typed_name.as_ref().filter(|_| kept.picture.is_none()) {
            lines.push(format!("nom saisi : {name}"));
        }
        Some(Signature { picture: kept.picture.clone().map(Depicted::new), lines })
    }

    fn lateness(&self, mark: &mark::Model) -> Option<String> {
        let late = self.late.get(&mark.evidence_id?)?;
        let received = calendar::moment(late.received_at);
        let reason = late.reason.as_deref().unwrap_or_default();
        Some(match LateKind::of(&late.kind).ok()? {
            LateKind::Late => format!("reçue après la clôture, le {received}, acceptée : {reason}"),
            LateKind::Conflict => format!("d’abord noté(e) absent(e) ; signature acceptée : {reason}"),
            LateKind::Statement => format!("déclaration tardive du {received}, confirmée : {reason}"),
        })
    }
}

/// « a refusé de signer ; confirmé par la coopérative ».
fn stated(mark: &mark::Model) -> Option<String> {
    if mark.proof != Proof::TrainerStatement.name() || mark.minutes == 0 {
        return None;
    }
    let why = mark.statement.as_deref().and_then(|name| Statement::of(name).ok()).map(Statement::printed);
    let standing =
        if mark.confirmed_at.is_some() { "confirmé par la coopérative" } else { "en attente de la coopérative" };
    Some(why.map_or_else(|| standing.to_owned(), |why| format!("{why} ; {standing}")))
}
