//! What every feature stands on; knows no feature.

pub mod calendar;
pub mod check;
pub mod money;
pub mod number;
pub mod text;
