//! What must happen because of what happened: one match, no `_`, and the only writer of the outbox.

use crate::{events::Event, platform::outbox::Due};

/// The jobs that an event asks for.
pub fn of(event: &Event) -> Vec<Due> {
    match event {
        Event::User(_) => vec![],
        Event::Activity(_) => vec![],
        Event::Person(_) => vec![],
        Event::Trainer(_) => vec![],
        Event::Client(_) => vec![],
        Event::Organisation(_) => vec![],
        Event::File(_) => vec![],
        Event::Document(_) => vec![],
        Event::Catalogue(_) => vec![],
        Event::Needs(_) => vec![],
        Event::Quote(_) => vec![],
        Event::Session(_) => vec![],
        Event::Booking(_) => vec![],
        Event::Enrolment(_) => vec![],
        Event::Agreement(_) => vec![],
        Event::Attendance(_) => vec![],
        Event::Evaluation(_) => vec![],
        Event::Funding(_) => vec![],
        Event::Message(_) => vec![],
    }
}
