//! Users and their keys: who may call, and what for.

mod actions;
pub mod api;
pub mod events;
mod key;
mod me;
mod user;

pub use actions::{MadeKey, NewKey, NewUser, create_key, create_user, keys_of, revoke_key};
