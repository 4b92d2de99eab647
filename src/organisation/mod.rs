//! The cooperative: its legal facts by dates, who signs for it, the texts that it publishes.

pub mod api;
pub mod events;
mod fact;
mod facts;
mod identity;
mod issuer;
mod letterhead;
mod people;
mod printed;
mod settings;
mod standing;
mod text;

pub use identity::{NewBankAccount, NewDeclaration, NewLegalIdentity, NewQualityCertificate, NewVatAttestation};
pub use issuer::{Issuer, Signatory, issuer, signatory_for};
pub use letterhead::{LetterheadOut, NewLetterhead, logo, readable};
pub use people::{NewReferent, NewSignatory, ReferentRole};
pub use printed::{Letterhead, Texts, depicted};
pub use settings::{BpfHeadCount, settings};
pub use standing::{bank_account, certificate_in_force, referent, text_in_force};
pub use text::{NewOrganisationText, TextKind};
