//! Evaluation.

pub mod events;
