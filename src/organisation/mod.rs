//! The cooperative: its legal facts by dates, who signs for it, the texts that it publishes.

pub mod events;
mod issuer;

pub use issuer::{Issuer, Signatory, issuer, signatory_for};
