//! What happens to clients.

crate::events! { "client";
    /// A client is known.
    Created { client } = "created",
    /// What is known of it changed.
    Changed { client } = "changed",
    /// Forgotten: nothing referred to it.
    Deleted { client } = "deleted",
    /// Somebody is known to answer for it.
    ContactAdded { client, contact: uuid::Uuid } = "contact_added",
    /// What they do for it changed.
    ContactChanged { client, contact: uuid::Uuid } = "contact_changed",
    /// They no longer do.
    ContactRemoved { client, contact: uuid::Uuid } = "contact_removed",
}
