//! Needs.

pub mod events;
