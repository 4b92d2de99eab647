//! What happens to people.

crate::events! { "person";
    /// Somebody is known.
    Created { person } = "created",
    /// What is known of them changed.
    Changed { person } = "changed",
    /// Forgotten: nothing referred to them.
    Deleted { person } = "deleted",
}
