//! Agree: the act after which the training is due.

use entity::{approval, booking, client, organisation, session};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{
    accreditation,
    events::Event,
    making::place,
    moves::require_signed,
    rules::{Approval, State, Step, moved},
    terms::terms_of,
};
use crate::{
    activity::still_sells,
    platform::{
        access::Ctx,
        error::{Error, Result},
        scope::Scope,
    },
    session::require_free,
};

/// Agree a booking: its agreement is signed by both sides, its terms are approved, its trainers accredited and free.
pub(super) async fn agree(ctx: &mut Ctx, id: Uuid) -> Result<booking::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<booking::Entity>(id).await?;
    let to = moved(State::of(&row.state)?, Step::Agree)?;
    let agreement = require_signed(&tx, &row).await?;
    // Signed before it left, it is due; signed since, it is a new sale.
    let signed = agreement.client_signed_on.max(agreement.provider_signed_on);
    still_sells(&tx.scope(), row.activity_id, signed.unwrap_or_else(|| tx.today())).await?;
    ordered(&tx.scope(), &row).await?;
    let terms = terms_of(&tx.scope(), &row).await?;
    let hash = terms.hash()?;
    if agreement.terms_hash != hash {
        return Err(Error::refused(
            "booking.agreement_outdated",
            format!(
                "Les conditions ont changé depuis la rédaction de {} : faites signer un avenant, ou une nouvelle convention.",
                agreement.reference
            ),
            format!(
                "The terms changed since {} was drafted: have an amendment or a new agreement signed.",
                agreement.reference
            ),
        ));
    }
    approved(&tx.scope(), &row, &hash).await?;
    if let Some(first) = terms.days.first() {
        accreditation::require(&tx.scope(), &row, &terms.trainers, *first).await?;
    }
    // No agreed half-day of another session takes the same trainers at the same time.
    let session = tx.scope().get::<session::Entity>(row.session_id).await?;
    require_free(&tx, &session).await?;
    let today = tx.today();
    let row = tx
        .act(row.activity_id, Event::Agreed { booking: id }.into())
        .update(row, |edit: &mut booking::ActiveModel| {
            edit.state = Set(to.into());
            edit.agreed_on = Set(Some(today));
        })
        .await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// A public body that pays on orders has given its order's reference.
async fn ordered(scope: &Scope<'_>, row: &booking::Model) -> Result<()> {
    let client = scope.get::<client::Entity>(row.client_id).await?;
    if client.purchase_order_required && row.order_reference.is_none() {
        return Err(Error::refused(
            "booking.order_reference_missing",
            format!("« {} » exige un bon de commande : saisissez la référence d’engagement.", client.name),
            format!("“{}” requires a purchase order: enter its reference.", client.name),
        ));
    }
    Ok(())
}

/// Whether the cooperative asks to approve what is agreed.
async fn approval_required(scope: &Scope<'_>) -> Result<bool> {
    Ok(scope.find::<organisation::Entity>().one().await?.is_some_and(|row| row.approval_required))
}

/// The present terms are those that the cooperative accepted, when it asks to.
async fn approved(scope: &Scope<'_>, row: &booking::Model, hash: &str) -> Result<()> {
    use approval::Column as A;
    if !approval_required(scope).await? {
        return Ok(());
    }
    let accepted = scope
        .find::<approval::Entity>()
        .filter(A::BookingId.eq(row.id))
        .filter(A::State.eq(Approval::Accepted.name()))
        .filter(A::TermsHash.eq(hash))
        .count()
        .await?;
    if accepted > 0 {
        return Ok(());
    }
    Err(Error::refused(
        "booking.not_approved",
        format!("La coopérative n’a pas validé les conditions actuelles de la réservation {}.", row.reference),
        format!("The cooperative has not approved the present terms of booking {}.", row.reference),
    ))
}
