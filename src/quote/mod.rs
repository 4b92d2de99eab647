//! Quote.

pub mod events;
