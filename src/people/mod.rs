//! People: one human is one row in an activity. Contacts, trainees and trainers point at it.

pub mod api;
pub mod events;
mod person;
pub mod trainer;

pub use person::{NewPerson, Person, PersonOut, name_of, printed_name};
pub use trainer::{NewTrainer, TrainerStatus, accredited, trainer_name};
