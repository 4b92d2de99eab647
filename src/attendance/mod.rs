//! Attendance: who was expected, who was there, how it is proved, when the half-day closed.
//!
//! A half-day is recorded once it has begun, closed once it is over, and frozen then. One function counts, [`attended`]:
//! sheet, certificate and funding file all read it.

pub mod api;
pub mod assiduity;
mod attended;
pub mod certificate;
mod close;
mod daily;
pub mod distance_record;
pub mod events;
mod issue;
mod matrix;
mod proofs;
pub mod proofs_api;
mod record;
mod roll;
mod rules;
pub mod sheet;
pub mod signature_evidence;
mod words;

pub use attended::{Attended, attended, attended_by};
pub use close::{all_closed, enrolments_on};
pub use issue::{IssuedPapers, NewSheet, Skipped, Without, about, current, issue_certificate, issue_sheet};
pub use proofs::{NewConnection, NewDistanceRecord, issue_assiduity, issue_distance_record, issue_signature_evidence};
pub use roll::{Trainee, trainees};
pub use words::{Presence, Proof, SheetState};
