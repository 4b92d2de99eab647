//! The time spent upstream: what a client needs, whether to go ahead; and what a person needs because of a disability.

mod adaptation;
mod analysis;
pub mod api;
pub mod events;
mod rules;

pub use analysis::{Conclusion, concluded};
