//! What happens in `session`.

crate::events! { "session";
    /// Planned.
    Planned { session } = "planned",
    /// Changed.
    Changed { session } = "changed",
    /// Opened.
    Opened { session } = "opened",
    /// Started.
    Started { session } = "started",
    /// Completed.
    Completed { session } = "completed",
    /// Closed.
    Closed { session } = "closed",
    /// Cancelled.
    Cancelled { session } = "cancelled",
    /// Slot planned.
    SlotPlanned { session, slot: uuid::Uuid } = "slot_planned",
    /// Slot changed.
    SlotChanged { session, slot: uuid::Uuid } = "slot_changed",
    /// Slot moved.
    SlotMoved { session, slot: uuid::Uuid } = "slot_moved",
    /// Slot cancelled.
    SlotCancelled { session, slot: uuid::Uuid } = "slot_cancelled",
    /// Trainer changed.
    TrainerChanged { session, slot: uuid::Uuid } = "trainer_changed",
    /// Go decided.
    GoDecided { session } = "go_decided",
    /// Deleted: nobody had booked it.
    Deleted { session } = "deleted",
    /// Convoked.
    Convoked { session } = "convoked",
}
