//! Issue the attestations of a session.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::{document, enrolment, objective_result, session, signatory};
use poem_openapi::Object;
use sea_orm::ColumnTrait;
use uuid::Uuid;
use validator::Validate;

use super::attestation;
use crate::{
    attendance::{IssuedPapers, Skipped, Trainee, Without, trainees},
    document::{DocumentOut, Issued, Kind, issue},
    organisation::signatory_for,
    platform::{
        access::Ctx,
        audit::moment,
        error::{Error, Fault, Result},
        scope::Scope,
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
) -> Result<Issued> {
    let session = tx.scope().get::<session::Entity>(enrolment.session_id).await?;
    let facts = facts(&tx.scope(), tx.today(), &session, std::slice::from_ref(enrolment), signatory).await?;
    attestation_of(tx, &facts, enrolment).await
}

/// What the attestations of these trainees are made from.
async fn facts(
    scope: &Scope<'_>,
    day: NaiveDate,
    session: &session::Model,
    enrolments: &[enrolment::Model],
    signatory: Option<Uuid>,
) -> Result<attestation::Facts> {
    let signatory = match signatory_for(scope, signatory, Kind::Attestation.name(), None, day).await {
        Ok(row) => Some(row),
        // Nobody has that delegation: the frame is left to be signed. Somebody who is named must have it.
        Err(Error::Refused(_)) if signatory.is_none() => None,
        Err(other) => return Err(other),
    };
    attestation::Facts::gather(scope, session, enrolments, signatory, day).await
}

/// The roll of a session, and what its attestations are made from, if there is anybody to attest.
async fn known(
    scope: &Scope<'_>,
    day: NaiveDate,
    session: &session::Model,
    signatory: Option<Uuid>,
) -> Result<(Vec<Trainee>, Option<attestation::Facts>)> {
    scope.maybe::<signatory::Entity>(signatory).await?;
    let roll = trainees(scope, session.id, None).await?;
    let enrolments: Vec<_> = roll.iter().map(|trainee| trainee.enrolment.clone()).collect();
    let facts =
        if enrolments.is_empty() { None } else { Some(facts(scope, day, session, &enrolments, signatory).await?) };
    Ok((roll, facts))
}

async fn attestation_of(tx: &mut Tx<'_>, facts: &attestation::Facts, enrolment: &enrolment::Model) -> Result<Issued> {
    let content = facts.of(enrolment)?;
    let title = format!("Attestation de fin de formation – {}", content.trainee);
    issue(tx, enrolment.activity_id, Kind::Attestation, &title, facts.about(enrolment), &content).await
}

/// Issue the attestations of a session: all of them or none, but those who attended nothing, who are named.
pub async fn attest_all(ctx: &mut Ctx, session: Uuid, with: NewAttestations) -> Result<IssuedPapers> {
    // What everybody attended is read while others write.
    let (scope, day) = (ctx.scope(), ctx.today());
    let activity = scope.get::<session::Entity>(session).await?.activity_id;
    let seen = moment(&scope, activity).await?;
    let row = scope.get::<session::Entity>(session).await?;
    // Whoever repeats a request is told where its answer is, whatever became of the facts since.
    let known = known(&scope, day, &row, with.signatory_id).await;
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let (roll, facts) = if tx.today() == day && moment(&tx.scope(), activity).await? == seen {
        known?
    } else {
        self::known(&tx.scope(), tx.today(), &session, with.signatory_id).await?
    };
    let (mut documents, mut skipped, mut faults) = (vec![], vec![], vec![]);
    for (index, trainee) in roll.iter().enumerate() {
        let Some(facts) = &facts else { break };
        match attestation_of(&mut tx, facts, &trainee.enrolment).await {
            Ok(issued) => documents.push(DocumentOut::try_from(issued.paper())?),
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

/// The attestations that are due in a session: of evaluated trainees who attended and have none.
pub struct Attestations {
    due: Vec<enrolment::Model>,
    facts: Option<attestation::Facts>,
}

impl Attestations {
    /// Gather what they say.
    pub async fn due(scope: &Scope<'_>, session: &session::Model, day: NaiveDate) -> Result<Self> {
        let roll = trainees(scope, session.id, None).await?;
        let ids: Vec<Uuid> = roll.iter().map(|trainee| trainee.enrolment.id).collect();
        let evaluated: HashSet<Uuid> = scope
            .find::<objective_result::Entity>()
            .filter(objective_result::Column::EnrolmentId.is_in(ids.iter().copied()))
            .filter(objective_result::Column::After.is_not_null())
            .all()
            .await?
            .into_iter()
            .map(|result| result.enrolment_id)
            .collect();
        let attested: HashSet<Uuid> = scope
            .find::<document::Entity>()
            .filter(document::Column::EnrolmentId.is_in(ids))
            .filter(document::Column::Kind.eq(Kind::Attestation.name()))
            .filter(document::Column::State.eq("current"))
            .all()
            .await?
            .into_iter()
            .filter_map(|paper| paper.enrolment_id)
            .collect();
        let due: Vec<enrolment::Model> = roll
            .into_iter()
            .map(|trainee| trainee.enrolment)
            .filter(|one| evaluated.contains(&one.id) && !attested.contains(&one.id))
            .collect();
        let facts = if due.is_empty() { None } else { Some(facts(scope, day, session, &due, None).await?) };
        Ok(Self { due, facts })
    }

    /// Issue them, as part of a larger act.
    pub async fn issue(&self, tx: &mut Tx<'_>) -> Result<Vec<document::Model>> {
        let mut issued = vec![];
        for enrolment in &self.due {
            let Some(facts) = &self.facts else { break };
            match attestation_of(tx, facts, enrolment).await {
                Ok(paper) => issued.extend(paper.made()),
                Err(Error::Refused(refused)) if refused.code == "attestation.no_attendance" => {}
                Err(other) => return Err(other),
            }
        }
        Ok(issued)
    }
}
