//! Papers: issued once from frozen content, numbered, never changed; replaced only by a new issue.

pub mod api;
mod bytes;
mod code;
pub mod events;
mod issue;
mod outdate;
pub mod page;
mod paper;
mod rules;
mod verification;

pub use bytes::{FileRole, PaperFile, file, file_name, keep, presented, word};
pub use issue::{About, Kind, issue};
pub use outdate::{outdate, outdate_paper, revoke_paper};
pub use paper::{DocumentOut, State};
pub use verification::{Standing, Verification, VerifiedFile, verify};
