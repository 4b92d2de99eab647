//! Signatures of papers: somebody is asked to sign what is put before them, shows by a code sent to their address that
//! they are who they say, and signs; what proves it is kept and never changes.
//!
//! A request belongs to one paper and one signatory. When all the parties that a kind of paper needs have signed, on
//! line or on paper and in whichever order, the paper is complete: the agreement is signed, the quote accepted, and the
//! signed file made, which carries the file that was presented. The level is *simple* (eIDAS), and said so.

pub mod api;
mod batch;
mod code;
mod complete;
pub mod events;
mod evidence;
mod file;
mod name;
mod out;
pub mod page;
mod picture;
mod request;
mod retention;
mod rules;
mod sign;
mod sweep;

pub use code::{CODE_MARK, awaits_code, fulfil_code, wanted_code};
pub use evidence::{LEVEL, checks, digest_of};
pub use file::make_signed_file;
pub use name::{described, title_of};
pub use request::{cancel_for, pending};
pub use retention::forget_networks;
pub use rules::{CODE_LIFE, Party, State};
pub use sweep::sweep;
