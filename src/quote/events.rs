//! What happens in `quote`.

crate::events! { "quote";
    /// Created.
    Created { quote } = "created",
    /// Changed.
    Changed { quote } = "changed",
    /// Sent.
    Sent { quote, document: uuid::Uuid } = "sent",
    /// Accepted.
    Accepted { quote } = "accepted",
    /// Declined.
    Declined { quote } = "declined",
    /// Replaced.
    Replaced { quote, by: uuid::Uuid } = "replaced",
    /// Deleted.
    Deleted { quote } = "deleted",
}
