//! The one integration-test binary: stories told through the public API.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by stopping")]

mod access;
mod activities;
mod agreement;
mod attendance;
mod audit;
mod bad_input;
mod booking;
mod catalogue;
mod clients;
mod documents;
mod edge;
mod enrolments;
mod evaluation;
mod files;
mod funding;
mod guards;
mod health;
mod journey;
mod links;
mod messages;
mod needs;
mod operating;
mod organisation;
mod pages;
mod papers;
mod people;
mod proofs;
mod quotes;
mod seal;
mod sessions;
mod storage;
mod support;
mod together;
mod trainers;
mod verification;
