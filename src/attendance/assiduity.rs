//! The attestation d'assiduité: hours planned and attended, month by month, for the schemes that ask for it.

use chrono::{Datelike, NaiveDate};
use entity::{booking, client, enrolment, person, session, signatory};
use serde::{Deserialize, Serialize};

use super::{
    attended,
    certificate::quality_of,
    daily::{Followed, followed},
};
use crate::{
    enrolment::Status,
    organisation::{Issuer, Signatory, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Paper, SignatureBox, Table},
    people::printed_name,
    platform::{
        calendar,
        error::{Error, Result},
        money::{Minutes, Rate},
        scope::Scope,
    },
};

/// What the attestation prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The cooperative and the brand.
    pub issuer: Issuer,
    /// Who signs, when somebody has that delegation.
    pub signatory: Option<Signatory>,
    /// The trainee.
    pub trainee: String,
    /// What the trainee is: « salarié(e) de l'entreprise … ».
    pub quality: String,
    /// The title of the action.
    pub title: String,
    /// First day of the period.
    pub first_day: NaiveDate,
    /// Last day of the period.
    pub last_day: NaiveDate,
    /// The months of the period that have half-days.
    pub months: Vec<Month>,
    /// The day of issue.
    pub day: NaiveDate,
}

/// What was planned and attended in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// The first day with a half-day.
    pub first_day: NaiveDate,
    /// The last one.
    pub last_day: NaiveDate,
    /// Minutes planned for the trainee.
    pub planned: Minutes,
    /// Minutes attended.
    pub attended: Minutes,
}

/// Gather what the attestation of a period prints; refused while half-days of the period are open.
pub async fn content(
    scope: &Scope<'_>,
    enrolment: &enrolment::Model,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
    signatory: Option<signatory::Model>,
    day: NaiveDate,
) -> Result<Content> {
    let person = scope.get::<person::Entity>(enrolment.person_id).await?;
    let name = printed_name(&person);
    let all = followed(scope, enrolment).await?;
    // Papers never disagree: the sum of what is listed here is what the certificate counts.
    let counted = attended(scope, enrolment).await?;
    if total(&all).1 != counted.minutes {
        return Err(Error::internal(format!("the half-days of enrolment {} do not add up", enrolment.id)));
    }
    let of_period: Vec<Followed> = all
        .into_iter()
        .filter(|one| from.is_none_or(|from| from <= one.day) && to.is_none_or(|to| one.day <= to))
        .collect();
    let (Some(first), Some(last)) = (of_period.first(), of_period.last()) else {
        return Err(Error::refused(
            "assiduity.no_half_day",
            format!("{name} ne suit aucune demi-journée dans cette période."),
            format!("{name} follows no half-day in this period."),
        ));
    };
    let (first_day, last_day) = (from.unwrap_or(first.day), to.unwrap_or(last.day));
    let open = of_period.iter().filter(|one| counted.open_slots.contains(&one.slot)).count();
    if open > 0 {
        return Err(Error::refused(
            "assiduity.half_days_open",
            format!("{name} : {open} demi-journée(s) de cette période ne sont pas closes."),
            format!("{name}: {open} half-day(s) of this period are not closed."),
        ));
    }
    let session = scope.get::<session::Entity>(enrolment.session_id).await?;
    let booking = scope.get::<booking::Entity>(enrolment.booking_id).await?;
    let client = scope.get::<client::Entity>(booking.client_id).await?;
    Ok(Content {
        issuer: issuer(scope, enrolment.activity_id, day).await?,
        signatory: signatory.map(Into::into),
        trainee: name,
        quality: quality_of(Status::of(&enrolment.status)?, &client.kind, &client.name),
        title: session.title,
        first_day,
        last_day,
        months: months(&of_period),
        day,
    })
}

/// Planned and attended.
fn total(all: &[Followed]) -> (Minutes, Minutes) {
    let sum = |of: fn(&Followed) -> Minutes| Minutes(all.iter().map(|one| of(one).0).fold(0, i32::saturating_add));
    (sum(|one| one.planned), sum(|one| one.attended))
}

