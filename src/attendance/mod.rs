//! Attendance: who was expected, who was there, how it is proved, when the half-day closed.

mod attended;
pub mod events;

pub use attended::{Attended, attended};
