//! What a caller writes of a session and of its half-days.

use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::place::Place;
use crate::words;

words! {
    /// Where a session is in its life.
    pub enum State as "SessionState" {
        /// Dates are being looked for or proposed (prévue).
        Planned = "planned",
        /// It will take place: trainees are enrolled (ouverte).
        Open = "open",
        /// It has begun (en cours).
        Running = "running",
        /// Every half-day was held or cancelled (terminée).
        Completed = "completed",
        /// Every attendance sheet is closed (close).
        Closed = "closed",
        /// It will not take place, or not to its end (annulée).
        Cancelled = "cancelled",
    }
}

words! {
    /// Whose action it is, for the pedagogical and financial report (BPF).
    pub enum SessionKind {
        /// Sold by the cooperative itself.
        Training = "training",
        /// Entrusted by another training body: hours only, frame G of the BPF.
        Received = "received",
    }
}

words! {
    /// For one buyer or for several.
    pub enum Format as "SessionFormat" {
        /// One buyer.
        Intra = "intra",
        /// Several buyers, each at its own pace.
        Inter = "inter",
    }
}

words! {
    /// Where a half-day is in its life.
    pub enum SlotState {
        /// To come.
        Planned = "planned",
        /// To come, at another time than it was first planned; kept as planned, with the instant that was left.
        Moved = "moved",
        /// It took place.
        Held = "held",
        /// It will not take place.
        Cancelled = "cancelled",
    }
}

words! {
    /// How a half-day is taught.
    pub enum Modality as "SlotModality" {
        /// In a room (présentiel).
        FaceToFace = "face_to_face",
        /// By video call (distanciel).
        Distance = "distance",
    }
}

words! {
    /// Half of a day, as sheets count them.
    pub enum Half {
        /// Matin.
        Morning = "morning",
        /// Après-midi.
        Afternoon = "afternoon",
    }
}

/// The training body that entrusts a session (organisme donneur d'ordre).
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct ReceivedFrom {
    /// Its name.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub name: String,
    /// Its declaration of activity (NDA).
    #[oai(validator(max_length = 20))]
    pub nda: Option<String>,
    /// The reference of the subcontract.
    #[oai(validator(max_length = 100))]
    pub contract: Option<String>,
}

/// What is said of a session as a whole.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSessionTerms {
    /// The activity; that of the programme when absent.
    pub activity_id: Option<Uuid>,
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The published programme version that is taught.
    pub programme_version_id: Uuid,
    /// Its exact title, the same on every paper; the programme's when absent.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Option<String>,
    /// Whose action it is; the cooperative's own when absent.
    pub kind: Option<SessionKind>,
    /// For one buyer (the default) or for several.
    pub format: Option<Format>,
    /// Where its face-to-face half-days take place, unless they say otherwise.
    pub place: Option<Place>,
    /// The video link of its distance half-days, unless they say otherwise.
    #[oai(validator(max_length = 500))]
    pub link: Option<String>,
    /// Trainees without whom it will not take place (inter).
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub min_heads: Option<i32>,
    /// Trainees at most.
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub max_heads: Option<i32>,
    /// Who entrusts it, for a received session.
    pub received_from: Option<ReceivedFrom>,
}

/// A half-day, as a caller writes it.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSlot {
    /// Its day.
    pub day: NaiveDate,
    /// When it starts, Paris time, `HH:MM`.
    #[oai(validator(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub starts: String,
    /// When it ends, Paris time, `HH:MM`; at most 8 hours later.
    #[oai(validator(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub ends: String,
    /// Which half of the day; found from the times when absent.
    pub half: Option<Half>,
    /// Minutes of break that are not training.
    #[oai(validator(minimum(value = "0"), maximum(value = "240")))]
    pub break_minutes: Option<i32>,
    /// How it is taught; face to face when absent.
    pub modality: Option<Modality>,
    /// Its place, when it is not the session's.
    pub place: Option<Place>,
    /// Its video link, when it is not the session's.
    #[oai(validator(max_length = 500))]
    pub link: Option<String>,
    /// Who teaches it.
    #[oai(validator(max_items = 20))]
    pub trainers: Option<Vec<Uuid>>,
}

/// A session with its half-days: all or nothing.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSession {
    /// The session as a whole.
    #[oai(flatten)]
    pub terms: NewSessionTerms,
    /// Its half-days, which need not be contiguous.
    #[oai(validator(max_items = 200), default)]
    pub slots: Vec<NewSlot>,
}

/// A half-day at another time.
#[derive(Debug, Clone, Object, Validate)]
pub struct MoveSlot {
    /// The new day.
    pub day: NaiveDate,
    /// When it starts, Paris time, `HH:MM`.
    #[oai(validator(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub starts: String,
    /// When it ends, Paris time, `HH:MM`.
    #[oai(validator(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub ends: String,
    /// Why it is moved.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub reason: String,
}

/// Why something does not take place.
#[derive(Debug, Clone, Object, Validate)]
pub struct CancelReason {
    /// The reason, told to those who were convoked.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub reason: String,
}

/// Who teaches a half-day.
#[derive(Debug, Clone, Object, Validate)]
pub struct SlotTrainers {
    /// All of them: those who are absent from the list no longer teach it.
    #[oai(validator(max_items = 20))]
    pub trainers: Vec<Uuid>,
}

/// The decision that an inter session takes place.
#[derive(Debug, Clone, Object, Validate)]
pub struct DecideGo {
    /// Why it goes ahead below the minimum head-count.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub reason: Option<String>,
}

/// A copy of a session from another day.
#[derive(Debug, Clone, Object, Validate)]
pub struct DuplicateSession {
    /// The first day of the copy; the gaps between half-days are kept.
    pub first_day: NaiveDate,
}

/// Half-days to add.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewSlots {
    /// All of them, or none is added.
    #[oai(validator(min_items = 1, max_items = 200))]
    pub slots: Vec<NewSlot>,
}
