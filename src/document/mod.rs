//! Papers: issued once from frozen content, numbered, never changed; replaced only by a new issue.

mod issue;
pub mod events;

pub use issue::{About, Kind, issue};
