//! The catalogue: programmes, written as a draft, published as versions that never change.

mod actions;
pub mod api;
mod content;
pub mod events;
mod items;
pub mod paper;
mod programme;
mod version;

pub use content::{Certification, Content, DistanceAssistance, Means, Modality, Module, Objective};
pub use version::{content, current_version};
