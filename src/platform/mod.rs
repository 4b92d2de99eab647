//! What every feature stands on. It knows no feature: reactions and papers reach it as function pointers in `App`.

pub mod access;
pub mod answer;
pub mod app;
pub mod audit;
pub mod blob;
pub mod busy;
pub mod calendar;
pub mod check;
pub mod clock;
pub mod codes;
pub mod contract;
pub mod db;
pub mod error;
pub mod http;
pub mod idempotency;
pub mod money;
pub mod number;
pub mod outbox;
pub mod page;
pub mod permission;
pub mod resource;
pub mod schema;
pub mod scope;
pub mod taught;
pub mod text;
pub mod tx;
