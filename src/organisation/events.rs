//! What happens in `organisation`.

crate::events! { "organisation";
    /// Settings changed.
    SettingsChanged { organisation } = "settings_changed",
    /// The look of its papers changed.
    LetterheadChanged { organisation } = "letterhead_changed",
    /// Fact added.
    FactAdded { fact } = "fact_added",
    /// Fact changed.
    FactChanged { fact } = "fact_changed",
    /// Text published.
    TextPublished { text } = "text_published",
}
