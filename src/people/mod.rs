//! People: one human is one row in an activity. Contacts, trainees and trainers point at it.

pub mod api;
pub mod events;
mod person;

pub use person::{NewPerson, Person, PersonOut, name_of, printed_name};
