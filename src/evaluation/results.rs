//! The matrix of results: trainees × objectives, before and after.

use std::collections::{HashMap, HashSet};

use entity::{enrolment, objective_result, session};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{events::Event, objectives::objectives};
use crate::{
    attendance::trainees,
    platform::{
        access::Ctx,
        error::{Error, Fault, Result},
        scope::Scope,
    },
    words,
};

words! {
    /// How far a trainee is with an objective.
    pub enum Level {
        /// They can do it (acquis).
        Acquired = "acquired",
        /// They are on the way (en cours d'acquisition).
        InProgress = "in_progress",
        /// They cannot do it yet (non acquis).
        NotAcquired = "not_acquired",
    }
}

impl Level {
    /// As the attestation prints it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::Acquired => "acquis",
            Self::InProgress => "en cours d’acquisition",
            Self::NotAcquired => "non acquis",
        }
    }
}

/// A trainee's result on an objective.
#[derive(Debug, Clone, Object, Validate)]
pub struct ObjectiveResult {
    /// The objective, by its place in the programme: 1 is the first.
    #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
    pub objective: i32,
    /// Before the training (positionnement).
    pub before: Option<Level>,
    /// After it (évaluation des acquis).
    pub after: Option<Level>,
}

/// A trainee's results.
#[derive(Debug, Clone, Object, Validate)]
pub struct TraineeResults {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// A result for each objective that was evaluated.
    #[oai(validator(max_items = 100))]
    #[validate(nested)]
    pub objectives: Vec<ObjectiveResult>,
}

/// Results of several trainees at once.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewResults {
    /// A row for each trainee; what is not named stays as it is.
    #[oai(validator(max_items = 500))]
    #[validate(nested)]
    pub results: Vec<TraineeResults>,
}

/// An objective and how many reached it.
#[derive(Debug, Clone, Object)]
pub struct ObjectiveOut {
    /// Its place in the programme: 1 is the first.
    pub objective: i32,
    /// What the trainee is to be able to do (objectif opérationnel).
    pub text: String,
    /// How many trainees were evaluated afterwards.
    pub evaluated: i32,
    /// How many of them acquired it.
    pub acquired: i32,
}

/// A trainee's row.
#[derive(Debug, Clone, Object)]
pub struct TraineeResultsOut {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// First and last name of the trainee.
    pub name: String,
    /// One for each objective of the programme.
    pub objectives: Vec<ObjectiveResult>,
}

/// The results of a session.
#[derive(Debug, Clone, Object)]
pub struct ResultsOut {
    /// The session.
    pub session_id: Uuid,
    /// The objectives, in the programme's order.
    pub objectives: Vec<ObjectiveOut>,
    /// The trainees, by name.
    pub results: Vec<TraineeResultsOut>,
}

/// The results of a session.
pub async fn of_session(scope: &Scope<'_>, session: Uuid) -> Result<ResultsOut> {
    let session = scope.get::<session::Entity>(session).await?;
    let texts = objectives(scope, &session).await?;
    let roll = trainees(scope, session.id, None).await?;
    let rows = results_of(scope, &roll.iter().map(|one| one.enrolment.id).collect::<Vec<_>>()).await?;
    let level = |text: &Option<String>| text.as_deref().and_then(|name| Level::of(name).ok());
    let results: Vec<TraineeResultsOut> = roll
        .into_iter()
        .map(|trainee| TraineeResultsOut {
            enrolment_id: trainee.enrolment.id,
            name: trainee.name,
            objectives: (1..)
                .zip(&texts)
                .map(|(objective, _)| {
                    let row =
                        rows.iter().find(|row| row.enrolment_id == trainee.enrolment.id && row.objective == objective);
                    ObjectiveResult {
                        objective,
                        before: row.and_then(|row| level(&row.before)),
                        after: row.and_then(|row| level(&row.after)),
                    }
                })
                .collect(),
        })
        .collect();
    let count = |objective: i32, fits: fn(Level) -> bool| {
        let afters = results.iter().flat_map(|one| &one.objectives).filter(|one| one.objective == objective);
        i32::try_from(afters.filter(|one| one.after.is_some_and(fits)).count()).unwrap_or(i32::MAX)
    };
    Ok(ResultsOut {
        session_id: session.id,
        objectives: (1..)
            .zip(texts)
            .map(|(objective, text)| ObjectiveOut {
                objective,
                text,
                evaluated: count(objective, |_| true),
                acquired: count(objective, |level| level == Level::Acquired),
            })
            .collect(),
        results,
    })
}

