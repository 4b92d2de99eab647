//! The attestation de fin de formation: what the trainee can rely on (art. L6313-7).

use chrono::NaiveDate;
use entity::{enrolment, person, programme_version, session, signatory};
use serde::{Deserialize, Serialize};

use super::{
    objectives::objectives,
    results::{Level, results_of},
};
use crate::{
    attendance::attended,
    catalogue,
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

/// Gather what the attestation prints; refused without an attended minute.
pub async fn content(
    scope: &Scope<'_>,
    enrolment: &enrolment::Model,
    signatory: Option<signatory::Model>,
    day: NaiveDate,
) -> Result<Content> {
    let person = scope.get::<person::Entity>(enrolment.person_id).await?;
    let name = printed_name(&person);
    let counted = attended(scope, enrolment).await?;
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
    let session = scope.get::<session::Entity>(enrolment.session_id).await?;
    let version = scope.get::<programme_version::Entity>(session.programme_version_id).await?;
    let rows = results_of(scope, &[enrolment.id]).await?;
    let results = (1..)
        .zip(objectives(scope, &session).await?)
        .map(|(number, objective)| {
            let after = rows.iter().find(|row| row.objective == number).and_then(|row| row.after.as_deref());
            Ok(Outcome { objective, after: after.map(Level::of).transpose()? })
        })
        .collect::<Result<_>>()?;
    Ok(Content {
        issuer: issuer(scope, enrolment.activity_id, day).await?,
        signatory: signatory.map(Into::into),
        trainee: name,
        title: session.title,
        first_day,
        last_day,
        attended: counted.minutes,
        results,
        day,
        certifying: catalogue::content(&version)?.certifying,
    })
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
