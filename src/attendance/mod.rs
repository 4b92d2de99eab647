//! Attendance: who was expected, who was there, how it is proved, when the half-day closed.
//!
//! A half-day is recorded once it has begun, closed once it is over, and frozen then. One function counts, [`attended`]:
//! sheet, certificate and funding file all read it.

mod amend;
pub mod api;
mod apply;
pub mod assiduity;
mod attended;
pub mod certificate;
mod chain;
mod close;
mod connection_log;
mod connections;
mod correction;
mod daily;
mod distance;
mod distance_api;
pub mod distance_record;
pub mod events;
mod evidence;
mod evidence_paper;
mod issue;
mod late;
mod live;
mod log_names;
mod mark;
mod marks_api;
mod matrix;
mod picture;
mod proofs;
pub mod proofs_api;
mod record;
mod retention;
mod roll;
mod rules;
pub mod sheet;
mod sheet_layout;
mod sheet_told;
mod signals;
pub mod signature_evidence;
mod signing;
mod signing_api;
mod times;
mod walk_in;
mod watch;
mod words;

pub use amend::amend_slot;
pub use attended::{Attended, attended, attended_by};
pub use close::{CloseSlot, Departure, all_closed, close_slot, enrolments_on};
pub use correction::{NameCorrectionOut, NewNameCorrection, ask_correction};
pub use issue::{
    IssuedPapers, NewSheet, Sheet, Skipped, Without, about, about_trainee, current, issue_certificate,
    issue_closed_sheet,
};
pub use late::{Decision, LateMarkOut, decide_late, late_marks};
pub use live::{Live, LiveTrainee, LiveTrainer, live};
pub use mark::{EvidenceOut, MarkEvidence, MarkRow, evidence_of};
pub use picture::keep_picture;
pub use proofs::{NewConnection, NewDistanceRecord, issue_assiduity, issue_distance_record, issue_signature_evidence};
pub use record::NewException;
pub use retention::forget_networks;
pub use roll::{Trainee, trainees};
pub use signals::Signal;
pub use signing::{Outcome, Signed, Signing, Who, name_of_trainee, open, short_name, sign, state_late};
pub use times::{NewTimes, note_times};
pub use walk_in::{NewWalkIn, WalkInOut, add_walk_in, walk_ins};
pub use watch::{WATCHED_AT_ONCE, Watches, watch};
pub use words::{
    LateKind, LateState, Means, Presence, Proof, SheetState, SignalKind, SigningAct, Statement, WalkInState,
};