/// The stored results of these trainees.
pub(super) async fn results_of(scope: &Scope<'_>, enrolments: &[Uuid]) -> Result<Vec<objective_result::Model>> {
    scope
        .find::<objective_result::Entity>()
        .filter(objective_result::Column::EnrolmentId.is_in(enrolments.iter().copied()))
        .ascending(objective_result::Column::Objective)
        .all()
        .await
}

/// Record the results of several trainees: all of them or none.
pub async fn record(ctx: &mut Ctx, session: Uuid, input: NewResults) -> Result<ResultsOut> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(session).await?;
    let texts = objectives(&tx.scope(), &session).await?;
    let ids: HashSet<Uuid> =
        trainees(&tx.scope(), session.id, None).await?.into_iter().map(|one| one.enrolment.id).collect();
    let mut faults = vec![];
    for (line, row) in input.results.iter().enumerate() {
        if !ids.contains(&row.enrolment_id) {
            tx.scope().get::<enrolment::Entity>(row.enrolment_id).await?;
        }
        faults.extend(faults_of(line, row, &ids, texts.len()));
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let before = results_of(&tx.scope(), &ids.into_iter().collect::<Vec<_>>()).await?;
    let before: HashMap<(Uuid, i32), objective_result::Model> =
        before.into_iter().map(|row| ((row.enrolment_id, row.objective), row)).collect();
    for TraineeResults { enrolment_id, objectives } in input.results {
        let mut act = tx.act(session.activity_id, Event::Evaluated { enrolment: enrolment_id }.into());
        for ObjectiveResult { objective, before: first, after } in objectives {
            match before.get(&(enrolment_id, objective)) {
                Some(old) => {
                    act.update(old.clone(), |edit: &mut objective_result::ActiveModel| {
                        if let Some(level) = first {
                            edit.before = Set(Some(level.into()));
                        }
                        if let Some(level) = after {
                            edit.after = Set(Some(level.into()));
                        }
                    })
                    .await?;
                }
                None => {
                    act.insert(objective_result::ActiveModel {
                        enrolment_id: Set(enrolment_id),
                        objective: Set(objective),
                        before: Set(first.map(String::from)),
                        after: Set(after.map(String::from)),
                        ..Default::default()
                    })
                    .await?;
                }
            }
        }
    }
    tx.answers_at(format!("/v1/sessions/{}/evaluations", session.id), 200);
    let out = of_session(&tx.scope(), session.id).await?;
    tx.commit().await?;
    Ok(out)
}

/// What is wrong with a row of the matrix.
fn faults_of(line: usize, row: &TraineeResults, session: &HashSet<Uuid>, objectives: usize) -> Vec<Fault> {
    let mut faults = vec![];
    if !session.contains(&row.enrolment_id) {
        faults.push(Fault::new(
            format!("/results/{line}/enrolment_id"),
            "evaluation.not_trainee",
            "Cette personne n’est pas stagiaire de cette session.",
            "This person is not a trainee of this session.",
        ));
    }
    let mut seen = HashSet::new();
    for (at, result) in row.objectives.iter().enumerate() {
        let pointer = format!("/results/{line}/objectives/{at}/objective");
        if usize::try_from(result.objective).is_ok_and(|number| number > objectives) {
            faults.push(Fault::new(
                &pointer,
                "evaluation.no_objective",
                format!("Le programme de cette session a {objectives} objectif(s)."),
                format!("The programme of this session has {objectives} objective(s)."),
            ));
        }
        if !seen.insert(result.objective) {
            faults.push(Fault::new(
                &pointer,
                "evaluation.twice",
                "Cet objectif est noté deux fois pour la même personne.",
                "This objective is given twice for the same person.",
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objective_that_the_programme_lacks_is_told_with_its_place() {
        let zoe = Uuid::from_u128(1);
        let result = |objective| ObjectiveResult { objective, before: None, after: Some(Level::Acquired) };
        let row = TraineeResults { enrolment_id: zoe, objectives: vec![result(1), result(4), result(1)] };
        let places: Vec<String> = faults_of(2, &row, &[zoe].into(), 3).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(places, ["/results/2/objectives/1/objective", "/results/2/objectives/2/objective"]);
        assert_eq!(faults_of(0, &row, &HashSet::new(), 4).len(), 2);
    }
}
