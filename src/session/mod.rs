//! Sessions: the dated action, its half-days, who teaches them.

pub mod events;
mod progress;
mod slots;
mod venue;

pub use progress::{mark_completed, mark_held, mark_not_held, mark_running, mark_running_again};
pub use slots::{minutes_of, slots_of_session};
pub use venue::place_in_words;
