//! What happens to trainers.

crate::events! { "trainer";
    /// A trainer is known.
    Created { trainer } = "created",
    /// What proves that they can teach changed.
    Changed { trainer } = "changed",
    /// Forgotten: nothing referred to them.
    Deleted { trainer } = "deleted",
    /// The cooperative accredited them.
    Accredited { trainer } = "accredited",
}
