//! The words of attendance.

use crate::words;

words! {
    /// What a trainee's presence on a half-day was.
    pub enum Presence {
        /// There from beginning to end.
        Present = "present",
        /// There for a part: arrived late or left early.
        Partial = "partial",
        /// Not there.
        Absent = "absent",
        /// Not there, and it was said why.
        Excused = "excused",
    }
}

words! {
    /// What proves a presence (art. R6313-3: any probative element).
    pub enum Proof {
        /// Signed by the trainee on a device.
        Signed = "signed",
        /// Signed on paper (feuille d'émargement).
        Paper = "paper",
        /// Shown by the record of a connection, at a distance.
        Connection = "connection",
        /// Stated by the trainer, when the trainee did not sign.
        TrainerStatement = "trainer_statement",
    }
}

impl Proof {
    /// As the sheet prints it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::Signed => "signé",
            Self::Paper => "signé sur papier",
            Self::Connection => "relevé de connexion",
            Self::TrainerStatement => "déclaré par le formateur ou la formatrice",
        }
    }
}

words! {
    /// Where the record of a half-day stands.
    pub enum SheetState {
        /// Nothing is recorded yet.
        Waiting = "waiting",
        /// Something is recorded, and may still change.
        Open = "open",
        /// Closed: frozen, and counted.
        Closed = "closed",
    }
}
