//! Who did what, when, as people read it; and the worker's jobs.

pub mod api;
mod entry;
pub mod events;
pub mod job;
mod noted;
mod readers;
