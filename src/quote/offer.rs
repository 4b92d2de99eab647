//! A quote as it is written and shown.

use chrono::NaiveDate;
use entity::{quote, quote_line};
use poem_openapi::Object;
use uuid::Uuid;
use validator::Validate;

use super::{
    line::{self, NewQuoteLine, QuoteLineOut},
    rules::{self, QuoteState, Totals},
};
use crate::platform::{answer::Versioned, error::Result};

/// A quote, as a caller writes its draft.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewQuote {
    /// Your own name for this row, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The client; the quote belongs to its activity.
    pub client_id: Uuid,
    /// The needs analysis that it answers, if any.
    pub needs_analysis_id: Option<Uuid>,
    /// The published version that is sold; its content makes the quote fit to stand for the convention.
    pub programme_version_id: Option<Uuid>,
    /// How many trainees are thought of.
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub heads: Option<i32>,
    /// When it would take place, in words (période de réalisation).
    #[oai(validator(min_length = 1, max_length = 500))]
    pub period: Option<String>,
    /// Where it would take place, in words (lieu, modalités de déroulement).
    #[oai(validator(min_length = 1, max_length = 500))]
    pub place: Option<String>,
    /// How it is paid (modalités de règlement); by default, the cooperative's delay of payment.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub terms: Option<String>,
    /// The last day of validity; by default, as many days as the cooperative's settings say after it is sent.
    pub valid_until: Option<NaiveDate>,
    /// A note for the trainer; never printed.
    #[oai(validator(max_length = 2000))]
    pub note: Option<String>,
    /// What is offered.
    #[oai(validator(min_items = 1, max_items = 100))]
    #[validate(nested)]
    pub lines: Vec<NewQuoteLine>,
}

/// A quote, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct QuoteOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity (tenant) of the client.
    pub activity_id: Uuid,
    /// Your own name for this row.
    pub external_id: Option<String>,
    /// The client.
    pub client_id: Uuid,
    /// The needs analysis that it answers.
    pub needs_analysis_id: Option<Uuid>,
    /// The version that is sold.
    pub programme_version_id: Option<Uuid>,
    /// The edition before this one.
    pub replaces_id: Option<Uuid>,
    /// Its number, once sent: the reference of its paper.
    pub reference: Option<String>,
    /// Which edition it is, from 1.
    pub edition: i32,
    /// Where it is in its life.
    pub state: QuoteState,
    /// The day it was sent.
    pub issued_on: Option<NaiveDate>,
    /// The last day of its validity.
    pub valid_until: Option<NaiveDate>,
    /// The day the client accepted it.
    pub accepted_on: Option<NaiveDate>,
    /// Who accepted it for the client.
    pub accepted_by: Option<String>,
    /// Their quality (qualité).
    pub accepted_quality: Option<String>,
    /// Why the client declined it, if they said.
    pub declined_reason: Option<String>,
    /// How many trainees are thought of.
    pub heads: Option<i32>,
    /// When it would take place, in words.
    pub period: Option<String>,
    /// Where it would take place, in words.
    pub place: Option<String>,
    /// How it is paid.
    pub terms: Option<String>,
    /// A note for the trainer; never printed.
    pub note: Option<String>,
    /// What is offered.
    pub lines: Vec<QuoteLineOut>,
    /// What it adds up to, by nature and VAT rate.
    pub totals: Totals,
}

impl Versioned for QuoteOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl QuoteOut {
    /// From its row and its lines, as it stands today.
    pub(super) fn from_rows(row: quote::Model, lines: &[quote_line::Model], today: NaiveDate) -> Result<Self> {
        let amounts: Vec<_> = lines.iter().map(line::amount).collect::<Result<_>>()?;
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            external_id: row.external_id,
            client_id: row.client_id,
            needs_analysis_id: row.needs_analysis_id,
            programme_version_id: row.programme_version_id,
            replaces_id: row.replaces_id,
            reference: row.reference,
            edition: row.edition,
            state: QuoteState::of(&row.state)?.on(row.valid_until, today),
            issued_on: row.issued_on,
            valid_until: row.valid_until,
            accepted_on: row.accepted_on,
            accepted_by: row.accepted_by,
            accepted_quality: row.accepted_quality,
            declined_reason: row.declined_reason,
            heads: row.heads,
            period: row.period,
            place: row.place,
            terms: row.terms,
            note: row.note,
            lines: lines.iter().map(QuoteLineOut::from_row).collect::<Result<_>>()?,
            totals: rules::totals(&amounts)?,
        })
    }
}

/// The input that would make these rows.
pub(super) fn written(row: &quote::Model, lines: &[quote_line::Model]) -> Result<NewQuote> {
    Ok(NewQuote {
        external_id: row.external_id.clone(),
        client_id: row.client_id,
        needs_analysis_id: row.needs_analysis_id,
        programme_version_id: row.programme_version_id,
        heads: row.heads,
        period: row.period.clone(),
        place: row.place.clone(),
        terms: row.terms.clone(),
        valid_until: row.valid_until,
        note: row.note.clone(),
        lines: lines.iter().map(line::written).collect::<Result<_>>()?,
    })
}

/// The client's acceptance.
#[derive(Debug, Clone, Object, Validate)]
pub struct AcceptQuote {
    /// The day of the signature (bon pour accord).
    pub on: NaiveDate,
    /// Who signed for the client.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub by: String,
    /// Their quality (qualité): « présidente ».
    #[oai(validator(min_length = 1, max_length = 150))]
    pub quality: Option<String>,
}

/// The client's refusal.
#[derive(Debug, Clone, Object, Validate)]
pub struct DeclineQuote {
    /// Why, if they said.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub reason: Option<String>,
}
