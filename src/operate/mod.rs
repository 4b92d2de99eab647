//! What an operator does: serve, work, migrate, keys, back up, restore, verify.

mod backup;
mod keys;
mod leftovers;
pub mod listen;
mod make;
mod manifest;
mod metrics;
mod restore;
mod serve;
mod verify;

pub use backup::{Taken, backup, backup_of};
pub use keys::{KeyCommand, key};
pub use metrics::{Watched, figures, watch};
pub use restore::{check_backup, restore};
pub use serve::{listen, migrate, serve, start_log, work};
pub use verify::{Report, verify, verify_all};
