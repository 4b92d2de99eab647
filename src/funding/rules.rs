//! How a file advances, whom a funder covers, how much may be asked. Pure.

use chrono::NaiveDate;

use super::words::{Decision, State};
use crate::{
    enrolment::Status,
    platform::{
        calendar,
        error::{Error, Result},
        money::Cents,
    },
};

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is complete.
    Prepare,
    /// It goes to the funder.
    File,
    /// The funder decided.
    Decide(Decision),
    /// It is given up.
    Withdraw,
    /// The training is over: it is invoiced.
    Invoice,
    /// The money came.
    Pay,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::File => "file",
            Self::Decide(_) => "decide",
            Self::Withdraw => "withdraw",
            Self::Invoice => "invoice",
            Self::Pay => "pay",
        }
    }
}

/// The state after a step.
pub fn advance(state: State, step: Step) -> Result<State> {
    match (state, step) {
        (State::Draft, Step::Prepare) => Ok(State::ToFile),
        (State::Draft | State::ToFile, Step::File) => Ok(State::Filed),
        (State::Filed, Step::Decide(Decision::Approved)) => Ok(State::Approved),
        (State::Filed, Step::Decide(Decision::PartiallyApproved)) => Ok(State::PartiallyApproved),
        (State::Filed, Step::Decide(Decision::Refused)) => Ok(State::Refused),
        (State::Draft | State::ToFile | State::Filed | State::Approved | State::PartiallyApproved, Step::Withdraw) => {
            Ok(State::Withdrawn)
        }
        (State::Approved | State::PartiallyApproved, Step::Invoice) => Ok(State::Invoiced),
        (State::Invoiced, Step::Pay) => Ok(State::Paid),
        (from, no) => Err(Error::no_move("funding.no_move", from.name(), no.name(), possible(from))),
    }
}

fn possible(state: State) -> &'static [&'static str] {
    match state {
        State::Draft => &["prepare", "file", "withdraw"],
        State::ToFile => &["file", "withdraw"],
        State::Filed => &["decide", "withdraw"],
        State::Approved | State::PartiallyApproved => &["invoice", "withdraw"],
        State::Invoiced => &["pay"],
        State::Refused | State::Withdrawn | State::Paid => &[],
    }
}

/// Whether a funder of this kind covers a trainee of this status, or the article that says it does not.
pub fn eligible(funder_kind: &str, status: Status) -> Result<(), &'static str> {
    match (funder_kind, status) {
        // An OPCO funds the training of employees, from their employers' contributions.
        ("opco", Status::Employee) => Ok(()),
        ("opco", Status::SelfEmployed) => Err("art. L6331-48 : les non-salariés relèvent d’un FAF"),
        ("opco", Status::JobSeeker) => Err("art. L6332-17 : les demandeurs d’emploi relèvent de France Travail"),
        ("opco", Status::Volunteer | Status::PublicAgent | Status::Individual | Status::Other) => {
            Err("art. L6332-17 : l’OPCO finance la formation des salariés")
        }
        // A FAF funds those who are not employees, from their own contributions.
        ("faf", Status::SelfEmployed) => Ok(()),
        ("faf", _) => Err("art. L6331-48 : le FAF finance la formation des non-salariés"),
        (_, _) => Ok(()),
    }
}

/// A trainee that a file is to cover.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// First and last name.
    pub name: String,
    /// Employee, volunteer…
    pub status: Status,
}

/// Everybody in the file must be covered by its funder; those who are not are named.
pub fn all_eligible(funder: &str, funder_kind: &str, candidates: &[Candidate]) -> Result<()> {
    let refused: Vec<(&Candidate, &str)> = candidates
        .iter()
        .filter_map(|one| eligible(funder_kind, one.status).err().map(|article| (one, article)))
        .collect();
    let Some((_, article)) = refused.first() else { return Ok(()) };
    let names: Vec<String> = refused.iter().map(|(one, _)| one.name.clone()).collect();
    let who = calendar::and(&names);
    if refused.iter().any(|(one, _)| one.status == Status::Volunteer) {
        return Err(Error::refused(
            "funding.volunteer",
            format!("{who} : un ou une bénévole n’entre pas dans un dossier {funder} ({article})."),
            format!("{who}: a volunteer does not enter a file of {funder}."),
        ));
    }
    Err(Error::refused(
        "funding.not_eligible",
        format!("{who} : statut non pris en charge par {funder} ({article})."),
        format!("{who}: {funder} does not cover this status."),
    ))
}

/// What another live file of the booking holds.
#[derive(Debug, Clone, Copy)]
pub struct Held {
    /// Where it stands.
    pub state: State,
    /// What it asks for.
    pub requested: i64,
    /// What it was granted.
    pub granted: Option<i64>,
}

impl Held {
    /// What it holds of the booking's price: what was granted once it is decided, until then what is asked.
    pub fn amount(self) -> i64 {
        match self.state {
            State::Draft | State::ToFile | State::Filed => self.requested,
            State::Approved | State::PartiallyApproved | State::Invoiced | State::Paid => {
                self.granted.unwrap_or(self.requested)
            }
            State::Refused | State::Withdrawn => 0,
        }
    }
}

