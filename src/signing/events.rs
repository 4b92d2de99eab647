//! What happens to codes, links and disputed signatures.

crate::events! { "signing";
    /// A half-day shows a code of its own from now on.
    CodeMade { slot } = "code_made",
    /// A wrong code was typed for a half-day.
    CodeMistyped { slot } = "code_mistyped",
    /// A trainee's personal link was asked for; the mail gives it another token.
    LinkAsked { enrolment, session: uuid::Uuid } = "link_asked",
    /// The link of a trainer's day was asked for; the mail gives it another token.
    DayLinkAsked { slot, session: uuid::Uuid } = "day_link_asked",
    /// Somebody says that a signature under their name is not theirs.
    Disputed { slot, evidence: uuid::Uuid } = "disputed",
}
