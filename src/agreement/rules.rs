//! How an agreement moves, what a signature is worth, when money and trainees may come.

use chrono::{Days, NaiveDate};

use super::terms::{After, Instalment};
use crate::{
    platform::{
        calendar,
        error::{Error, Result},
    },
    words,
};

words! {
    /// Where an agreement stands.
    pub enum State as "AgreementState" {
        /// Terms frozen, paper not issued.
        Draft = "draft",
        /// Its paper is issued, to be signed.
        Sent = "sent",
        /// Signed by both sides.
        Signed = "signed",
        /// Void.
        Void = "void",
    }
}

/// A step of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Send,
    Sign,
    Void,
}

impl Step {
    const ALL: [Self; 3] = [Self::Send, Self::Sign, Self::Void];

    fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Sign => "sign-on-paper",
            Self::Void => "void",
        }
    }
}

fn next(from: State, step: Step) -> Option<State> {
    match (from, step) {
        (State::Draft, Step::Send) => Some(State::Sent),
        (State::Sent, Step::Sign) => Some(State::Signed),
        (State::Draft | State::Sent | State::Signed, Step::Void) => Some(State::Void),
        (State::Draft, Step::Sign)
        | (State::Sent, Step::Send)
        | (State::Signed, Step::Send | Step::Sign)
        | (State::Void, Step::Send | Step::Sign | Step::Void) => None,
    }
}

/// Where a step leads, or the moves that are possible.
pub fn moved(from: State, step: Step) -> Result<State> {
    next(from, step).ok_or_else(|| {
        let possible: Vec<&str> =
            Step::ALL.into_iter().filter(|step| next(from, *step).is_some()).map(Step::name).collect();
        Error::no_move("agreement.no_move", from.name(), step.name(), &possible)
    })
}

/// Days in which an individual may withdraw (art. L6353-5; C. conso. art. L221-18 at a distance or off-premises).
pub fn withdrawal_days(concluded_at_distance: bool) -> u64 {
    if concluded_at_distance { 14 } else { 10 }
}

/// What two dates on a paper are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// The day of the later signature: the agreement exists since.
    pub on: NaiveDate,
    /// Whether that was not before the first day.
    pub late: bool,
    /// The last day on which an individual may withdraw.
    pub withdrawal_ends_on: Option<NaiveDate>,
}

/// Weigh the dates as they are written; those of the future are refused.
pub fn signature(
    client_on: NaiveDate,
    provider_on: NaiveDate,
    withdrawal: Option<u64>,
    first_day: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Signature> {
    for (pointer, day) in [("/client_signed_on", client_on), ("/provider_signed_on", provider_on)] {
        past(pointer, day, today)?;
    }
    let on = client_on.max(provider_on);
    Ok(Signature {
        on,
        late: first_day.is_some_and(|first| first <= on),
        withdrawal_ends_on: withdrawal.map(|days| on + Days::new(days)),
    })
}

/// A date that is written on a paper is not after today.
pub fn past(pointer: &str, day: NaiveDate, today: NaiveDate) -> Result<()> {
    if day <= today {
        return Ok(());
    }
    Err(Error::invalid(
        pointer,
        "date.future",
        format!("Le {} est après aujourd’hui, {}.", calendar::date(day), calendar::date(today)),
        format!("{day} is after today, {today}."),
    ))
}

fn fault(index: usize, code: &'static str, fr: String, en: String) -> Error {
    Error::invalid(format!("/instalments/{index}"), code, fr, en)
}

/// Instalments say when, and add up to the price; those of a contrat keep to art. L6353-6.
pub fn instalments(list: &[Instalment], contract: bool, first_day: Option<NaiveDate>) -> Result<()> {
    for (index, one) in list.iter().enumerate() {
        if one.due_on.is_some() == one.after.is_some() {
            return Err(fault(
                index,
                "instalment.when",
                "Précisez soit une date (« due_on »), soit ce qu’elle suit (« after »).".into(),
                "Say either a day (“due_on”) or what it follows (“after”).".into(),
            ));
        }
    }
    let sum: i64 = list.iter().map(|one| i64::from(one.percent_basis_points)).sum();
    if !list.is_empty() && sum != 10_000 {
        let percent = crate::platform::money::Rate(i32::try_from(sum).unwrap_or(i32::MAX));
        return Err(Error::invalid(
            "/instalments",
            "instalment.sum",
            format!("Les échéances font {percent} du prix au lieu de 100 %."),
            format!("The instalments add up to {percent} of the price instead of 100 %."),
        ));
    }
    if !contract {
        return Ok(());
    }
    let Some(first) = list.first().filter(|_| list.len() > 1) else {
        return Err(Error::invalid(
            "/instalments",
            "instalment.staggered",
            "Un contrat échelonne le prix : un premier versement de 30 % au plus, puis au moins une échéance (art. L6353-6).",
            "A contrat staggers the price: a first payment of at most 30 %, then at least one instalment (art. L6353-6).",
        ));
    };
    if first.percent_basis_points > 3_000 {
        return Err(fault(
            0,
            "instalment.first_too_large",
            "Le premier versement ne dépasse pas 30 % du prix (art. L6353-6).".into(),
            "The first payment is at most 30 % of the price (art. L6353-6).".into(),
        ));
    }
    for (index, one) in list.iter().enumerate().skip(1) {
        let along = match (one.after, one.due_on) {
            (Some(after), _) => after != After::Withdrawal,
            (None, Some(day)) => first_day.is_none_or(|first| first <= day),
            (None, None) => false,
        };
        if !along {
            return Err(fault(
                index,
                "instalment.staggered",
                "Le solde s’échelonne au fur et à mesure de la formation (art. L6353-6).".into(),
                "The balance is staggered as the training goes (art. L6353-6).".into(),
            ));
        }
    }
    Ok(())
}

/// No instalment of a contrat falls due before its withdrawal period has ended.
pub fn payable(list: &[Instalment], withdrawal_ends_on: NaiveDate) -> Result<()> {
    let Some(early) = list.iter().filter_map(|one| one.due_on).find(|day| *day <= withdrawal_ends_on) else {
        return Ok(());
    };
    Err(Error::refused(
        "agreement.payment_before_withdrawal",
        format!(
            "L’échéance du {} tombe dans le délai de rétractation, qui court jusqu’au {} (art. L6353-6).",
            calendar::date(early),
            calendar::date(withdrawal_ends_on)
        ),
        format!("The instalment of {early} falls inside the withdrawal period, which ends on {withdrawal_ends_on}."),
    ))
}

/// What is known of the signature when a training is about to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Signed by both sides.
    pub signed: bool,
    /// The last day on which an individual may withdraw.
    pub withdrawal_ends_on: Option<NaiveDate>,
    /// Whether the cooperative let the start pass with a reason.
    pub overridden: bool,
}

