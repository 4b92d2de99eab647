//! What happens in `message`.

crate::events! { "message";
    /// Planned.
    Planned { session } = "reminders_planned",
    /// Written.
    Written { message } = "written",
    /// Sent.
    Sent { message } = "sent",
    /// Failed.
    Failed { message } = "failed",
    /// Cancelled.
    Cancelled { message } = "cancelled",
}
