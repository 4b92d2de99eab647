//! The journey: calls that span features, and what a session still lacks.

pub mod api;
mod facts;
mod todo;

pub use todo::{Todo, Who};
