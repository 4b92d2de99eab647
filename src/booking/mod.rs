//! Booking.

pub mod events;
