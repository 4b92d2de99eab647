//! What happens in `attendance`.

crate::events! { "attendance";
    /// Opened.
    Opened { slot, session: uuid::Uuid } = "slot_opened",
    /// Recorded.
    Recorded { slot, session: uuid::Uuid } = "recorded",
    /// Closed.
    Closed { slot, session: uuid::Uuid } = "slot_closed",
    /// Reopened.
    Reopened { slot, session: uuid::Uuid } = "slot_reopened",
    /// Somebody signed; `declared` when they only said who they are.
    Signed { slot, session: uuid::Uuid, evidence: uuid::Uuid, declared: bool } = "signed",
    /// A signature came late, or against what was recorded: it waits.
    SignedLate { slot, session: uuid::Uuid, late_mark: uuid::Uuid } = "signed_late",
    /// A late mark was accepted or refused.
    LateMarkDecided { slot, session: uuid::Uuid, late_mark: uuid::Uuid } = "late_mark_decided",
    /// A presence of a half-day was corrected with a reason; closed, it stays so and shows it.
    Amended { slot, session: uuid::Uuid } = "amended",
    /// The cooperative confirmed a trainer's statement.
    StatementConfirmed { slot, session: uuid::Uuid, mark: uuid::Uuid } = "statement_confirmed",
    /// An arrival or a departure was noted.
    TimesNoted { slot, session: uuid::Uuid } = "times_noted",
    /// Somebody was added on the spot.
    WalkedIn { slot, session: uuid::Uuid, walk_in: uuid::Uuid } = "walked_in",
    /// Somebody who was added on the spot was attached to an enrolment, or dismissed.
    WalkInSettled { slot, session: uuid::Uuid, walk_in: uuid::Uuid } = "walk_in_settled",
    /// A log of connections was imported.
    ConnectionsImported { slot, session: uuid::Uuid } = "connections_imported",
    /// Addresses, browsers and devices of signatures were erased in their time.
    NetworkErased { slot } = "network_erased",
    /// What is done at a distance was written down (art. D6313-3-1).
    DistanceRecorded { session } = "distance_recorded",
    /// A trainee says that their name is badly written.
    CorrectionAsked { correction, enrolment: uuid::Uuid } = "correction_asked",
    /// It was settled.
    CorrectionSettled { correction, enrolment: uuid::Uuid } = "correction_settled",
    /// All closed.
    AllClosed { session } = "all_closed",
}
