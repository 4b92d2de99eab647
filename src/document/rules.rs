//! The states of a paper.

use super::paper::State;
use crate::platform::error::{Error, Result};

/// What may be done to a paper that was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Take it back.
    Revoke,
    /// Issue another one in its place.
    Replace,
}

/// The state after a step; a paper that was replaced or revoked stays as it is for ever.
pub fn next(from: State, step: Step) -> Result<State> {
    match (from, step) {
        (State::Current | State::Outdated, Step::Revoke) => Ok(State::Revoked),
        (State::Current | State::Outdated, Step::Replace) => Ok(State::Replaced),
        (State::Replaced | State::Revoked, Step::Revoke) => {
            Err(Error::no_move("document.state", from.name(), "revoke", &[]))
        }
        (State::Replaced | State::Revoked, Step::Replace) => {
            Err(Error::no_move("document.state", from.name(), "replace", &[]))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_paper_that_stands_can_be_taken_back() {
        assert_eq!(next(State::Current, Step::Revoke).unwrap(), State::Revoked);
        assert_eq!(next(State::Outdated, Step::Revoke).unwrap(), State::Revoked);
        for gone in [State::Replaced, State::Revoked] {
            assert_eq!(next(gone, Step::Revoke).unwrap_err().code(), "document.state");
            assert_eq!(next(gone, Step::Replace).unwrap_err().code(), "document.state");
        }
    }
}
