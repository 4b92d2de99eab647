//! The one integration-test binary: stories told through the public API.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by stopping")]

mod attendance;
mod edge;
mod evaluation;
mod funding;
mod guards;
mod operating;
mod organisation;
mod people;
mod support;
