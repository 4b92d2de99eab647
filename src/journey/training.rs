//! A whole training in one call: the session with its half-days, what is sold of it, who follows. All or nothing.

use poem_openapi::Object;
use uuid::Uuid;
use validator::Validate;

use crate::{
    booking::{self, NewBooking, propose_row},
    enrolment::{self, NewTrainee},
    platform::{
        access::Ctx,
        error::{Error, Fault, Result},
    },
    session::{self, NewSession, SessionOut},
};

/// What is sold of the session, and to whom.
#[derive(Debug, Clone, Object, Validate)]
pub struct TrainingBooking {
    /// Who buys.
    pub client_id: Uuid,
    /// The quote that the client accepted.
    pub quote_id: Option<Uuid>,
    /// Your own name for the booking, unique in the activity.
    #[oai(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// Price of the training, in cents of euro without tax; that of the quote's training lines when absent.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub price_cents: Option<i64>,
    /// Head-count that is sold, when trainees are not named yet.
    #[oai(validator(minimum(value = "1"), maximum(value = "500")))]
    pub heads: Option<i32>,
    /// The buyer's order reference (numéro de bon de commande).
    #[oai(validator(min_length = 1, max_length = 100))]
    pub order_reference: Option<String>,
    /// Who signs for the client; its signatory contact when absent.
    pub signatory_contact_id: Option<Uuid>,
}

/// A whole training.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewTraining {
    /// The session, with its half-days.
    #[validate(nested)]
    pub session: NewSession,
    /// What is sold of it.
    #[validate(nested)]
    pub booking: TrainingBooking,
    /// Who follows it.
    #[oai(validator(max_items = 200), default)]
    #[validate(nested)]
    pub enrolments: Vec<NewTrainee>,
    /// Whether the booking is proposed to the client at once.
    #[oai(default)]
    pub propose: bool,
}

/// A training that was made.
#[derive(Debug, Object)]
pub struct TrainingOut {
    /// The session, with its half-days and what they collide with.
    pub session: SessionOut,
    /// The booking.
    pub booking_id: Uuid,
    /// The enrolments, in the order in which they were asked for.
    pub enrolment_ids: Vec<Uuid>,
}

/// Make a training, all or nothing; a fault says where it is.
pub async fn create(ctx: &mut Ctx, input: NewTraining) -> Result<TrainingOut> {
    let NewTraining { session, booking, enrolments, propose } = input;
    let TrainingBooking { client_id, quote_id, external_id, price_cents, heads, order_reference, signatory_contact_id } =
        booking;
    let mut tx = ctx.begin().await?;
    let (row, warnings) = session::plan(&mut tx, session).await.map_err(|error| under(error, "/session"))?;
    let booking = NewBooking {
        activity_id: None,
        external_id,
        session_id: row.id,
        client_id,
        quote_id,
        price_cents,
        heads,
        order_reference,
        signatory_contact_id,
        training_contact_id: None,
        accounting_contact_id: None,
    };
    let booking = booking::draft(&mut tx, booking).await.map_err(|error| under(error, "/booking"))?;
    let trainees = enrolment::invite(&mut tx, booking.id, enrolments, |index| format!("/enrolments/{index}")).await?;
    let booking_id = booking.id;
    if propose {
        propose_row(&mut tx, booking).await?;
    }
    tx.answers_at(format!("/v1/sessions/{}", row.id), 201);
    tx.commit().await?;
    Ok(TrainingOut {
        session: session::read(ctx, row.id, warnings).await?,
        booking_id,
        enrolment_ids: trainees.into_iter().map(|trainee| trainee.id).collect(),
    })
}

/// The same error, its places seen from the whole.
fn under(error: Error, base: &str) -> Error {
    match error {
        Error::Invalid(faults) => Error::Invalid(faults.into_iter().map(|fault: Fault| fault.under(base)).collect()),
        other => other,
    }
}
