//! Enrolments: a trainee in a booking, for all or some half-days.

pub mod events;
mod expected;
mod started;

pub use expected::expected_slots;
pub use started::{mark_completed, mark_started, mark_started_again};
