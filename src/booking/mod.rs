//! Bookings: what is sold of a session, to whom, and the cooperative's word on it.
//!
//! A booking goes draft → proposed → agreed | declined | cancelled. It is agreed once its agreement is signed by both
//! sides, the trainers are accredited and free and, where the cooperative asks for it, the present terms are approved.

mod accreditation;
mod agree;
pub mod api;
mod approval;
pub mod approvals_api;
#[expect(clippy::module_inception, reason = "a folder's main noun bears its name")]
mod booking;
pub mod events;
mod making;
mod moves;
mod rules;
mod terms;

pub use booking::{BookingOut, NewBooking};
pub use making::{buyer, insert as draft, of_session};
pub use moves::{is_performed, propose_row, require_live};
pub use rules::{Approval, Material, State, material};
pub use terms::{Terms, recheck_terms, terms_changed, terms_of};
