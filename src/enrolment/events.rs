//! What happens in `enrolment`.

crate::events! { "enrolment";
    /// Invited.
    Invited { enrolment } = "invited",
    /// Changed.
    Changed { enrolment } = "changed",
    /// Pack sent.
    PackSent { enrolment, pack: uuid::Uuid } = "pack_sent",
    /// Enrolled.
    Enrolled { enrolment } = "enrolled",
    /// Started.
    Started { enrolment } = "started",
    /// Abandoned.
    Abandoned { enrolment } = "abandoned",
    /// No show.
    NoShow { enrolment } = "no_show",
    /// Replaced.
    Replaced { enrolment, by: uuid::Uuid } = "replaced",
    /// Completed.
    Completed { enrolment } = "completed",
}
