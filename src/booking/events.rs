//! What happens in `booking`.

crate::events! { "booking";
    /// Drafted.
    Drafted { booking } = "drafted",
    /// Changed.
    Changed { booking } = "changed",
    /// Materially changed.
    MateriallyChanged { booking } = "materially_changed",
    /// Proposed.
    Proposed { booking } = "proposed",
    /// Agreed.
    Agreed { booking } = "agreed",
    /// Declined.
    Declined { booking } = "declined",
    /// Cancelled.
    Cancelled { booking } = "cancelled",
    /// Approval requested.
    ApprovalRequested { booking, approval: uuid::Uuid } = "approval_requested",
    /// Approval accepted.
    ApprovalAccepted { booking, approval: uuid::Uuid } = "approval_accepted",
    /// Approval returned.
    ApprovalReturned { booking, approval: uuid::Uuid } = "approval_returned",
    /// Approval voided.
    ApprovalVoided { booking, approval: uuid::Uuid } = "approval_voided",
}
