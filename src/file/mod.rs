//! File.

pub mod events;
