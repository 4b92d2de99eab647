//! What happens to users and keys.

crate::events! { "user";
    /// Somebody may use the API.
    Created { user } = "created",
    /// Their name, role or expiry changed.
    Changed { user } = "changed",
    /// They may no longer.
    Disabled { user } = "disabled",
    /// A key was made for them.
    KeyCreated { user, key: uuid::Uuid } = "key_created",
    /// A key was replaced by its successor.
    KeyRotated { user, key: uuid::Uuid, successor: uuid::Uuid } = "key_rotated",
    /// A key will end soon: its user is told.
    KeyEnding { user, key: uuid::Uuid, ends_at: chrono::DateTime<chrono::Utc> } = "key_ending",
    /// A key opens nothing any more.
    KeyRevoked { user, key: uuid::Uuid } = "key_revoked",
}
