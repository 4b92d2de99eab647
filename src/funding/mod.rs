//! Funding: the files by which funders pay for the training of the trainees that they cover.
//!
//! A booking may have several; together they never ask for more than its price. The pieces are read from what the system
//! holds; hours come from the one function that counts them.

mod actions;
pub mod api;
mod dossier;
pub mod events;
mod moves;
mod pieces;
mod rules;
mod words;

pub use dossier::{CoveredTrainee, FundingFileOut, NewFundingFile};
pub use pieces::{PieceOut, of_file as pieces_of};
pub use words::{PieceKind, PieceState, Stage, State};
