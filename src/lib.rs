//! Clairière: the back office of a training activity carried by a worker cooperative.

pub mod access;
pub mod activity;
pub mod api;
pub mod client;
pub mod config;
pub mod events;
pub mod mail;
pub mod people;
pub mod platform;
pub mod reactions;
pub mod start;
