//! Message.

pub mod events;
