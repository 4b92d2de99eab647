//! Sign-in of staff by OpenID Connect: the authorization code with PKCE, at any provider. Whoever signs in receives a key
//! for some hours, narrowed to what their role may do; the API itself knows keys alone.
//!
//! The token's signature is checked by ring, which the program's TLS and seal use already; no shared secret and no unsigned
//! token meets code that could accept it.

mod attempt;
mod claims;
mod enter;
mod identity;
mod key;
mod leave;
mod pages;
mod provider;
mod refusal;
mod token;

pub mod api;
pub mod events;

pub use pages::{DOCUMENTATION, SCRIPT, SignIn, pages};
