//! Sessions: the dated action, its half-days, who teaches them.

pub mod events;
mod slots;

pub use slots::{minutes_of, slots_of_session};
