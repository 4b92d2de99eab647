//! Propose, decline, cancel; and what the cooperative lets pass with a reason.

use entity::{booking, enrolment, mark, mark_evidence, session};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::{
    events::Event,
    making::place,
    rules::{State, Step, moved},
    terms::signed_agreement,
};
use crate::{
    activity::still_sells,
    platform::{
        access::Ctx,
        error::{Error, Result},
        scope::Scope,
        tx::Tx,
    },
};

/// Why.
#[derive(Debug, Clone, Object, Validate)]
pub struct BookingReason {
    /// Why, in a sentence that can be read again years later.
    #[oai(validator(min_length = 3, max_length = 1000))]
    pub reason: String,
}

/// Refuse what a declined or cancelled booking no longer takes.
pub fn require_live(row: &booking::Model) -> Result<()> {
    let state = State::of(&row.state)?;
    if state.is_live() {
        return Ok(());
    }
    Err(Error::refused(
        "booking.closed",
        format!("La réservation {} est close (état « {} »).", row.reference, state.name()),
        format!("Booking {} is closed (state “{}”).", row.reference, state.name()),
    ))
}

/// Offer a locked booking to its client, as part of a larger act; the activity must still sell.
pub async fn propose_row(tx: &mut Tx<'_>, row: booking::Model) -> Result<booking::Model> {
    let to = moved(State::of(&row.state)?, Step::Propose)?;
    still_sells(&tx.scope(), row.activity_id, tx.today()).await?;
    tx.act(row.activity_id, Event::Proposed { booking: row.id }.into())
        .update(row, |edit: &mut booking::ActiveModel| edit.state = Set(to.into()))
        .await
}

/// Offer a booking to its client.
pub(super) async fn propose(ctx: &mut Ctx, id: Uuid) -> Result<booking::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<booking::Entity>(id).await?;
    let row = propose_row(&mut tx, row).await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// Close a booking: the client said no, or it is called off.
pub(super) async fn close(ctx: &mut Ctx, id: Uuid, step: Step, reason: String) -> Result<booking::Model> {
    let mut tx = ctx.begin().await?;
    // The session first, as everywhere: nobody signs meanwhile.
    let session = tx.scope().get::<booking::Entity>(id).await?.session_id;
    tx.lock::<session::Entity>(session).await?;
    let row = tx.lock::<booking::Entity>(id).await?;
    let to = moved(State::of(&row.state)?, step)?;
    if is_performed(&tx.scope(), row.id).await? {
        return Err(Error::refused(
            "booking.performed",
            format!(
                "Des stagiaires de {} ont déjà suivi une partie de la formation : ce qui a été suivi reste dû. Annulez les \
                 demi-journées à venir, ou notez les abandons.",
                row.reference
            ),
            format!(
                "Trainees of {} attended a part of the training already: cancel the half-days to come, or note who left.",
                row.reference
            ),
        ));
    }
    let event = match to {
        State::Declined => Event::Declined { booking: id },
        _ => Event::Cancelled { booking: id },
    };
    let row = tx
        .act(row.activity_id, event.into())
        .update(row, |edit: &mut booking::ActiveModel| {
            edit.state = Set(to.into());
            edit.closed_reason = Set(Some(reason));
        })
        .await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// Whether trainees of a booking attended something: their hours, certificates and funding files stand on it.
pub async fn is_performed(scope: &Scope<'_>, booking: Uuid) -> Result<bool> {
    let enrolments = scope.find::<enrolment::Entity>().filter(enrolment::Column::BookingId.eq(booking)).all().await?;
    let ids = || enrolments.iter().map(|one| one.id);
    let marks = scope
        .find::<mark::Entity>()
        .filter(mark::Column::EnrolmentId.is_in(ids()))
        .filter(mark::Column::Minutes.gt(0))
        .count()
        .await?;
    let signed =
        scope.find::<mark_evidence::Entity>().filter(mark_evidence::Column::EnrolmentId.is_in(ids())).count().await?;
    Ok(marks + signed > 0)
}

/// What the cooperative may let pass.
#[derive(Debug, Clone, Copy)]
pub(super) enum Override {
    /// Trainers without accreditation.
    Accreditation,
    /// A start without a signed agreement, or inside the withdrawal period.
    Start,
}

/// Let something pass, with a reason that stays.
pub(super) async fn override_rule(ctx: &mut Ctx, id: Uuid, what: Override, reason: String) -> Result<booking::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<booking::Entity>(id).await?;
    require_live(&row)?;
    let event = match what {
        Override::Accreditation => Event::AccreditationOverridden { booking: id },
        Override::Start => Event::StartOverridden { booking: id },
    };
    let row = tx
        .act(row.activity_id, event.into())
        .update(row, |edit: &mut booking::ActiveModel| match what {
            Override::Accreditation => edit.accreditation_override = Set(Some(reason)),
            Override::Start => edit.start_override = Set(Some(reason)),
        })
        .await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// The signed agreement, or the refusal that says it is not there.
pub(super) async fn require_signed(tx: &Tx<'_>, row: &booking::Model) -> Result<entity::agreement::Model> {
    signed_agreement(&tx.scope(), row.id).await?.ok_or_else(|| {
        Error::refused(
            "booking.agreement_not_signed",
            format!(
                "La convention ou le contrat de la réservation {} n’est pas signé par les deux parties (art. L6353-1, L6353-3).",
                row.reference
            ),
            format!("The agreement of booking {} is not signed by both sides (art. L6353-1, L6353-3).", row.reference),
        )
    })
}
