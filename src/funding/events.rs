//! What happens in `funding`.

crate::events! { "funding";
    /// Drafted.
    Drafted { funding_file } = "drafted",
    /// Changed.
    Changed { funding_file } = "changed",
    /// Filed.
    Filed { funding_file } = "filed",
    /// Decided.
    Decided { funding_file } = "decided",
    /// Withdrawn.
    Withdrawn { funding_file } = "withdrawn",
    /// Piece added.
    PieceAdded { funding_file, piece: uuid::Uuid } = "piece_added",
    /// Pieces sent.
    PiecesSent { funding_file } = "pieces_sent",
    /// Invoiced.
    Invoiced { funding_file } = "invoiced",
    /// Paid.
    Paid { funding_file } = "paid",
}
