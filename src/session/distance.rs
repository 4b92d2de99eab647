//! What a training promises as soon as a part of it is at a distance: the three items of art. D6313-3-1.

use entity::{programme_version, session, session_slot};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

use super::slots::{is_distance, minutes_of};
use crate::{
    catalogue,
    pdf::Block,
    platform::{error::Result, money::Minutes, scope::Scope},
};

/// What goes with teaching at a distance (art. D6313-3-1), as papers print it.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(rename = "DistanceConditions")]
pub struct Distance {
    /// Technical and teaching assistance: who, how, within which delay (1°).
    pub assistance: String,
    /// What is to be done at a distance, and its average length (2°).
    pub activities: String,
    /// Evaluations that mark out or conclude the training (3°).
    pub evaluations: String,
}

impl Distance {
    /// The three items, as a block of a paper.
    pub fn block(&self) -> Block {
        Block::key_values([
            ("Assistance technique et pédagogique", self.assistance.clone()),
            ("Activités à distance et durée moyenne", self.activities.clone()),
            ("Évaluations", self.evaluations.clone()),
        ])
    }
}

/// The three items for these half-days of a session; none when all of them are face to face.
pub async fn distance(
    scope: &Scope<'_>,
    session: &session::Model,
    slots: &[session_slot::Model],
) -> Result<Option<Distance>> {
    let lengths: Vec<i32> = slots.iter().filter(|slot| is_distance(slot)).map(|slot| minutes_of(slot).0).collect();
    if lengths.is_empty() {
        return Ok(None);
    }
    let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
    Ok(Some(promised(catalogue::content(&version)?, &lengths)))
}

/// What the programme promises; what it does not say follows from the half-days.
fn promised(programme: catalogue::Content, lengths: &[i32]) -> Distance {
    let average = lengths.iter().sum::<i32>() / i32::try_from(lengths.len()).unwrap_or(1).max(1);
    match programme.distance_assistance {
        Some(said) => Distance {
            assistance: said.assistance,
            activities: activities(&said.activities, Minutes(said.average_minutes)),
            evaluations: said.evaluations,
        },
        None => Distance {
            assistance:
                "Le formateur ou la formatrice répond aux questions techniques et pédagogiques, pendant les classes \
                         virtuelles et entre elles, par mail et par téléphone."
                    .to_owned(),
            activities: activities("Classes virtuelles aux horaires prévus.", Minutes(average)),
            evaluations: programme
                .evaluation
                .unwrap_or_else(|| "Évaluation des acquis en fin de formation.".to_owned()),
        },
    }
}

fn activities(what: &str, average: Minutes) -> String {
    let what = what.trim_end_matches(['.', ' ']);
    format!("{what}. Durée moyenne : {average}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programme(distance: &str) -> catalogue::Content {
        serde_json::from_str(&format!(r#"{{ "title": "Zourit", "distance_assistance": {distance} }}"#)).unwrap()
    }

    #[test]
    fn the_programme_is_quoted_when_it_says_how_it_helps() {
        let said = promised(
            programme(
                r#"{ "assistance": "Par mail", "activities": "Exercices.", "average_minutes": 90, "evaluations": "Un quiz" }"#,
            ),
            &[210],
        );
        assert_eq!(said.activities.replace('\u{a0}', " "), "Exercices. Durée moyenne : 1 h 30.");
        assert_eq!((said.assistance.as_str(), said.evaluations.as_str()), ("Par mail", "Un quiz"));
    }

    #[test]
    fn otherwise_the_average_length_is_that_of_the_half_days() {
        let said = promised(programme("null"), &[210, 90]);
        assert!(said.activities.replace('\u{a0}', " ").ends_with("Durée moyenne : 2 h 30."), "{}", said.activities);
        assert!(said.assistance.contains("techniques et pédagogiques"));
    }
}
