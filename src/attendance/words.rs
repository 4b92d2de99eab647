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

words! {
    /// How the one who signed was known.
    pub enum Means as "SigningMeans" {
        /// By a personal link, sent to them alone.
        PersonalLink = "personal_link",
        /// By the rotating code of the half-day: they said who they are among those who had not signed.
        RotatingCodeDeclared = "rotating_code_declared",
        /// On the trainer's device, passed round in the room.
        TrainerDevice = "trainer_device",
        /// On a paper sheet, entered afterwards by the trainer.
        Paper = "paper",
        /// By a program that holds a key.
        Key = "key",
    }
}

impl Means {
    /// As the evidence record prints it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::PersonalLink => "lien personnel",
            Self::RotatingCodeDeclared => "code affiché en salle, identité déclarée",
            Self::TrainerDevice => "appareil de la formatrice ou du formateur, en salle",
            Self::Paper => "feuille papier",
            Self::Key => "application reliée par une clé",
        }
    }
}

words! {
    /// What somebody did that is kept as evidence.
    pub enum SigningAct {
        /// They signed during the half-day, or soon after.
        Signature = "signature",
        /// A trainee states later, with a date, that they were there.
        LateStatement = "late_statement",
    }
}

words! {
    /// Why a trainer states a presence that the trainee did not sign.
    pub enum Statement as "StatementReason" {
        /// The trainee refused to sign.
        Refused = "refused",
        /// The trainee could not sign.
        Unable = "unable",
        /// The trainee forgot to sign.
        Forgot = "forgot",
    }
}

impl Statement {
    /// As the sheet prints it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::Refused => "a refusé de signer",
            Self::Unable => "n’a pas pu signer",
            Self::Forgot => "a oublié de signer",
        }
    }
}

words! {
    /// Why a signature waits for a decision.
    pub enum LateKind as "LateMarkKind" {
        /// It came after the half-day was closed.
        Late = "late",
        /// It contradicts what was recorded: the trainee had been marked absent.
        Conflict = "conflict",
        /// It is a dated statement that the trainee was there (déclaration tardive).
        Statement = "statement",
    }
}

words! {
    /// Where a late mark stands.
    pub enum LateState as "LateMarkState" {
        /// Somebody must decide.
        Pending = "pending",
        /// Accepted with a reason: the presence counts.
        Accepted = "accepted",
        /// Refused with a reason: it is kept, and does not count.
        Refused = "refused",
    }
}

words! {
    /// Where somebody who was added on the spot stands.
    pub enum WalkInState {
        /// Not attached to a booking yet: counts nowhere.
        Pending = "pending",
        /// Attached to an enrolment.
        Attached = "attached",
        /// Dismissed with a reason.
        Dismissed = "dismissed",
    }
}

words! {
    /// Something unusual about signatures, shown and never blocking.
    pub enum SignalKind {
        /// Several people signed on the same device, which is not the trainer's.
        SameDevice = "same_device",
        /// Signed far outside the half-day.
        FarOutside = "far_outside",
        /// Several drawn signatures are the same picture.
        SameDrawing = "same_drawing",
        /// Many signatures within one second.
        SameSecond = "same_second",
        /// The clock of the device is wrong by more than five minutes.
        ClockGap = "clock_gap",
    }
}
