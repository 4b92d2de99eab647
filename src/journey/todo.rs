//! What is missing for a session: why it matters, who does it, which call does it. Pure, from facts.

mod lines;
mod stages;

use chrono::NaiveDate;
use poem_openapi::Object;
use uuid::Uuid;

use self::{
    lines::Line,
    stages::{amendment, days, funding, mails, papers, plan, sale, trainees, waits},
};
use crate::{message::Unsent, words};

words! {
    /// Who has to act.
    pub enum Who {
        /// The trainer.
        Trainer = "trainer",
        /// The cooperative's training office.
        Cooperative = "cooperative",
        /// The client.
        Client = "client",
        /// The funder.
        Funder = "funder",
    }
}

/// Something that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
pub struct Todo {
    /// A stable code for programs.
    pub code: String,
    /// What is missing, in French.
    pub what: String,
    /// Why it matters: the article or the indicator.
    pub why: String,
    /// Who acts.
    pub who: Who,
    /// The HTTP method of the call that does it.
    pub method: String,
    /// The path of the call that does it.
    pub path: String,
    /// The day by which it should be done, when there is one.
    pub due_on: Option<NaiveDate>,
    /// Whether the next step is refused without it.
    pub blocking: bool,
}

/// What is known of a session when its list is made.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The session.
    pub session: Uuid,
    /// Its state.
    pub state: String,
    /// Whether another training body entrusts it, sells it and certifies it: only the hours are ours.
    pub received: bool,
    /// The present day.
    pub today: NaiveDate,
    /// Days before the first one by which trainees are convoked.
    pub convocation_days: i64,
    /// Whether the cooperative approves before anything is agreed.
    pub approval_required: bool,
    /// Minutes of the programme.
    pub programme_minutes: i32,
    /// Its half-days, in order.
    pub slots: Vec<SlotFacts>,
    /// What is sold of it.
    pub bookings: Vec<BookingFacts>,
    /// Whether trainees were convoked.
    pub convoked: bool,
    /// Trainers without an accreditation on the first day, by name.
    pub not_accredited: Vec<(String, Uuid)>,
    /// Mails that matter and did not leave.
    pub unsent: Vec<Unsent>,
    /// What waits for a decision: the row, and the person or the paper by name.
    pub waits: Vec<(Wait, Uuid, String)>,
}

/// What somebody said, signed or changed, and nobody has decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A late signature.
    LateMark,
    /// A presence that a trainee states after the time of late signatures.
    LateStatement,
    /// A presence that the trainer states without a signature.
    Statement,
    /// Somebody who was added on the spot.
    WalkIn,
    /// A name that is said to be badly written.
    NameCorrection,
    /// An attendance sheet that is outdated.
    Sheet,
}

/// A half-day.
#[derive(Debug, Clone, Default)]
pub struct SlotFacts {
    /// The half-day.
    pub id: Uuid,
    /// Its day.
    pub day: NaiveDate,
    /// Minutes of training.
    pub minutes: i32,
    /// Whether somebody teaches it.
    pub has_trainer: bool,
    /// Whether it has ended.
    pub over: bool,
    /// Whether its attendance is closed.
    pub closed: bool,
}

/// What is sold to a buyer.
#[derive(Debug, Clone, Default)]
pub struct BookingFacts {
    /// The booking.
    pub id: Uuid,
    /// Its reference.
    pub reference: String,
    /// Its state.
    pub state: String,
    /// The state of its latest approval.
    pub approval: Option<String>,
    /// Whether the cooperative lets trainers without accreditation pass.
    pub accreditation_overridden: bool,
    /// Whether its client pays on orders, and no order is named yet.
    pub order_missing: bool,
    /// Its latest agreement and the agreement's state.
    pub agreement: Option<(Uuid, String)>,
    /// Its proposed amendment, and whether its paper was sent.
    pub amendment: Option<(Uuid, bool)>,
    /// Signatures of its agreement that are asked for on line: the request and whom it waits for.
    pub awaited: Vec<(Uuid, String)>,
    /// Enrolled or invited trainees.
    pub trainees: Vec<TraineeFacts>,
    /// Its funding files: identifier, state, day of filing, deadline of pieces.
    pub funding: Vec<FundingFacts>,
}

/// A trainee.
#[derive(Debug, Clone, Default)]
pub struct TraineeFacts {
    /// Its state.
    pub state: String,
    /// Whether the L6353-8 information was made available.
    pub informed: bool,
    /// Whether the results of the objectives are known.
    pub evaluated: bool,
    /// Whether a current certificate exists.
    pub certified: bool,
    /// Whether a current attestation exists.
    pub attested: bool,
    /// Whether a convocation of theirs stands.
    pub convoked: bool,
    /// Minutes attended.
    pub attended: i32,
}

/// A funding file.
#[derive(Debug, Clone, Default)]
pub struct FundingFacts {
    /// The file.
    pub id: Uuid,
    /// Its state.
    pub state: String,
    /// The funder.
    pub funder: String,
    /// The last day to send its pieces.
    pub pieces_deadline: Option<NaiveDate>,
    /// Whether its pieces went.
    pub pieces_sent: bool,
}

/// A list that is being made.
struct List(Vec<Todo>);

impl List {
    fn add(&mut self, line: &Line, what: impl Into<String>, path: impl Into<String>, due_on: Option<NaiveDate>) {
        self.0.push(Todo {
            code: line.code.to_owned(),
            what: what.into(),
            why: line.why.to_owned(),
            who: line.who,
            method: line.method.to_owned(),
            path: path.into(),
            due_on,
            blocking: line.blocking,
        });
    }
}

