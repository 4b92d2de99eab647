//! Papers: issued once from frozen content, numbered, never changed; replaced only by a new issue.

pub mod api;
mod bytes;
pub mod events;
mod issue;
mod outdate;
mod paper;
mod pictures;
mod rules;
pub mod wording;

pub use bytes::{file_name, presented};
pub use issue::{About, Kind, issue, says};
pub use outdate::outdate;
pub use paper::{DocumentOut, State};
pub use pictures::pictures_of;
