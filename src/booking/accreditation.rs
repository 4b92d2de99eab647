//! Only trainers whom the cooperative accredits teach what is agreed.

use chrono::NaiveDate;
use entity::{booking, person, trainer};
use uuid::Uuid;

use crate::{
    people::name_of,
    platform::{
        calendar,
        error::{Error, Result},
        scope::Scope,
    },
};

/// Whether the cooperative accredits a trainer on a day.
pub fn accredited(from: Option<NaiveDate>, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from.is_some_and(|from| from <= day) && to.is_none_or(|to| day <= to)
}

/// Every trainer is accredited on the first day, unless the cooperative lets it pass.
pub(super) async fn require(scope: &Scope<'_>, row: &booking::Model, trainers: &[Uuid], day: NaiveDate) -> Result<()> {
    if row.accreditation_override.is_some() {
        return Ok(());
    }
    let rows = scope.map::<trainer::Entity>(trainers.iter().copied()).await?;
    let lacking: Vec<&trainer::Model> =
        rows.values().filter(|row| !accredited(row.accredited_from, row.accredited_to, day)).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let people = scope.map::<person::Entity>(lacking.iter().map(|row| row.person_id)).await?;
    let mut names: Vec<String> = people.values().map(name_of).collect();
    names.sort();
    let (french, english) = (calendar::and(&names), names.join(", "));
    Err(Error::refused(
        "booking.trainer_not_accredited",
        format!("Sans agrément de la coopérative au {} : {french}.", calendar::date(day)),
        format!("Not accredited by the cooperative on {day}: {english}."),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accreditation_counts_from_its_first_to_its_last_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let (from, to) = (Some(day("2026-01-01")), Some(day("2026-06-30")));
        assert!(accredited(from, to, day("2026-01-01")) && accredited(from, to, day("2026-06-30")));
        assert!(accredited(from, None, day("2030-01-01")));
        assert!(!accredited(from, to, day("2026-07-01")) && !accredited(from, to, day("2025-12-31")));
        assert!(!accredited(None, to, day("2026-02-01")), "never accredited");
    }
}
