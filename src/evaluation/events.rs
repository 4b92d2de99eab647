//! What happens in `evaluation`.

crate::events! { "evaluation";
    /// Evaluated.
    Evaluated { enrolment } = "evaluated",
    /// Satisfaction given.
    SatisfactionGiven { enrolment } = "satisfaction_given",
}
