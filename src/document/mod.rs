//! Papers: issued once from frozen content, numbered, never changed; replaced only by a new issue.

pub mod events;
mod issue;
mod outdate;
mod paper;

pub use issue::{About, Kind, issue};
pub use outdate::outdate;
pub use paper::{DocumentOut, State};
