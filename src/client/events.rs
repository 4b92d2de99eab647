//! What happens to clients.

crate::events! { "client";
    /// A client is known.
    Created { client } = "created",
    /// What is known of it changed.
    Changed { client } = "changed",
    /// Forgotten: nothing referred to it.
    Deleted { client } = "deleted",
}
