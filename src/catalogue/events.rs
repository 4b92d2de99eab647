//! What happens in `catalogue`.

crate::events! { "programme";
    /// Created.
    Created { programme } = "created",
    /// Changed.
    Changed { programme } = "changed",
    /// Published.
    Published { programme, version: uuid::Uuid } = "published",
    /// Retired.
    Retired { programme } = "retired",
    /// Deleted.
    Deleted { programme } = "deleted",
}
