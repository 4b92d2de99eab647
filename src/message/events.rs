//! What happens to mails and to what is planned of them.

crate::events! { "message";
    /// The reminders of a session were planned, moved or cancelled.
    Planned { session } = "reminders_planned",
    /// A planned mail came to its time.
    Due { session, reminder: uuid::Uuid, text: super::Text } = "reminder_due",
    /// A planned mail came too late to be of use.
    Missed { session, reminder: uuid::Uuid } = "reminder_missed",
    /// A mail was written to somebody; the worker sends it.
    Written { message } = "written",
    /// A mail was written to somebody who has no address.
    Unaddressed { message } = "unaddressed",
    /// It carries links or a code and is about to leave: what makes them is kept until it has left.
    Begun { message } = "begun",
    /// It was handed over.
    Sent { message } = "sent",
    /// It will never leave.
    Failed { message } = "failed",
    /// It had failed, and may leave after all.
    Revived { message } = "revived",
    /// It is of no use any more, and does not leave.
    TooLate { message } = "too_late",
}
