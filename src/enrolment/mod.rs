//! Enrolments: a trainee in a booking, for all or some half-days.

mod actions;
pub mod api;
pub mod events;
mod expected;
mod funded;
mod input;
mod out;
mod pack;
mod rules;
mod started;
mod steps;

pub use actions::invite;
pub use api::read;
pub use expected::expected_slots;
pub use input::{Channel, NewTrainee, State, Status};
pub use out::{EnrolmentOut, InformationPack};
pub use pack::Pieces;
pub use rules::Step;
pub use started::{mark_completed, mark_started, mark_started_again};
pub use steps::begin;
