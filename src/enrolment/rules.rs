//! The life of an enrolment.

use super::input::State;
use crate::{
    platform::error::{Error, Result},
    words,
};

words! {
    /// What may happen to an enrolment.
    pub enum Step {
        /// Invited → enrolled, once informed.
        Enrol = "enrol",
        /// Enrolled → started.
        Start = "start",
        /// Started → completed.
        Complete = "complete",
        /// Enrolled or started → abandoned.
        Abandon = "abandon",
        /// Invited or enrolled → no show.
        NoShow = "no-show",
        /// Invited or enrolled → replaced.
        Replace = "replace",
    }
}

/// Where a step leads.
pub fn step(state: State, step: Step) -> Result<State> {
    match (state, step) {
        (State::Invited, Step::Enrol) => Ok(State::Enrolled),
        (State::Enrolled, Step::Start) => Ok(State::Started),
        (State::Started, Step::Complete) => Ok(State::Completed),
        (State::Invited | State::Enrolled | State::Started, Step::Abandon) => Ok(State::Abandoned),
        (State::Invited | State::Enrolled, Step::NoShow) => Ok(State::NoShow),
        (State::Invited | State::Enrolled, Step::Replace) => Ok(State::Replaced),
        (from, no) => {
            let possible: &[&str] = match from {
                State::Invited => &["enrol", "abandon", "no-show", "replace"],
                State::Enrolled => &["start", "abandon", "no-show", "replace"],
                State::Started => &["complete", "abandon"],
                State::Completed | State::Abandoned | State::NoShow | State::Replaced => &[],
            };
            Err(Error::no_move("enrolment.no_move", from.name(), no.name(), possible))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enrolment_goes_from_the_invitation_to_the_end() {
        let to_the_end = [Step::Enrol, Step::Start, Step::Complete];
        let end = to_the_end.into_iter().try_fold(State::Invited, step);
        assert_eq!(end.unwrap(), State::Completed);
    }

    #[test]
    fn what_has_ended_moves_no_more() {
        for state in [State::Completed, State::Abandoned, State::NoShow, State::Replaced] {
            for one in Step::ALL {
                let Err(Error::Refused(refused)) = step(state, *one) else { panic!("{state:?} moved") };
                assert!(refused.possible.is_empty());
            }
        }
    }

    #[test]
    fn somebody_who_has_started_is_not_replaced() {
        let Err(Error::Refused(refused)) = step(State::Started, Step::Replace) else { panic!() };
        assert_eq!(refused.possible, ["complete", "abandon"]);
    }
}
