//! What happens to activities.

crate::events! { "activity";
    /// The cooperative carries it.
    Opened { activity } = "opened",
    /// Its name, contacts or colours changed.
    Changed { activity } = "changed",
    /// The look of its papers changed.
    LetterheadChanged { activity } = "letterhead_changed",
    /// It leaves: nothing new is sold.
    Left { activity } = "left",
    /// Somebody carries it.
    MemberJoined { activity, user: uuid::Uuid } = "member_joined",
    /// Somebody no longer does.
    MemberLeft { activity, user: uuid::Uuid } = "member_left",
}
