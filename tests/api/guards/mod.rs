//! What must stay true of the whole, whatever features come: each guard reads the house itself and names the offender.

mod architecture;
mod asvs;
mod contract;
mod disk;
mod input;
mod permissions;
mod proxy;
pub mod published;
mod schema;
mod scope;
mod snapshot;
mod story;
