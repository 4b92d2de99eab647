//! What is sold of a session, as callers write and read it.

use chrono::NaiveDate;
use entity::booking::{ActiveModel, Model};
use poem_openapi::Object;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;
use validator::Validate;

use super::rules::{Approval, State};
use crate::platform::{answer::Versioned, error::Result, text::fold};

/// A booking, as a caller writes it.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewBooking {
    /// The activity (tenant); the session's when nothing is said.
    pub activity_id: Option<Uuid>,
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The session that is sold; it cannot be changed afterwards.
    pub session_id: Uuid,
    /// The buyer (client, commanditaire); it cannot be changed afterwards.
    pub client_id: Uuid,
    /// The quote (devis) that it comes from: one of the same client.
    pub quote_id: Option<Uuid>,
    /// Price without tax, in cents of euro, training only; by default the training lines of the quote, else the
    /// programme's price.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub price_cents: Option<i64>,
    /// Trainees sold (effectif), when their names are not known yet.
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub heads: Option<i32>,
    /// The buyer's order reference (numéro d'engagement, bon de commande): required at the agreement of a public body
    /// that asks for one.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub order_reference: Option<String>,
    /// Who signs for the client: one of its contacts.
    pub signatory_contact_id: Option<Uuid>,
    /// Who follows the training for the client: one of its contacts.
    pub training_contact_id: Option<Uuid>,
    /// Who pays for the client: one of its contacts.
    pub accounting_contact_id: Option<Uuid>,
}

/// A booking, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct BookingOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// Its number in the activity.
    pub reference: String,
    /// Where it stands.
    pub state: State,
    /// The version of the programme that was sold: kept whatever becomes of the catalogue.
    pub programme_version_id: Uuid,
    /// The cooperative's word on the present terms.
    pub approval: Approval,
    /// The day on which it was agreed.
    #[oai(skip_serializing_if_is_none)]
    pub agreed_on: Option<NaiveDate>,
    /// Why it was declined or cancelled.
    #[oai(skip_serializing_if_is_none)]
    pub closed_reason: Option<String>,
    /// Why the cooperative lets trainers without accreditation teach.
    #[oai(skip_serializing_if_is_none)]
    pub accreditation_override: Option<String>,
    /// Why the cooperative lets the training begin before its agreement allows.
    #[oai(skip_serializing_if_is_none)]
    pub start_override: Option<String>,
    /// What was written.
    #[oai(flatten)]
    pub booking: NewBooking,
}

impl Versioned for BookingOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<Model> for BookingOut {
    type Error = crate::platform::error::Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            state: State::of(&row.state)?,
            approval: Approval::of(&row.approval)?,
            booking: written(&row),
            reference: row.reference,
            programme_version_id: row.programme_version_id,
            agreed_on: row.agreed_on,
            closed_reason: row.closed_reason,
            accreditation_override: row.accreditation_override,
            start_override: row.start_override,
        })
    }
}

/// The input that would make this row.
pub(super) fn written(row: &Model) -> NewBooking {
    NewBooking {
        activity_id: Some(row.activity_id),
        external_id: row.external_id.clone(),
        session_id: row.session_id,
        client_id: row.client_id,
        quote_id: row.quote_id,
        price_cents: Some(row.price_cents),
        heads: row.heads,
        order_reference: row.order_reference.clone(),
        signatory_contact_id: row.signatory_contact_id,
        training_contact_id: row.training_contact_id,
        accounting_contact_id: row.accounting_contact_id,
    }
}

/// The columns that the input sets.
pub(super) fn fill(input: NewBooking, price_cents: i64, edit: &mut ActiveModel) {
    let NewBooking {
        activity_id: _,
        external_id,
        session_id,
        client_id,
        quote_id,
        price_cents: _,
        heads,
        order_reference,
        signatory_contact_id,
        training_contact_id,
        accounting_contact_id,
    } = input;
    edit.external_id = Set(external_id);
    edit.session_id = Set(session_id);
    edit.client_id = Set(client_id);
    edit.quote_id = Set(quote_id);
    edit.price_cents = Set(price_cents);
    edit.heads = Set(heads);
    edit.order_reference = Set(order_reference);
    edit.signatory_contact_id = Set(signatory_contact_id);
    edit.training_contact_id = Set(training_contact_id);
    edit.accounting_contact_id = Set(accounting_contact_id);
}

/// What a search finds it by.
pub(super) fn searched(reference: &str, client: &str, session: &str, order: Option<&str>) -> String {
    fold(&[reference, client, session, order.unwrap_or_default()].join(" "))
}
