//! What happens to signatures of papers.

crate::events! { "signature";
    /// Somebody is asked to sign.
    Requested { request, document: uuid::Uuid } = "requested",
    /// It is their turn: they are written to.
    Invited { request, document: uuid::Uuid } = "invited",
    /// They opened it and asked for their first code.
    Opened { request, document: uuid::Uuid } = "opened",
    /// They are reminded.
    Reminded { request } = "reminded",
    /// Their reminder came too late to be of use.
    ReminderMissed { request } = "reminder_missed",
    /// They asked for a code.
    CodeAsked { code } = "code_asked",
    /// The code was made, as its mail left.
    CodeMade { code } = "code_made",
    /// Another code was typed.
    CodeMissed { code } = "code_missed",
    /// The right code was typed.
    CodeUsed { code } = "code_used",
    /// They signed; the digest is that of the evidence.
    Signed { request, document: uuid::Uuid, signature: uuid::Uuid, digest: String } = "signed",
    /// They refuse to sign, with a reason.
    Refused { request, document: uuid::Uuid } = "refused",
    /// They did not sign in time.
    Expired { request } = "expired",
    /// They are not asked any more.
    Cancelled { request } = "cancelled",
    /// The address and browser of their signature were erased, as old as they are kept.
    NetworkErased { request } = "network_erased",
    /// All whom the paper needs have signed.
    Completed { document } = "completed",
}
