//! What a caller writes of trainees.

use chrono::NaiveDate;
use poem_openapi::Object;
use uuid::Uuid;
use validator::{Validate, ValidationErrors};

use crate::{people::NewPerson, words};

words! {
    /// What the trainee is, for the pedagogical and financial report and for the funder.
    pub enum Status as "TraineeStatus" {
        /// Salarié·e.
        Employee = "employee",
        /// Bénévole, or member of the board: an OPCO does not pay for them.
        Volunteer = "volunteer",
        /// Demandeur·se d'emploi.
        JobSeeker = "job_seeker",
        /// Agent public.
        PublicAgent = "public_agent",
        /// Travailleur·se indépendant·e.
        SelfEmployed = "self_employed",
        /// Particulier who pays for themselves.
        Individual = "individual",
        /// Anybody else.
        Other = "other",
    }
}

words! {
    /// Where an enrolment is in its life.
    pub enum State as "EnrolmentState" {
        /// Named by the buyer (invité).
        Invited = "invited",
        /// Enrolled for good, once informed (inscrit, art. L6353-8).
        Enrolled = "enrolled",
        /// Has begun (entré en formation).
        Started = "started",
        /// Followed to the end (a terminé).
        Completed = "completed",
        /// Left before the end, with a reason (abandon).
        Abandoned = "abandoned",
        /// Never came (absent).
        NoShow = "no_show",
        /// Somebody else took the place (remplacé).
        Replaced = "replaced",
    }
}

words! {
    /// How the information reached its reader.
    pub enum Channel as "PackChannel" {
        /// By email.
        Email = "email",
        /// By post.
        Post = "post",
        /// Handed over.
        Hand = "hand",
        /// Made available on line.
        Online = "online",
    }
}

/// A trainee of a booking.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewTrainee {
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The person, when they are known already.
    pub person_id: Option<Uuid>,
    /// The person, when they are new.
    #[validate(nested)]
    pub person: Option<NewPerson>,
    /// What they are.
    pub status: Status,
    /// The half-days that they follow; all of them when absent.
    #[oai(validator(min_items = 1, max_items = 200))]
    pub slots: Option<Vec<Uuid>>,
}

/// An enrolment, as a caller writes it.
#[derive(Debug, Clone, Object)]
pub struct NewEnrolment {
    /// The booking that pays for it.
    pub booking_id: Uuid,
    /// The trainee.
    #[oai(flatten)]
    pub trainee: NewTrainee,
}

// The trainee's fields stand beside the booking: their faults have no pointer of their own.
impl Validate for NewEnrolment {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.trainee.validate()
    }
}

/// The trainees of a booking, all or nothing.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewEnrolments {
    /// One line per trainee.
    #[oai(validator(min_items = 1, max_items = 200))]
    #[validate(nested)]
    pub enrolments: Vec<NewTrainee>,
}

/// What may change of an enrolment.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewEnrolmentTerms {
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// What the trainee is.
    pub status: Status,
    /// The half-days that they follow; all of them when absent.
    #[oai(validator(min_items = 1, max_items = 200))]
    pub slots: Option<Vec<Uuid>>,
}

/// That the information of article L6353-8 was made available.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewInformationPack {
    /// How it reached its reader.
    pub channel: Channel,
    /// Who received it, an address or a name; the trainee when absent.
    #[oai(validator(min_length = 1, max_length = 254))]
    pub recipient: Option<String>,
}

/// Enrol for good.
#[derive(Debug, Clone, Object, Validate)]
pub struct Enrol {
    /// Why the cooperative enrols without proof of the information (permission `overrides.grant`).
    #[oai(validator(min_length = 1, max_length = 500))]
    pub override_reason: Option<String>,
    /// Records first that the information of article L6353-8 was made available, by this channel, to those who have
    /// none yet.
    #[validate(nested)]
    pub information_pack: Option<NewInformationPack>,
}

/// Leaving before the end.
#[derive(Debug, Clone, Object, Validate)]
pub struct Abandon {
    /// Why.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub reason: String,
    /// The day on which the trainee left; today when absent.
    pub on: Option<NaiveDate>,
}

/// Somebody else takes the place.
#[derive(Debug, Clone, Object, Validate)]
pub struct Replace {
    /// Who, when they are known already.
    pub person_id: Option<Uuid>,
    /// Who, when they are new.
    #[validate(nested)]
    pub person: Option<NewPerson>,
    /// What they are; as the one who is replaced when absent.
    pub status: Option<Status>,
    /// Why.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub reason: Option<String>,
}
