//! Offers: lines with a nature, editions, a validity; accepted, a quote may stand for the convention (art. D6353-1 II).

mod actions;
pub mod api;
pub mod events;
mod line;
mod offer;
pub mod paper;
mod rules;

pub use actions::accept_row;
pub use line::{Nature, lines, training_total};
pub use rules::QuoteState;
