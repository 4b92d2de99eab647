//! Files from outside: scans, CVs, règlements. Their type is told by their content, never by their name.

pub mod api;
pub mod events;
mod kind;
mod upload;

pub use kind::saved_name;
