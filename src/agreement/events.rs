//! What happens in `agreement`.

crate::events! { "agreement";
    /// Drafted.
    Drafted { agreement } = "drafted",
    /// Sent.
    Sent { agreement } = "sent",
    /// Signed.
    Signed { agreement } = "signed",
    /// Voided.
    Voided { agreement } = "voided",
    /// Amended.
    Amended { agreement, amendment: uuid::Uuid } = "amended",
    /// Amendment signed.
    AmendmentSigned { agreement, amendment: uuid::Uuid } = "amendment_signed",
}
