//! The cooperative: its legal facts by dates, who signs for it, the texts that it publishes.

mod issuer;
pub mod events;

pub use issuer::{Issuer, Signatory, issuer, signatory_for};
