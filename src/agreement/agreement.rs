//! An agreement, as callers write and read it.

use chrono::NaiveDate;
use entity::agreement::Model;
use poem_openapi::Object;
use uuid::Uuid;
use validator::Validate;

use super::{
    rules::State,
    terms::{Instalment, Terms},
};
use crate::{
    platform::{
        answer::Versioned,
        codes::stored,
        error::{Error, Result},
    },
    words,
};

words! {
    /// What stands for the agreement.
    pub enum Kind as "AgreementKind" {
        /// Convention de formation professionnelle, with a legal person (art. L6353-1).
        Convention = "convention",
        /// Contrat de formation professionnelle, with an individual at their own expense (art. L6353-3).
        Contract = "contract",
        /// An accepted quote (devis) that carries the twelve items (art. D6353-1 II).
        Quote = "quote",
        /// A purchase order (bon de commande) whose annex, the quote, carries the twelve items (art. D6353-1 II).
        Order = "order",
    }
}

/// An agreement to draft: everything has a default.
#[derive(Debug, Clone, Default, Object, Validate)]
pub struct NewAgreement {
    /// What stands for the agreement: by default a contrat for an individual, a convention for anybody else.
    pub kind: Option<Kind>,
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// Whether an individual signs at a distance or off-premises: 14 days to withdraw instead of 10.
    #[oai(default)]
    pub concluded_at_distance: bool,
    /// Who signs for the cooperative, when it is already known.
    pub signatory_id: Option<Uuid>,
    /// Teaching, technical and staffing means (moyens prévus); by default those of the programme.
    #[oai(validator(min_length = 1, max_length = 4000))]
    pub means: Option<String>,
    /// How attendance and progress are followed (modalités de suivi); by default those of the programme.
    #[oai(validator(min_length = 1, max_length = 4000))]
    pub follow_up: Option<String>,
    /// What the trainee receives at the end (modalités de sanction); by default those of the programme.
    #[oai(validator(min_length = 1, max_length = 4000))]
    pub outcome: Option<String>,
    /// How the price is paid (modalités de règlement); by default those of the quote, else the cooperative's delay, and for
    /// a contrat its instalments.
    #[oai(validator(min_length = 1, max_length = 4000))]
    pub payment_terms: Option<String>,
    /// What happens when one side cancels or leaves early; by default, only what was delivered is due.
    #[oai(validator(min_length = 1, max_length = 4000))]
    pub cancellation_terms: Option<String>,
    /// Instalments of the price (échéances); by default, for a contrat, 30 % after the withdrawal period and the
    /// balance at the end.
    #[oai(default, validator(max_items = 36))]
    #[validate(nested)]
    pub instalments: Vec<Instalment>,
    /// Whether it is sent at once to be signed.
    #[oai(default)]
    pub send: bool,
}

/// What was signed on paper: the dates as they are written.
#[derive(Debug, Clone, Object, Validate)]
pub struct SignOnPaper {
    /// The scan of the signed paper.
    pub scan_file_id: Uuid,
    /// The day that the client wrote.
    pub client_signed_on: NaiveDate,
    /// Who signed for the client.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub client_signatory: String,
    /// In which quality.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub client_quality: Option<String>,
    /// For an association: the decision of its board, if there is one.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub board_decision: Option<String>,
    /// The day that the cooperative's signatory wrote.
    pub provider_signed_on: NaiveDate,
    /// Who signed for the cooperative: they hold a delegation for this kind of paper and this amount on that day.
    pub signatory_id: Uuid,
}

/// Why.
#[derive(Debug, Clone, Object, Validate)]
pub struct AgreementReason {
    /// Why, in a sentence that can be read again years later.
    #[oai(validator(min_length = 3, max_length = 1000))]
    pub reason: String,
}

/// An agreement, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct AgreementOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// Its activity.
    pub activity_id: Uuid,
    /// Your own name for it.
    #[oai(skip_serializing_if_is_none)]
    pub external_id: Option<String>,
    /// The booking that it is about.
    pub booking_id: Uuid,
    /// What stands for the agreement.
    pub kind: Kind,
    /// Its number in the activity; its paper has its own.
    pub reference: String,
    /// Where it stands.
    pub state: State,
    /// What both sides agree on, frozen when it was drafted.
    pub terms: Terms,
    /// Its paper, once it is sent.
    #[oai(skip_serializing_if_is_none)]
    pub document_id: Option<Uuid>,
    /// Whether it is concluded at a distance or off-premises.
    pub concluded_at_distance: bool,
    /// The day that the client wrote.
    #[oai(skip_serializing_if_is_none)]
    pub client_signed_on: Option<NaiveDate>,
    /// Who signed for the client.
    #[oai(skip_serializing_if_is_none)]
    pub client_signatory: Option<String>,
    /// In which quality.
    #[oai(skip_serializing_if_is_none)]
    pub client_quality: Option<String>,
    /// The decision of an association's board.
    #[oai(skip_serializing_if_is_none)]
    pub board_decision: Option<String>,
    /// The day that the cooperative's signatory wrote.
    #[oai(skip_serializing_if_is_none)]
    pub provider_signed_on: Option<NaiveDate>,
    /// Who signs for the cooperative.
    #[oai(skip_serializing_if_is_none)]
    pub signatory_id: Option<Uuid>,
    /// Who checked the signed paper.
    #[oai(skip_serializing_if_is_none)]
    pub checked_by: Option<String>,
    /// The scan of the signed paper.
    #[oai(skip_serializing_if_is_none)]
    pub scan_file_id: Option<Uuid>,
    /// The last day on which an individual may withdraw (art. L6353-5); nothing is paid and nothing begins before.
    #[oai(skip_serializing_if_is_none)]
    pub withdrawal_ends_on: Option<NaiveDate>,
    /// Whether it was signed on the first day or later.
    pub signed_late: bool,
    /// Why it is void.
    #[oai(skip_serializing_if_is_none)]
    pub void_reason: Option<String>,
}

impl Versioned for AgreementOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for AgreementOut {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            external_id: row.external_id,
            booking_id: row.booking_id,
            kind: Kind::of(&row.kind)?,
            reference: row.reference,
            state: State::of(&row.state)?,
            terms: stored(&row.terms)?,
            document_id: row.document_id,
            concluded_at_distance: row.concluded_at_distance,
            client_signed_on: row.client_signed_on,
            client_signatory: row.client_signatory,
            client_quality: row.client_quality,
            board_decision: row.board_decision,
            provider_signed_on: row.provider_signed_on,
            signatory_id: row.signatory_id,
            checked_by: row.checked_by,
            scan_file_id: row.scan_file_id,
            withdrawal_ends_on: row.withdrawal_ends_on,
            signed_late: row.signed_late,
            void_reason: row.void_reason,
        })
    }
}
