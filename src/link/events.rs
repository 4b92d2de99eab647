//! What happens to personal links.

crate::events! { "link";
    /// Somebody was given a link, or another token for the one they had.
    Minted { link, object: uuid::Uuid } = "minted",
    /// It opens nothing any more.
    Revoked { link } = "revoked",
}
