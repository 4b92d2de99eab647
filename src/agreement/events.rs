//! What happens in `agreement`.

crate::events! { "agreement";
    /// Drafted: its terms are frozen.
    Drafted { agreement } = "drafted",
    /// Sent to be signed: its paper is issued.
    Sent { agreement } = "sent",
    /// Signed by both sides.
    Signed { agreement } = "signed",
    /// Void, with a reason.
    Voided { agreement } = "voided",
    /// An amendment is proposed.
    Amended { agreement, amendment: uuid::Uuid } = "amended",
    /// An amendment is sent to be signed: its paper is issued.
    AmendmentSent { agreement, amendment: uuid::Uuid, document: uuid::Uuid } = "amendment_sent",
    /// An amendment is signed.
    AmendmentSigned { agreement, amendment: uuid::Uuid } = "amendment_signed",
    /// An amendment is withdrawn.
    AmendmentWithdrawn { agreement, amendment: uuid::Uuid } = "amendment_withdrawn",
}
