//! What happens in `file`.

crate::events! { "file";
    /// Received.
    Received { file } = "received",
}
