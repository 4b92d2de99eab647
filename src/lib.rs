//! Clairière: the back office of a training activity carried by a worker cooperative.

pub mod access;
pub mod activity;
pub mod agreement;
pub mod api;
pub mod attendance;
pub mod booking;
pub mod catalogue;
pub mod client;
pub mod config;
pub mod document;
pub mod enrolment;
pub mod evaluation;
pub mod events;
pub mod file;
pub mod funding;
pub mod mail;
pub mod message;
pub mod needs;
pub mod organisation;
pub mod pdf;
pub mod people;
pub mod platform;
pub mod quote;
pub mod reactions;
pub mod session;
pub mod start;
