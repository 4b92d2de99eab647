//! The one integration-test binary: stories told through the public API.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by stopping")]

mod access;
mod activities;
mod agreement;
mod attendance;
mod audit;
mod booking;
mod bundles;
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
mod links;
mod messages;
mod needs;
mod operating;
mod organisation;
mod papers;
mod people;
mod quotes;
mod replacement;
mod seal;
mod sessions;
mod support;
mod trainers;
mod verification;
