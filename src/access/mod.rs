//! Users and their keys: who may call, and what for.

mod actions;
pub mod events;

pub use actions::{MadeKey, NewKey, NewUser, create_key, create_user, keys_of, revoke_key};
