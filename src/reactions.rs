//! What must happen because of what happened: one match, no `_`, and the only writer of the outbox.

use crate::{events::Event, platform::outbox::Due};

/// The jobs that an event asks for.
pub fn of(event: &Event) -> Vec<Due> {
    match event {
        Event::User(_) => vec![],
        Event::Activity(_) => vec![],
        Event::Person(_) => vec![],
        Event::Client(_) => vec![],
    }
}
