//! Papers: issued once from frozen content, numbered, never changed; replaced only by a new issue.

pub mod events;
mod issue;

pub use issue::{About, Kind, issue};
