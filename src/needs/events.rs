//! What happens in `needs`.

crate::events! { "needs";
    /// Created.
    Created { needs_analysis } = "created",
    /// Changed.
    Changed { needs_analysis } = "changed",
    /// Concluded.
    Concluded { needs_analysis } = "concluded",
    /// Deleted.
    Deleted { needs_analysis } = "deleted",
    /// Adaptation noted.
    AdaptationNoted { person, adaptation: uuid::Uuid } = "adaptation_noted",
    /// Changed.
    AdaptationChanged { person, adaptation: uuid::Uuid } = "adaptation_changed",
    /// Adaptation withdrawn.
    AdaptationWithdrawn { person, adaptation: uuid::Uuid } = "adaptation_withdrawn",
}
