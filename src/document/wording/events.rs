//! What happens to the texts that staff add to papers.

crate::events! { "paper_text";
    /// Written.
    Written { text } = "written",
    /// Changed: papers issued before keep what they said.
    Changed { text } = "changed",
    /// Deleted.
    Deleted { text } = "deleted",
}
