//! Clients: who buys, and what people are for them.

pub mod events;
