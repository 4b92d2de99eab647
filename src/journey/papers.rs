//! All the papers that a session is due, in one call: attendance sheets per buyer, attestations.

use entity::{booking, document, session};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use crate::{
    attendance::{NewSheet, all_closed, issue_sheet},
    document::Kind,
    evaluation::attest_due,
    platform::{
        access::Ctx,
        error::{Error, Result},
    },
};

/// Issue what is due and not there yet: for each buyer the attendance sheet of its trainees, for each evaluated trainee
/// the attestation. Refused while half-days are open.
pub async fn issue_due(ctx: &mut Ctx, id: Uuid) -> Result<Vec<document::Model>> {
    let mut tx = ctx.begin().await?;
    let session = tx.lock::<session::Entity>(id).await?;
    if !all_closed(&tx, session.id).await? {
        return Err(Error::refused(
            "session.half_days_open",
            "Des demi-journées sont encore ouvertes : les documents de fin se font une fois toutes closes.",
            "Some half-days are still open: the papers of the end are made once all are closed.",
        ));
    }
    let bookings = tx
        .scope()
        .find::<booking::Entity>()
        .filter(booking::Column::SessionId.eq(session.id))
        .filter(booking::Column::State.eq("agreed"))
        .ascending(booking::Column::Id)
        .all()
        .await?;
    let mut issued = vec![];
    for booking in bookings {
        let there = tx
            .scope()
            .find::<document::Entity>()
            .filter(document::Column::BookingId.eq(booking.id))
            .filter(document::Column::Kind.eq(Kind::AttendanceSheet.name()))
            .filter(document::Column::State.eq("current"))
            .one()
            .await?;
        // A sheet that was issued blank, before the first day, is replaced by the filled one.
        let filled = there.is_some_and(|sheet| session.last_day.is_some_and(|day| sheet.issued_on >= day));
        if !filled {
            let sheet = NewSheet { booking_id: Some(booking.id), blank: Some(false) };
            issued.extend(issue_sheet(&mut tx, session.id, sheet).await?.made());
        }
    }
    issued.extend(attest_due(&mut tx, &session).await?);
    tx.answers_at(format!("/v1/documents?session_id={id}"), 200);
    tx.commit().await?;
    Ok(issued)
}
