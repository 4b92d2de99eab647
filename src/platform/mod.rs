//! What every feature stands on; knows no feature.

pub mod check;
pub mod number;
