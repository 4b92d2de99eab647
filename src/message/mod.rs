//! Mails: what is said to whom because of what happened, and what is planned from a session's dates.
//!
//! A reaction queues one job a cause ([`Cause`]); the worker writes one message a person ([`write()`]), then sends each
//! ([`send`]). Reminders are derived: [`replan`] compares what the facts ask for with what is planned.

pub mod api;
mod compose;
mod concerned;
pub mod events;
mod key_ending;
mod letter;
mod out;
mod received;
mod reminders;
mod rules;
mod send;
mod texts;
mod unsent;
mod write;

pub use key_ending::tell_key_ending;
pub use letter::Cause;
pub use received::received;
pub use reminders::{awaits_convocation, replan, ring, session_of_cause};
pub use send::{fail, ready_again, send};
pub use texts::Text;
pub use unsent::{Unsent, unsent};
pub use write::{Job, write};
