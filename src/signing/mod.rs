//! How people sign a half-day: the pages of trainees and trainers, the code shown in the room, tickets, personal links.
//!
//! A trainee signs by their personal link, by the code of the room (scanned or typed, exchanged for a ticket), on the
//! trainer's device passed round, or on paper. The pages work without script (typed name) and, once opened, without
//! network. What is signed is judged and kept by `attendance`.

pub mod api;
mod asked;
mod code;
mod day;
mod dispute;
pub mod events;
mod guest;
mod half;
mod held;
mod notes;
mod pages;
mod room;
mod rules;
mod submission;
mod trainee;

pub use held::{Address, addresses};
pub use pages::{CODE, SIGN, pages};
pub use rules::{Held, may_hold};
