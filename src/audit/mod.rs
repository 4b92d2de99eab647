//! Who did what, when, as people read it; and the worker's jobs.

pub mod api;
mod entry;
mod job;
