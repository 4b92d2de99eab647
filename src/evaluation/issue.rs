//! Issue the attestations of a session.

use std::collections::HashSet;

use entity::{document, enrolment, objective_result, session, signatory};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;
use validator::Validate;

use super::attestation;
use crate::{
    attendance::{IssuedPapers, Skipped, Without, about, trainees},
    document::{DocumentOut, Kind, issue},
    organisation::signatory_for,
    platform::{
        access::Ctx,
        error::{Error, Fault, Result},
        tx::Tx,
    },
};

/// Who signs the attestations.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewAttestations {
    /// The signatory of the cooperative; whoever may sign attestations when absent.
    pub signatory_id: Option<Uuid>,
}

/// Issue a trainee's attestation, as part of a larger act.
pub async fn issue_attestation(
    tx: &mut Tx<'_>,
    enrolment: &enrolment::Model,
    signatory: Option<Uuid>,
) -> Result<document::Model> {
    let day = tx.today();
    let signatory = match signatory_for(&tx.scope(), signatory, Kind::Attestation.name(), None, day).await {
        Ok(row) => Some(row),
        // Nobody has that delegation: the frame is left to be signed. Somebody who is named must have it.
        Err(Error::Refused(_)) if signatory.is_none() => None,
        Err(other) => return Err(other),
    };
    let content = attestation::content(&tx.scope(), enrolment, signatory, day).await?;
    let title = format!("Attestation de fin de formation – {}", content.trainee);
    let about = about(&tx.scope(), enrolment).await?;
    issue(tx, enrolment.activity_id, Kind::Attestation, &title, about, &content).await
}

/// Issue the attestations of a session: all of them or none, but those who attended nothing, who are named.
pub async fn attest_all(ctx: &mut Ctx, session: Uuid, with: NewAttestations) -> Result<IssuedPapers> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    tx.scope().maybe::<signatory::Entity>(with.signatory_id).await?;
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let (mut documents, mut skipped, mut faults) = (vec![], vec![], vec![]);
    for (index, trainee) in roll.iter().enumerate() {
        match issue_attestation(&mut tx, &trainee.enrolment, with.signatory_id).await {
            Ok(row) => documents.push(DocumentOut::try_from(row)?),
            Err(Error::Refused(refused)) => match refused.code.as_ref() {
                "attestation.no_attendance" => skipped.push(Skipped {
                    enrolment_id: trainee.enrolment.id,
                    name: trainee.name.clone(),
                    why: Without::NoAttendance,
                }),
                "attestation.half_days_open" => {
                    faults.push(Fault::new(format!("/{index}"), refused.code, refused.fr, refused.en));
                }
                _ => return Err(Error::Refused(refused)),
            },
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    tx.answers_at(format!("/v1/sessions/{}/attestations", session.id), 200);
    tx.commit().await?;
    Ok(IssuedPapers { documents, skipped })
}

/// Issue, as part of a larger act, the attestations that are due: evaluated trainees who attended and have none.
pub async fn attest_due(tx: &mut Tx<'_>, session: &session::Model) -> Result<Vec<document::Model>> {
    let roll = trainees(&tx.scope(), session.id, None).await?;
    let ids: Vec<Uuid> = roll.iter().map(|trainee| trainee.enrolment.id).collect();
    let evaluated: HashSet<Uuid> = tx
        .scope()
        .find::<objective_result::Entity>()
        .filter(objective_result::Column::EnrolmentId.is_in(ids.iter().copied()))
        .filter(objective_result::Column::After.is_not_null())
        .all()
        .await?
        .into_iter()
        .map(|result| result.enrolment_id)
        .collect();
    let attested: HashSet<Uuid> = tx
        .scope()
        .find::<document::Entity>()
        .filter(document::Column::EnrolmentId.is_in(ids))
        .filter(document::Column::Kind.eq(Kind::Attestation.name()))
        .filter(document::Column::State.eq("current"))
        .all()
        .await?
        .into_iter()
        .filter_map(|paper| paper.enrolment_id)
        .collect();
    let mut issued = vec![];
    for trainee in &roll {
        let id = trainee.enrolment.id;
        if !evaluated.contains(&id) || attested.contains(&id) {
            continue;
        }
        match issue_attestation(tx, &trainee.enrolment, None).await {
            Ok(row) => issued.push(row),
            Err(Error::Refused(refused)) if refused.code == "attestation.no_attendance" => {}
            Err(other) => return Err(other),
        }
    }
    Ok(issued)
}
