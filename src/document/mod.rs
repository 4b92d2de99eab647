//! Papers: issued once from frozen content, numbered, never changed; replaced only by a new issue.

pub mod api;
mod attachment;
mod bundle;
mod bytes;
mod code;
pub mod events;
pub mod files_api;
mod issue;
mod outdate;
pub mod page;
mod paper;
mod pictures;
mod replaced;
mod rules;
mod verification;
pub mod wording;

pub use bytes::{FileRole, PaperFile, file, file_name, keep, presented, word};
pub use issue::{About, Issued, Kind, issue, issue_anew, says};
pub use outdate::{current_of, outdate, outdate_paper, revoke_paper};
pub use paper::{DocumentOut, State};
pub use pictures::pictures_of;
pub use replaced::{correct, require_current, require_replaceable};
pub use verification::{Standing, Verification, VerifiedFile, verify};
