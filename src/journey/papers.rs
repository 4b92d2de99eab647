//! All the papers that a session is due, in one call: attendance sheets per buyer, attestations.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use entity::{booking, document, session};
use sea_orm::ColumnTrait;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    attendance::{NewSheet, Sheet, all_closed},
    document::Kind,
    evaluation::Attestations,
    platform::{
        access::Ctx,
        audit::moment,
        codes::stored,
        error::{Error, Result},
        scope::Scope,
    },
};

/// What a session is due and does not have yet.
struct Due {
    sheets: Vec<Sheet>,
    attestations: Attestations,
}

impl Due {
    /// Gather it. Refused while half-days are open.
    async fn gather(scope: &Scope<'_>, id: Uuid, day: NaiveDate) -> Result<Self> {
        let session = scope.get::<session::Entity>(id).await?;
        if !all_closed(scope, session.id).await? {
            return Err(Error::refused(
                "session.half_days_open",
                "Des demi-journées sont encore ouvertes : les documents de fin se font une fois toutes closes.",
                "Some half-days are still open: the papers of the end are made once all are closed.",
            ));
        }
        let bookings = scope
            .find::<booking::Entity>()
            .filter(booking::Column::SessionId.eq(session.id))
            .filter(booking::Column::State.eq("agreed"))
            .ascending(booking::Column::Id)
            .all()
            .await?;
        let there: HashMap<Uuid, document::Model> = scope
            .find::<document::Entity>()
            .filter(document::Column::SessionId.eq(session.id))
            .filter(document::Column::Kind.eq(Kind::AttendanceSheet.name()))
            .filter(document::Column::State.eq("current"))
            .all()
            .await?
            .into_iter()
            .filter_map(|sheet| Some((sheet.booking_id?, sheet)))
            .collect();
        // One that was issued blank, to be signed by hand, or before the last day, is replaced by the filled one.
        let mut filled = HashSet::new();
        for (booking, sheet) in &there {
            let content: Value = stored(&sheet.content)?;
            if content["blank"] == false && session.last_day.is_some_and(|day| sheet.issued_on >= day) {
                filled.insert(*booking);
            }
        }
        let mut sheets = vec![];
        for booking in bookings.iter().filter(|booking| !filled.contains(&booking.id)) {
            let of = NewSheet { booking_id: Some(booking.id), blank: Some(false) };
            sheets.push(Sheet::gather(scope, session.id, &of, day).await?);
        }
        Ok(Self { sheets, attestations: Attestations::due(scope, &session, day).await? })
    }
}

/// Issue what is due and not there yet: for each buyer the attendance sheet of its trainees, for each evaluated trainee
/// the attestation. Refused while half-days are open.
pub async fn issue_due(ctx: &mut Ctx, id: Uuid) -> Result<Vec<document::Model>> {
    // Gathered while others write.
    let (scope, day) = (ctx.scope(), ctx.today());
    let activity = scope.get::<session::Entity>(id).await?.activity_id;
    let seen = moment(&scope, activity).await?;
    // Whoever repeats a request is told where its answer is, whatever became of the facts since.
    let due = Due::gather(&scope, id, day).await;
    let mut tx = ctx.begin().await?;
    tx.lock::<session::Entity>(id).await?;
    let Due { sheets, attestations } = if tx.today() == day && moment(&tx.scope(), activity).await? == seen {
        due?
    } else {
        Due::gather(&tx.scope(), id, tx.today()).await?
    };
    let mut issued = vec![];
    for sheet in sheets {
        issued.extend(sheet.issue(&mut tx).await?.made());
    }
    issued.extend(attestations.issue(&mut tx).await?);
    tx.answers_at(format!("/v1/documents?session_id={id}"), 200);
    tx.commit().await?;
    Ok(issued)
}
