//! What people do to the worker's jobs.

crate::events! { "job";
    /// A job that was given up has another life.
    Revived { job } = "revived",
    /// A job that waited for its time is due now.
    Hurried { job } = "hurried",
}
