//! x
pub mod mail;
pub mod platform;
