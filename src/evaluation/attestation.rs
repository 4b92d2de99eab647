//! The attestation de fin de formation: what the trainee can rely on (art. L6313-7).

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::{booking, enrolment, objective_result, person, programme_version, session, signatory};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    objectives::objectives,
    results::{Level, results_of},
};
use crate::{
    attendance::{Attended, about_trainee, attended_by},
    catalogue,
    document::About,
    organisation::{Issuer, Signatory, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Paper, Rich, SignatureBox},
    people::printed_name,
    platform::{
        calendar,
        error::{Error, Result},
        money::Minutes,
        scope::Scope,
    },
};

/// What the attestation prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// Who signs, if somebody with a delegation does.
    pub signatory: Option<Signatory>,
    /// The trainee.
    pub trainee: String,
    /// The title of the action.
    pub title: String,
    /// First day attended.
    pub first_day: NaiveDate,
    /// Last day attended.
    pub last_day: NaiveDate,
    /// Minutes attended.
    pub attended: Minutes,
    /// The objectives and their results.
    pub results: Vec<Outcome>,
    /// The day of issue.
    pub day: NaiveDate,
    /// Whether the training leads to a certification (art. L6313-7).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub certifying: bool,
}

/// An objective and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The objective.
    pub objective: String,
    /// The result at the end; none when it was not evaluated.
    pub after: Option<Level>,
}

/// What the attestations of a session's trainees are made from: read at once, however many they are.
pub struct Facts {
    issuer: Issuer,
    signatory: Option<Signatory>,
    title: String,
    objectives: Vec<String>,
    certifying: bool,
    day: NaiveDate,
    people: HashMap<Uuid, person::Model>,
    bookings: HashMap<Uuid, booking::Model>,
    counted: HashMap<Uuid, Attended>,
    results: HashMap<(Uuid, i32), objective_result::Model>,
}

impl Facts {
    /// Read what is known of these trainees of a session.
    pub async fn gather(
        scope: &Scope<'_>,
        session: &session::Model,
        enrolments: &[enrolment::Model],
        signatory: Option<signatory::Model>,
        day: NaiveDate,
    ) -> Result<Self> {
        let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
        let ids: Vec<Uuid> = enrolments.iter().map(|one| one.id).collect();
        let results = results_of(scope, &ids).await?;
        Ok(Self {
            issuer: issuer(scope, session.activity_id, day).await?,
            signatory: signatory.map(Into::into),
            title: session.title.clone(),
            objectives: objectives(scope, session).await?,
            certifying: catalogue::content(&version)?.certifying,
            day,
            people: scope.map::<person::Entity>(enrolments.iter().map(|one| one.person_id)).await?,
            bookings: scope.map::<booking::Entity>(enrolments.iter().map(|one| one.booking_id)).await?,
            counted: attended_by(scope, enrolments).await?,
            results: results.into_iter().map(|row| ((row.enrolment_id, row.objective), row)).collect(),
        })
    }

    /// The rows that the attestation of a trainee is found by.
    pub(super) fn about(&self, enrolment: &enrolment::Model) -> About {
        let booking = self.bookings.get(&enrolment.booking_id);
        about_trainee(enrolment, booking.map(|booking| booking.client_id))
    }

    /// What the attestation of a trainee prints; refused without an attended minute.
    pub fn of(&self, enrolment: &enrolment::Model) -> Result<Content> {
        let unknown = || Error::internal(format!("the facts of enrolment {} were not gathered", enrolment.id));
        let name = printed_name(self.people.get(&enrolment.person_id).ok_or_else(unknown)?);
        let counted = self.counted.get(&enrolment.id).ok_or_else(unknown)?;
        if !counted.open_slots.is_empty() {
            return Err(Error::refused(
                "attestation.half_days_open",
                format!("{name} : {} demi-journée(s) ne sont pas closes.", counted.open_slots.len()),
                format!("{name}: {} half-day(s) are not closed.", counted.open_slots.len()),
            ));
        }
        let (Some(first_day), Some(last_day)) = (counted.first_day, counted.last_day) else {
            return Err(Error::refused(
                "attestation.no_attendance",
                format!("{name} n’a suivi aucune heure."),
                format!("{name} attended no hour."),
            ));
        };
        let results = (1..)
            .zip(&self.objectives)
            .map(|(number, objective)| {
                let after = self.results.get(&(enrolment.id, number)).and_then(|row| row.after.as_deref());
                Ok(Outcome { objective: objective.clone(), after: after.map(Level::of).transpose()? })
            })
            .collect::<Result<_>>()?;
        Ok(Content {
            issuer: self.issuer.clone(),
            signatory: self.signatory.clone(),
            trainee: name,
            title: self.title.clone(),
            first_day,
            last_day,
            attended: counted.minutes,
            results,
            day: self.day,
            certifying: self.certifying,
        })
    }
}

/// The attestation on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, signatory, trainee, title, first_day, last_day, attended, results, day, certifying } =
        content;
    let rows = results.iter().map(|one| -> Vec<Rich> {
        let result = one.after.map_or("non évalué", Level::printed);
        vec![one.objective.as_str().into(), result.into()]
    });
    let mut signature = SignatureBox::new("Pour l’organisme de formation").line(&issuer.name);
    if let Some(signatory) = signatory {
        signature = signature.line(&signatory.name).line(&signatory.quality);
    }
    blocks::paper("Attestation de fin de formation", issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("Attestation de fin de formation"))
        .extend(blocks::introduction(issuer))
        .push(Block::paragraph(format!(
            "{} atteste que la personne nommée ci-dessous a suivi la formation suivante.",
            issuer.party()
        )))
        .push(Block::key_values([
            ("Stagiaire", trainee.clone()),
            ("Formation", title.clone()),
            (
                "Nature de l’action",
                format!(
                    "action de formation (art. L. 6313-1, 1° du code du travail), {}",
                    if *certifying { "certifiante" } else { "non certifiante" }
                ),
            ),
            ("Dates", calendar::span(*first_day, *last_day)),
            ("Durée suivie", attended.to_string()),
        ]))
        .push(Block::heading("Résultats de l’évaluation des acquis"))
        .push(Block::table(vec![Column::left("Objectif", 3.0), Column::left("Résultat", 1.0)], rows))
        // The article is about trainings that lead to no certification.
        .extend((!certifying).then(|| {
            Block::note(
                "La personne titulaire peut se prévaloir de cette attestation (art. L. 6313-7 du code du travail).",
            )
        }))
        .push(Block::paragraph(format!("Fait à {}, le {}.", issuer.city, calendar::date(*day))))
        .push(Block::signatures(vec![signature]))
        .extend(blocks::closing(issuer))
}
