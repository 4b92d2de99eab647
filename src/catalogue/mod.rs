//! Catalogue.

pub mod events;
