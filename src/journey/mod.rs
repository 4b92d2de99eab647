//! The journey: calls that span features, and what a session still lacks.

pub mod api;
mod convoke;
mod facts;
mod papers;
mod replace;
pub mod replace_api;
pub mod start;
mod todo;
mod training;
mod waits;

pub use convoke::convoke;
pub use todo::{Todo, Who};