fn months(all: &[Followed]) -> Vec<Month> {
    all.chunk_by(|one, other| (one.day.year(), one.day.month()) == (other.day.year(), other.day.month()))
        .filter_map(|month| {
            let (planned, attended) = total(month);
            Some(Month { first_day: month.first()?.day, last_day: month.last()?.day, planned, attended })
        })
        .collect()
}

/// « 85,71 % », of what was planned.
fn share(planned: Minutes, attended: Minutes) -> String {
    if planned.0 == 0 {
        return "–".to_owned();
    }
    Rate(i32::try_from(i64::from(attended.0) * 10_000 / i64::from(planned.0)).unwrap_or(i32::MAX)).to_string()
}

/// The attestation on paper.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let Content { issuer, signatory, trainee, quality, title, first_day, last_day, months, day } = content;
    let columns = vec![
        Column::left("Période", 3.0),
        Column::right("Heures prévues", 1.5),
        Column::right("Heures suivies", 1.5),
        Column::right("Assiduité", 1.2),
    ];
    let row = |label: String, planned: Minutes, attended: Minutes| {
        vec![label.into(), planned.to_string().into(), attended.to_string().into(), share(planned, attended).into()]
    };
    let mut rows: Vec<Vec<crate::pdf::Cell>> = months
        .iter()
        .map(|month| row(calendar::span(month.first_day, month.last_day), month.planned, month.attended))
        .collect();
    let sum = |of: fn(&Month) -> i32| Minutes(months.iter().map(of).fold(0, i32::saturating_add));
    rows.push(row("Total".to_owned(), sum(|month| month.planned.0), sum(|month| month.attended.0)));
    let mut signature = SignatureBox::new("Pour l’organisme de formation").line(&issuer.name);
    if let Some(signatory) = signatory {
        signature = signature.line(&signatory.name).line(&signatory.quality);
    }
    blocks::paper("Attestation d’assiduité", issuer, stamp, DeclarationLine::Contract)
        .push(Block::title("Attestation d’assiduité"))
        .extend(blocks::introduction(issuer))
        .push(Block::paragraph(format!(
            "{} atteste que la personne nommée ci-dessous a suivi la formation aux périodes et pour les heures suivantes, \
             d’après les demi-journées closes à ce jour.",
            issuer.party()
        )))
        .push(Block::key_values([
            ("Stagiaire", trainee.clone()),
            ("Qualité", quality.clone()),
            ("Formation", title.clone()),
            ("Période", calendar::span(*first_day, *last_day)),
        ]))
        .push(Block::Table(Table { columns, rows, totals: 1 }))
        .push(Block::note(
            "Les heures suivies sont comptées sur les demi-journées closes, arrivées tardives et départs anticipés déduits.",
        ))
        .push(Block::paragraph(format!("Fait à {}, le {}.", issuer.city, calendar::date(*day))))
        .push(Block::signatures(vec![signature]))
        .extend(blocks::closing(issuer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half_day(day: &str, planned: i32, attended: i32) -> Followed {
        let slot = uuid::Uuid::nil();
        Followed { slot, day: day.parse().unwrap(), planned: Minutes(planned), attended: Minutes(attended) }
    }

    #[test]
    fn hours_are_summed_month_by_month() {
        let all = [half_day("2026-03-03", 210, 210), half_day("2026-03-31", 210, 120), half_day("2026-04-01", 210, 0)];
        let found = months(&all);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].planned, found[0].attended), (Minutes(420), Minutes(330)));
        assert_eq!(share(found[0].planned, found[0].attended).replace('\u{202f}', " "), "78,57 %");
        assert_eq!((found[1].first_day, found[1].attended), ("2026-04-01".parse().unwrap(), Minutes(0)));
        assert_eq!(share(Minutes(0), Minutes(0)), "–");
    }
}