/// Whether a training may begin on a day.
pub fn may_begin(standing: Standing, day: NaiveDate) -> Result<()> {
    if standing.overridden {
        return Ok(());
    }
    if !standing.signed {
        return Err(Error::refused(
            "agreement.not_signed",
            "La formation ne commence pas sans convention ou contrat signé par les deux parties (art. L6353-1, L6353-3).",
            "The training does not begin without an agreement signed by both sides (art. L6353-1, L6353-3).",
        ));
    }
    match standing.withdrawal_ends_on {
        Some(end) if day <= end => Err(Error::refused(
            "agreement.withdrawal_running",
            format!("Le délai de rétractation court jusqu’au {} inclus (art. L6353-5).", calendar::date(end)),
            format!("The withdrawal period runs until {end} included (art. L6353-5)."),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn part(after: After, percent_basis_points: i32) -> Instalment {
        Instalment { due_on: None, after: Some(after), percent_basis_points }
    }

    #[test]
    fn an_individual_has_ten_days_or_fourteen_at_a_distance() {
        let signed = |distance| {
            let days = Some(withdrawal_days(distance));
            signature(day("2026-03-01"), day("2026-03-02"), days, Some(day("2026-04-01")), day("2026-03-02")).unwrap()
        };
        assert_eq!(signed(false).withdrawal_ends_on, Some(day("2026-03-12")));
        assert_eq!(signed(true).withdrawal_ends_on, Some(day("2026-03-16")));
        assert!(!signed(false).late);
    }

    #[test]
    fn a_signature_of_the_first_day_or_later_is_late_and_keeps_its_date() {
        let signed =
            |on| signature(day(on), day("2026-03-01"), None, Some(day("2026-03-05")), day("2026-03-09")).unwrap();
        assert!(!signed("2026-03-04").late && signed("2026-03-05").late);
        assert_eq!(signed("2026-03-06").on, day("2026-03-06"));
        assert!(signature(day("2026-03-10"), day("2026-03-01"), None, None, day("2026-03-09")).is_err());
    }

    #[test]
    fn the_first_payment_of_a_contrat_is_at_most_thirty_per_cent() {
        let list = |first| [part(After::Withdrawal, first), part(After::End, 10_000 - first)];
        assert!(instalments(&list(3_000), true, None).is_ok());
        assert!(instalments(&list(3_001), true, None).is_err());
        assert!(instalments(&list(3_001), false, None).is_ok());
        assert!(instalments(&[part(After::End, 10_000)], true, None).is_err(), "no further instalment");
        let early = [part(After::Withdrawal, 3_000), part(After::Withdrawal, 7_000)];
        assert!(instalments(&early, true, None).is_err(), "the balance is not staggered");
        assert!(instalments(&[part(After::End, 9_000)], false, None).is_err(), "not the whole price");
    }

    #[test]
    fn nothing_falls_due_inside_the_withdrawal_period() {
        let due = |on: &str| [Instalment { due_on: Some(day(on)), after: None, percent_basis_points: 3_000 }];
        assert!(payable(&due("2026-03-12"), day("2026-03-12")).is_err());
        assert!(payable(&due("2026-03-13"), day("2026-03-12")).is_ok());
    }

    #[test]
    fn a_training_begins_once_it_is_signed_and_the_withdrawal_period_is_over() {
        let standing = Standing { signed: true, withdrawal_ends_on: Some(day("2026-03-12")), overridden: false };
        let code = |standing, on| may_begin(standing, day(on)).err().map(|error| error.code().into_owned());
        assert_eq!(code(standing, "2026-03-13"), None);
        assert_eq!(code(standing, "2026-03-12").as_deref(), Some("agreement.withdrawal_running"));
        let unsigned = Standing { signed: false, ..standing };
        assert_eq!(code(unsigned, "2026-03-13").as_deref(), Some("agreement.not_signed"));
        assert_eq!(code(Standing { overridden: true, ..unsigned }, "2026-03-01"), None);
    }

    #[test]
    fn only_what_was_sent_is_signed() {
        assert_eq!(moved(State::Sent, Step::Sign).unwrap(), State::Signed);
        let Err(Error::Refused(refused)) = moved(State::Draft, Step::Sign) else { panic!("a draft was signed") };
        assert_eq!(refused.possible, ["send", "void"]);
        assert!(Step::ALL.into_iter().all(|step| moved(State::Void, step).is_err()));
    }
}
