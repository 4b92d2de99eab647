//! Sessions: the dated action, its half-days, who teaches them.

pub mod api;
pub mod booklet;
mod change;
mod contacts;
pub mod convocation;
mod diary;
mod distance;
pub mod events;
mod handouts;
pub mod handouts_api;
pub mod house_rules;
mod input;
mod out;
mod place;
mod plan;
mod progress;
mod proved;
mod rules;
mod slots;
pub mod slots_api;
mod steps;
pub mod teaching;
mod venue;

pub use diary::require_free;
pub use distance::{Distance, distance};
pub use handouts::issue_handouts;
pub use input::{
    Format, Half, Modality, NewSession, NewSessionTerms, NewSlot, ReceivedFrom, SessionKind, SlotState, State,
};
pub use out::{SessionOut, SlotOut, SlotTrainer, Warning};
pub use place::{Place, Whose, place_lines};
pub use plan::{insert as plan, read};
pub use progress::{mark_completed, mark_convoked, mark_held, mark_not_held, mark_running, mark_running_again};
pub use proved::proved;
pub use rules::{Span, Step, plan_is_open};
pub use slots::{
    day_lines, distance_rate, hours, is_distance, links, minutes_of, period, place_lines_of, places, planned_minutes,
    slots_of_session, trainers_of,
};
pub use steps::{LIVE, advance, heads};
pub use venue::{Venue, place_in_words, venue};
