//! The cooperative's word: a trainer asks, the cooperative accepts or returns with a reason.

use chrono::{DateTime, Utc};
use entity::{approval, booking};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;

use super::{events::Event, making::place, moves::require_live, rules::Approval, terms::terms_of};
use crate::platform::{
    access::Ctx,
    answer::Versioned,
    error::{Error, Result},
    tx::Tx,
};

/// One request for approval, and what came of it.
#[derive(Debug, Clone, Object)]
pub struct ApprovalOut {
    /// Identifier.
    pub id: Uuid,
    /// Counts the changes; it is the ETag.
    pub version: i64,
    /// The place of the last change in the activity's audit, for `updated_after`.
    pub seq: i64,
    /// The activity that asks.
    pub activity_id: Uuid,
    /// The booking that it is about.
    pub booking_id: Uuid,
    /// The version of the booking when approval was asked.
    pub booking_version: i64,
    /// The hash of the terms that it is about: price, duration, days, objectives, distance share, trainers.
    pub terms_hash: String,
    /// What came of it.
    pub state: Approval,
    /// Why it was returned, or a word with the acceptance.
    #[oai(skip_serializing_if_is_none)]
    pub reason: Option<String>,
    /// Who decided.
    #[oai(skip_serializing_if_is_none)]
    pub decided_by: Option<String>,
    /// When.
    #[oai(skip_serializing_if_is_none)]
    pub decided_at: Option<DateTime<Utc>>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

impl Versioned for ApprovalOut {
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<approval::Model> for ApprovalOut {
    type Error = Error;

    fn try_from(row: approval::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            version: row.version,
            seq: row.seq,
            activity_id: row.activity_id,
            booking_id: row.booking_id,
            booking_version: row.booking_version,
            terms_hash: row.terms_hash,
            state: Approval::of(&row.state)?,
            reason: row.reason,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            asked_at: row.created_at,
        })
    }
}

/// The request that waits for a decision, if there is one.
async fn waiting(tx: &Tx<'_>, booking: Uuid) -> Result<Option<approval::Model>> {
    use approval::Column as A;
    tx.scope()
        .find::<approval::Entity>()
        .filter(A::BookingId.eq(booking))
        .filter(A::State.eq(Approval::Requested.name()))
        .descending(A::Id)
        .one()
        .await
}

/// Ask the cooperative to approve the present terms.
pub(super) async fn request(ctx: &mut Ctx, id: Uuid) -> Result<booking::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<booking::Entity>(id).await?;
    require_live(&row)?;
    // The terms are weighed first: what an earlier approval was about may be gone.
    super::terms_changed(&mut tx, id).await?;
    let row = tx.scope().get::<booking::Entity>(row.id).await?;
    if waiting(&tx, id).await?.is_some() {
        return Err(Error::no_move(
            "booking.approval_no_move",
            Approval::Requested.name(),
            "request-approval",
            &["accept-approval", "return-approval"],
        ));
    }
    if Approval::of(&row.approval)? == Approval::Accepted {
        return Err(Error::no_move("booking.approval_no_move", Approval::Accepted.name(), "request-approval", &[]));
    }
    let hash = terms_of(&tx.scope(), &row).await?.hash()?;
    let (approval, activity) = (tx.new_id(), row.activity_id);
    let mut act = tx.act(activity, Event::ApprovalRequested { booking: id, approval }.into());
    act.insert(approval::ActiveModel {
        id: Set(approval),
        booking_id: Set(id),
        booking_version: Set(row.version),
        terms_hash: Set(hash),
        state: Set(Approval::Requested.into()),
        reason: Set(None),
        decided_by: Set(None),
        decided_at: Set(None),
        ..Default::default()
    })
    .await?;
    let row =
        act.update(row, |edit: &mut booking::ActiveModel| edit.approval = Set(Approval::Requested.into())).await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}

/// Accept or return the terms that wait, as they stand now.
pub(super) async fn decide(ctx: &mut Ctx, id: Uuid, to: Approval, reason: Option<String>) -> Result<booking::Model> {
    let mut tx = ctx.begin().await?;
    let row = tx.lock::<booking::Entity>(id).await?;
    let step = if to == Approval::Accepted { "accept-approval" } else { "return-approval" };
    let Some(asked) = waiting(&tx, id).await? else {
        return Err(Error::no_move("booking.approval_no_move", &row.approval, step, &["request-approval"]));
    };
    if to == Approval::Accepted && terms_of(&tx.scope(), &row).await?.hash()? != asked.terms_hash {
        return Err(Error::refused(
            "booking.terms_changed",
            "Les conditions ont changé depuis la demande de validation : elle est à refaire.",
            "The terms changed since approval was asked: it must be asked again.",
        ));
    }
    let event = match to {
        Approval::Accepted => Event::ApprovalAccepted { booking: id, approval: asked.id },
        _ => Event::ApprovalReturned { booking: id, approval: asked.id },
    };
    let (now, actor, activity) = (tx.now(), tx.actor().to_owned(), row.activity_id);
    let mut act = tx.act(activity, event.into());
    act.update(asked, |edit: &mut approval::ActiveModel| {
        edit.state = Set(to.into());
        edit.reason = Set(reason);
        edit.decided_by = Set(Some(actor));
        edit.decided_at = Set(Some(now));
    })
    .await?;
    let row = act.update(row, |edit: &mut booking::ActiveModel| edit.approval = Set(to.into())).await?;
    tx.answers_at(place(id), 200);
    tx.commit().await?;
    Ok(row)
}
