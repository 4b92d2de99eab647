//! Papers: issued once from frozen content, numbered, never changed; replaced only by a new issue.

pub mod api;
mod bytes;
pub mod events;
mod issue;
mod outdate;
mod paper;
mod rules;

pub use bytes::{file_name, presented};
pub use issue::{About, Kind, issue};
pub use outdate::{outdate, outdate_paper};
pub use paper::{DocumentOut, State};
