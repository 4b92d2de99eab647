//! Agreement.

pub mod events;
