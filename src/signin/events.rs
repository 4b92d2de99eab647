//! What happens when staff sign in.

crate::events! { "identity";
    /// A user signs in from now on by an identity of the provider.
    Bound { identity, user: uuid::Uuid } = "bound",
    /// They no longer do.
    Unbound { identity, user: uuid::Uuid } = "unbound",
    /// They signed in: a key was made.
    SignedIn { identity, user: uuid::Uuid, key: uuid::Uuid } = "signed_in",
}