/// The live files of a booking never ask for more than its price.
pub fn within_price(price: i64, others: &[Held], asked: i64) -> Result<()> {
    let held: i64 = others.iter().map(|one| one.amount()).sum();
    if held + asked <= price {
        return Ok(());
    }
    let (price, left) = (Cents(price), Cents((price - held).max(0)));
    Err(Error::refused(
        "funding.over_price",
        format!("Demander {} dépasse le prix de la formation ({price}) : il reste {left} à demander.", Cents(asked)),
        format!("Asking {} cents is more than the price: {} cents are left.", asked, left.0),
    ))
}

/// What was granted fits what was decided, and never exceeds what was asked.
pub fn granted(decision: Decision, requested: i64, granted: Option<i64>) -> Result<i64> {
    let fault = |code: &'static str, fr: String, en: &str| Err(Error::invalid("/granted_cents", code, fr, en));
    match (decision, granted) {
        (Decision::Approved, None) => Ok(requested),
        (Decision::Approved, Some(amount)) if amount == requested => Ok(amount),
        (Decision::Approved | Decision::PartiallyApproved, Some(amount)) if amount > requested => fault(
            "funding.over_request",
            format!("Accordé ({}) dépasse demandé ({}).", Cents(amount), Cents(requested)),
            "What is granted is more than what was asked.",
        ),
        (Decision::Approved, Some(_)) => fault(
            "funding.partial",
            format!("Accordé en entier veut dire {} : sinon, dites « partially_approved ».", Cents(requested)),
            "Approved means the whole amount: otherwise, say “partially_approved”.",
        ),
        (Decision::PartiallyApproved, Some(amount)) if amount > 0 && amount < requested => Ok(amount),
        (Decision::PartiallyApproved, _) => fault(
            "funding.partial",
            format!("Un accord partiel donne un montant entre zéro et {}.", Cents(requested)),
            "A partial approval gives an amount between zero and what was asked.",
        ),
        (Decision::Refused, None | Some(0)) => Ok(0),
        (Decision::Refused, Some(_)) => {
            fault("funding.refused_amount", "Un refus n’accorde rien.".into(), "A refusal grants nothing.")
        }
    }
}

/// A file is filed before the training begins, unless the cooperative says otherwise with a reason.
pub fn in_time(filed: NaiveDate, first_day: Option<NaiveDate>, overridden: bool) -> Result<()> {
    match first_day {
        Some(first) if filed >= first && !overridden => Err(Error::refused(
            "funding.filed_late",
            format!(
                "Déposé le {}, alors que la formation commence le {} : la demande précède la formation. La coopérative peut passer outre, avec un motif.",
                calendar::date(filed),
                calendar::date(first)
            ),
            format!("Filed on {filed} while the training begins on {first}: the request comes before the training."),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEPS: [Step; 8] = [
        Step::Prepare,
        Step::File,
        Step::Decide(Decision::Approved),
        Step::Decide(Decision::PartiallyApproved),
        Step::Decide(Decision::Refused),
        Step::Withdraw,
        Step::Invoice,
        Step::Pay,
    ];

    #[test]
    fn the_moves_that_a_refusal_offers_are_those_that_work() {
        for state in State::ALL {
            let mut works: Vec<&str> =
                STEPS.into_iter().filter(|step| advance(*state, *step).is_ok()).map(Step::name).collect();
            works.dedup();
            let mut offered = possible(*state).to_vec();
            works.sort_unstable();
            offered.sort_unstable();
            assert_eq!(works, offered, "{state:?}");
        }
    }

    #[test]
    fn an_opco_covers_employees_and_a_faf_the_self_employed() {
        assert!(eligible("opco", Status::Employee).is_ok());
        assert!(eligible("opco", Status::Volunteer).is_err());
        assert!(eligible("faf", Status::SelfEmployed).is_ok());
        assert!(eligible("faf", Status::Employee).is_err());
    }

    #[test]
    fn volunteers_are_named() {
        let who = |name: &str, status| Candidate { name: name.into(), status };
        let all = [who("Zoé Lefèvre", Status::Employee), who("Ali Ben", Status::Volunteer)];
        let refused = all_eligible("Uniformation", "opco", &all).expect_err("a volunteer is refused");
        assert_eq!(refused.code(), "funding.volunteer");
        assert!(refused.to_string().contains("Ali Ben") && !refused.to_string().contains("Zoé"));
        let public = all_eligible("Uniformation", "opco", &[who("Paul", Status::PublicAgent)]);
        assert_eq!(public.expect_err("refused").code(), "funding.not_eligible");
    }

    #[test]
    fn a_grant_fits_its_decision() {
        assert_eq!(granted(Decision::Approved, 100, None).expect("in full"), 100);
        assert!(granted(Decision::Approved, 100, Some(101)).is_err());
        assert!(granted(Decision::PartiallyApproved, 100, Some(100)).is_err());
        assert!(granted(Decision::PartiallyApproved, 100, None).is_err());
        assert_eq!(granted(Decision::Refused, 100, None).expect("nothing"), 0);
    }

    proptest! {
        #[test]
        fn files_never_hold_more_than_the_price(price in 0..1_000_000_i64, asked in proptest::collection::vec(1..500_000_i64, 1..8)) {
            let mut files: Vec<Held> = vec![];
            for amount in asked {
                if within_price(price, &files, amount).is_ok() {
                    files.push(Held { state: State::Draft, requested: amount, granted: None });
                }
            }
            prop_assert!(files.iter().map(|one| one.amount()).sum::<i64>() <= price);
        }
    }
}
