//! What happens to quotes.

crate::events! { "quote";
    /// Drafted.
    Created { quote } = "created",
    /// Its draft changed.
    Changed { quote } = "changed",
    /// Sent to the client, as an issued paper.
    Sent { quote, document: uuid::Uuid } = "sent",
    /// The client accepted it.
    Accepted { quote } = "accepted",
    /// The client declined it.
    Declined { quote } = "declined",
    /// A new edition takes its place.
    Replaced { quote, by: uuid::Uuid } = "replaced",
    /// Deleted: it was never sent.
    Deleted { quote } = "deleted",
}
