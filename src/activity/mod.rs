//! Activities: the brands that the cooperative carries, each a tenant of all that follows.

mod actions;
pub mod api;
mod brand;
pub mod events;
mod letterhead;
mod member;

pub use actions::{NewActivity, NewMember, join, open, still_sells};
