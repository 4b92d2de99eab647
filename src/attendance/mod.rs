//! Attendance: who was expected, who was there, how it is proved, when the half-day closed.
//!
//! A half-day is recorded once it has begun, closed once it is over, and frozen then. One function counts, [`attended`]:
//! sheet, certificate and funding file all read it.

pub mod api;
mod attended;
pub mod certificate;
mod close;
pub mod events;
mod issue;
mod matrix;
mod record;
mod roll;
mod rules;
pub mod sheet;
mod words;

pub use attended::{Attended, attended, attended_by};
pub use close::{all_closed, enrolments_on};
pub use issue::{IssuedPapers, NewSheet, Skipped, Without, about, current, issue_certificate, issue_sheet};
pub use roll::{Trainee, trainees};
pub use words::{Presence, Proof, SheetState};