/// « 1 stagiaire », « 2 stagiaires ».
fn counted(count: usize, noun: &str) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("{count}\u{a0}{noun}{plural}")
}

/// What is missing, most pressing first.
pub fn todo(facts: &Facts) -> Vec<Todo> {
    let mut list = List(vec![]);
    let stopped = facts.state == "cancelled";
    if facts.state == "closed" || (stopped && facts.slots.is_empty()) {
        return list.0;
    }
    let first_day = facts.slots.first().map(|slot| slot.day);
    if !stopped {
        plan(facts, first_day, &mut list);
    }
    for booking in facts.bookings.iter().filter(|booking| !matches!(booking.state.as_str(), "cancelled" | "declined")) {
        if !stopped {
            sale(facts, booking, first_day, &mut list);
            amendment(booking, first_day, &mut list);
            trainees(facts, booking, first_day, &mut list);
        }
        // What took place before a session was stopped is certified and paid.
        papers(facts, booking, &mut list);
        funding(facts, booking, first_day, &mut list);
    }
    days(facts, &mut list);
    waits(facts, &mut list);
    mails(facts, &mut list);
    list.0.sort_by_key(|todo| (!todo.blocking, todo.due_on.unwrap_or(NaiveDate::MAX)));
    list.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            state: "planned".into(),
            today: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(),
            convocation_days: 15,
            programme_minutes: 210,
            slots: vec![SlotFacts {
                day: NaiveDate::from_ymd_opt(2026, 4, 1).unwrap(),
                minutes: 210,
                has_trainer: true,
                ..SlotFacts::default()
            }],
            ..Facts::default()
        }
    }

    fn codes(facts: &Facts) -> Vec<String> {
        todo(facts).into_iter().map(|todo| todo.code).collect()
    }

    #[test]
    fn a_session_without_buyer_asks_for_one() {
        assert_eq!(codes(&facts()), ["session.no_booking"]);
    }

    #[test]
    fn a_session_that_another_body_sells_asks_for_no_buyer() {
        assert!(todo(&Facts { received: true, ..facts() }).is_empty());
    }

    #[test]
    fn nothing_is_asked_of_a_cancelled_session() {
        assert!(todo(&Facts { state: "cancelled".into(), ..facts() }).is_empty());
    }

    #[test]
    fn an_amendment_is_sent_then_signed() {
        let with = |sent| {
            let booking = BookingFacts {
                amendment: Some((Uuid::nil(), sent)),
                state: "agreed".into(),
                ..BookingFacts::default()
            };
            codes(&Facts { bookings: vec![booking], ..facts() })
        };
        assert!(with(false).contains(&"amendment.unsent".to_owned()));
        assert!(with(true).contains(&"amendment.unsigned".to_owned()));
    }

    #[test]
    fn what_waits_for_a_decision_is_told_by_name() {
        let waits = vec![
            (Wait::LateMark, Uuid::from_u128(1), "Zoé Lefèvre".into()),
            (Wait::Statement, Uuid::from_u128(2), "Paul Moreau".into()),
        ];
        let list = todo(&Facts { waits, received: true, ..facts() });
        assert!(list[0].what.contains("Zoé Lefèvre") && list[0].path.contains("/v1/late-marks/"), "{list:?}");
        assert_eq!((list[1].code.as_str(), list[1].who), ("attendance.unconfirmed", Who::Cooperative));
    }

    #[test]
    fn a_mail_that_did_not_leave_is_told_with_its_subject_until_it_is_too_late_to_matter() {
        let unsent = |too_late| Unsent {
            message: Uuid::from_u128(7),
            name: "Zoé Lefèvre".into(),
            subject: "Clairière – votre convocation".into(),
            too_late,
        };
        let told = |too_late, over| {
            let mut facts = Facts { unsent: vec![unsent(too_late)], received: true, ..facts() };
            facts.slots[0].over = over;
            facts.slots[0].closed = over;
            let list = todo(&facts);
            list.into_iter().find(|one| one.code.starts_with("message.")).map(|one| (one.code, one.what))
        };
        let (code, what) = told(false, false).unwrap();
        assert!(
            code == "message.failed" && what.contains("Zoé Lefèvre") && what.contains("votre convocation"),
            "{what}"
        );
        assert_eq!(told(true, false).unwrap().0, "message.too_late");
        assert!(told(false, true).is_some() && told(true, true).is_none(), "nobody is told of a day gone by");
    }

    #[test]
    fn numbers_agree_with_their_noun() {
        assert_eq!([1, 2].map(|count| counted(count, "stagiaire")), ["1\u{a0}stagiaire", "2\u{a0}stagiaires"]);
    }

    #[test]
    fn what_blocks_comes_first_and_convocations_are_due_fifteen_days_before() {
        let booking = BookingFacts {
            state: "agreed".into(),
            agreement: Some((Uuid::nil(), "signed".into())),
            trainees: vec![TraineeFacts { state: "enrolled".into(), informed: true, ..TraineeFacts::default() }],
            funding: vec![FundingFacts {
                state: "draft".into(),
                funder: "Uniformation".into(),
                ..FundingFacts::default()
            }],
            ..BookingFacts::default()
        };
        let list = todo(&Facts { bookings: vec![booking], ..facts() });
        assert_eq!(list[0].code, "funding.not_filed");
        assert_eq!(list[1].code, "session.not_convoked");
        assert_eq!(list[1].due_on, NaiveDate::from_ymd_opt(2026, 3, 17));
    }
}
