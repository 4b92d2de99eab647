//! x
pub mod pdf;
