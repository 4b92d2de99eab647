//! Activities: the brands that the cooperative carries, each a tenant of all that follows.

mod actions;
pub mod events;

pub use actions::{NewActivity, NewMember, join, open};
