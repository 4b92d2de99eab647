//! What happens in `document`.

crate::events! { "document";
    /// Frozen and numbered.
    Issued { document, kind: &'static str } = "issued",
    /// A new issue stands for it.
    Replaced { document, by: uuid::Uuid } = "replaced",
    /// Issued in place of one that was wrong, with a reason.
    Corrected { document } = "corrected",
    /// A file from outside was attached to it.
    Attached { document, attachment: uuid::Uuid } = "attached",
    /// Taken back, with a reason.
    Revoked { document } = "revoked",
    /// Made unsure by what happened since: attendance was reopened.
    Outdated { document } = "outdated",
    /// Its bytes were made, once and for all.
    Rendered { document, file: uuid::Uuid } = "rendered",
    /// It was signed: the signed file is kept beside the one that was presented.
    Signed { document, file: uuid::Uuid } = "signed",
    /// The organisation's seal was put on it.
    Sealed { document, file: uuid::Uuid } = "sealed",
}
