//! How satisfied the trainees are: a note and a comment each; figures never without the number of answers.

use entity::{enrolment, satisfaction, session};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::events::Event;
use crate::{
    attendance::trainees,
    platform::{
        access::Ctx,
        error::{Error, Result},
        scope::Scope,
    },
};

/// Answers below which no rate may be published.
pub const FEWEST: i32 = 5;

/// A trainee's satisfaction, as it is given.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSatisfaction {
    /// The note, 0 to 10.
    #[oai(validator(minimum(value = "0"), maximum(value = "10")))]
    pub note: i32,
    /// The comment.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub comment: Option<String>,
}

/// A trainee's satisfaction.
#[derive(Debug, Clone, Object)]
pub struct SatisfactionOut {
    /// The trainee.
    pub enrolment_id: Uuid,
    /// The note, 0 to 10.
    pub note: i32,
    /// The comment.
    pub comment: Option<String>,
}

/// The satisfaction of a session's trainees (indicators 2 and 30), without names.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct SatisfactionSummary {
    /// The session.
    pub session_id: Uuid,
    /// How many trainees were asked: those who follow the session.
    pub invited: i32,
    /// How many answered (n).
    pub answers: i32,
    /// The sum of the notes over ten times the answers, in hundredths of a percent; absent without an answer.
    pub rate: Option<i32>,
    /// The share of notes of 8 or more, in hundredths of a percent; absent without an answer.
    pub share_satisfied: Option<i32>,
    /// Whether there are enough answers (five) for the rate to be published.
    pub publishable: bool,
    /// The comments, without names.
    pub comments: Vec<String>,
}

/// Give a trainee's satisfaction, or change it.
pub async fn give(ctx: &mut Ctx, enrolment: Uuid, input: NewSatisfaction) -> Result<SatisfactionOut> {
    let NewSatisfaction { note, comment } = input;
    let mut tx = ctx.begin().await?;
    let enrolment = tx.lock::<enrolment::Entity>(enrolment).await?;
    if matches!(enrolment.state.as_str(), "invited" | "no_show") {
        return Err(Error::refused(
            "satisfaction.not_trainee",
            "Cette personne n’a pas suivi la formation.",
            "This person did not follow the training.",
        ));
    }
    let before = of(&tx.scope(), enrolment.id).await?;
    let mut act = tx.act(enrolment.activity_id, Event::SatisfactionGiven { enrolment: enrolment.id }.into());
    let row = match before {
        Some(before) => {
            act.update(before, |edit: &mut satisfaction::ActiveModel| {
                edit.note = Set(note);
                edit.comment = Set(comment);
            })
            .await?
        }
        None => {
            act.insert(satisfaction::ActiveModel {
                enrolment_id: Set(enrolment.id),
                note: Set(note),
                comment: Set(comment),
                ..Default::default()
            })
            .await?
        }
    };
    tx.commit().await?;
    Ok(SatisfactionOut { enrolment_id: row.enrolment_id, note: row.note, comment: row.comment })
}

async fn of(scope: &Scope<'_>, enrolment: Uuid) -> Result<Option<satisfaction::Model>> {
    scope.find::<satisfaction::Entity>().filter(satisfaction::Column::EnrolmentId.eq(enrolment)).one().await
}

/// Sum up a session.
pub async fn summary(scope: &Scope<'_>, session: Uuid) -> Result<SatisfactionSummary> {
    let session = scope.get::<session::Entity>(session).await?;
    let roll = trainees(scope, session.id, None).await?;
    let rows = scope
        .find::<satisfaction::Entity>()
        .filter(satisfaction::Column::EnrolmentId.is_in(roll.iter().map(|one| one.enrolment.id)))
        .ascending(satisfaction::Column::Id)
        .all()
        .await?;
    let notes: Vec<i32> = rows.iter().map(|row| row.note).collect();
    let mut comments: Vec<String> = rows.into_iter().filter_map(|row| row.comment).collect();
    // In the order of the alphabet: the order of the answers would name their authors.
    comments.sort();
    Ok(sum_up(session.id, i32::try_from(roll.len()).unwrap_or(i32::MAX), &notes, comments))
}

fn sum_up(session_id: Uuid, invited: i32, notes: &[i32], comments: Vec<String>) -> SatisfactionSummary {
    let answers = i32::try_from(notes.len()).unwrap_or(i32::MAX);
    let share = |part: i32, whole: i32| (whole > 0).then(|| (part * 10_000 + whole / 2) / whole);
    let satisfied = i32::try_from(notes.iter().filter(|note| **note >= 8).count()).unwrap_or(i32::MAX);
    SatisfactionSummary {
        session_id,
        invited,
        answers,
        rate: share(notes.iter().sum(), answers * 10),
        share_satisfied: share(satisfied, answers),
        publishable: answers >= FEWEST,
        comments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_comes_with_its_number_of_answers() {
        let all = sum_up(Uuid::nil(), 12, &[10, 8, 7, 9], vec![]);
        assert_eq!((all.answers, all.rate, all.share_satisfied), (4, Some(8_500), Some(7_500)));
        assert!(!all.publishable);
        assert_eq!(sum_up(Uuid::nil(), 12, &[], vec![]).rate, None);
    }
}
