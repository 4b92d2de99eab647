//! What happens in `booking`.

crate::events! { "booking";
    /// Drafted.
    Drafted { booking } = "drafted",
    /// What was written of it changed; whether its terms did is told apart.
    Edited { booking } = "edited",
    /// Something changed that neither the approval nor the agreement holds: a notice is enough.
    Changed { booking } = "changed",
    /// Price, duration, period, objectives, distance share or a named trainer changed.
    MateriallyChanged { booking } = "materially_changed",
    /// Offered to the client.
    Proposed { booking } = "proposed",
    /// Agreed by both sides.
    Agreed { booking } = "agreed",
    /// The client said no.
    Declined { booking } = "declined",
    /// Called off.
    Cancelled { booking } = "cancelled",
    /// A draft that nothing used is gone.
    Deleted { booking } = "deleted",
    /// The cooperative lets an unaccredited trainer teach, with a reason.
    AccreditationOverridden { booking } = "accreditation_overridden",
    /// The cooperative lets the training begin before its agreement allows, with a reason.
    StartOverridden { booking } = "start_overridden",
    /// Approval requested.
    ApprovalRequested { booking, approval: uuid::Uuid } = "approval_requested",
    /// Approval accepted.
    ApprovalAccepted { booking, approval: uuid::Uuid } = "approval_accepted",
    /// Approval returned.
    ApprovalReturned { booking, approval: uuid::Uuid } = "approval_returned",
    /// Approval voided: the terms that it was about have changed.
    ApprovalVoided { booking, approval: uuid::Uuid } = "approval_voided",
}
