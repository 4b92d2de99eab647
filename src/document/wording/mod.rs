//! The texts that staff add to papers: introductions, clauses, closing words; with variables, checked when they are
//! saved, frozen with the paper when it is issued.

pub mod api;
pub mod events;
mod freeze;
mod place;
mod template;
mod text;
mod variables;

pub use freeze::{Drafts, freeze};
pub use place::Place;
pub use variables::{Variable, of as variables_of};
