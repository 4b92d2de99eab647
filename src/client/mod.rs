//! Clients: who buys, and what people are for them. Funders ship as reference data.

mod actions;
pub mod api;
mod buyer;
mod contact;
pub mod events;
mod funder;
mod party;
mod rules;

pub use buyer::Kind;
pub use contact::{ContactRole, contacts_in_role};
pub use party::{Party, Representative, printed, signatory_contact};
