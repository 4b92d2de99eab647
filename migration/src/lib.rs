//! The history of the schema, forward only.
//!
//! This crate never imports `entity`: history must not move when a column does.

pub use sea_orm_migration;
use sea_orm_migration::prelude::*;

mod cooperative;
mod m20261123_000001_foundations;
mod m20261126_000001_links;
mod m20261126_000010_verification;
mod m20261126_000020_papers;
mod m20261126_000030_identity;
mod m20261126_000040_attendance;
mod m20261126_000050_signing;
mod m20261126_000060_signatures;
mod m20261127_000061_day_links;
mod m20261128_000010_write_probe;
mod m20261128_000030_mails;
mod m20261128_000050_upkeep;
mod m20261128_000070_key_ends;
mod m20261128_000080_sign_in;
mod papers;
mod people;
mod proofs;
mod reference;
mod sessions;
pub mod table;

/// Every migration, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_foundations::Migration),
            Box::new(m20261126_000001_links::Migration),
            Box::new(m20261126_000010_verification::Migration),
            Box::new(m20261126_000020_papers::Migration),
            Box::new(m20261126_000030_identity::Migration),
            Box::new(m20261126_000040_attendance::Migration),
            Box::new(m20261126_000050_signing::Migration),
            Box::new(m20261126_000060_signatures::Migration),
            Box::new(m20261127_000061_day_links::Migration),
            Box::new(m20261128_000010_write_probe::Migration),
            Box::new(m20261128_000030_mails::Migration),
            Box::new(m20261128_000050_upkeep::Migration),
            Box::new(m20261128_000070_key_ends::Migration),
            Box::new(m20261128_000080_sign_in::Migration),
        ]
    }
}
