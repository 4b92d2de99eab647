//! Funding.

pub mod events;
