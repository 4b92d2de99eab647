//! Users and their keys: who may call, and what for.

mod actions;
mod administrators;
pub mod api;
mod ending;
pub mod events;
mod key;
mod me;
mod rules;
mod sign_in;
mod user;

pub use actions::{MadeKey, NewKey, NewUser, create_key, create_user, keys_of, revoke_key};
pub use ending::{Ending, ending, tell_ends};
pub use sign_in::{end_key, take_role, turn};
pub use user::covers_user;
