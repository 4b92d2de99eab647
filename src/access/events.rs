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
    /// A key opens nothing any more.
    KeyRevoked { user, key: uuid::Uuid } = "key_revoked",
}
