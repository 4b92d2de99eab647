//! What happens in `document`.

crate::events! { "document";
    /// Issued.
    Issued { document, kind: &'static str } = "issued",
    /// Replaced.
    Replaced { document, by: uuid::Uuid } = "replaced",
    /// Revoked.
    Revoked { document } = "revoked",
    /// Outdated.
    Outdated { document } = "outdated",
}
