//! Enrolments: a trainee in a booking, for all or some half-days.

pub mod events;
mod expected;

pub use expected::expected_slots;
