//! Evaluation: what each trainee could do before and after, objective by objective; how satisfied they are.

pub mod api;
pub mod attestation;
pub mod events;
mod issue;
mod objectives;
mod results;
mod satisfaction;

pub use issue::{Attestations, issue_attestation};
pub use results::Level;
