//! What happens in `attendance`.

crate::events! { "attendance";
    /// Opened.
    Opened { slot, session: uuid::Uuid } = "slot_opened",
    /// Recorded.
    Recorded { slot, session: uuid::Uuid } = "recorded",
    /// Closed.
    Closed { slot, session: uuid::Uuid } = "slot_closed",
    /// Reopened.
    Reopened { slot, session: uuid::Uuid } = "slot_reopened",
    /// All closed.
    AllClosed { session } = "all_closed",
}
