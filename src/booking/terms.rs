//! The terms of a booking as they stand, so that a change is seen and weighed.

use std::collections::HashSet;

use chrono::NaiveDate;
use entity::{agreement, approval, booking, session, slot_trainer};
use sea_orm::{ActiveValue::Set, ColumnTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    events::Event,
    rules::{Approval, Material, State, distance_share, material},
};
use crate::{
    platform::{
        access::Ctx,
        audit::sha256,
        calendar,
        codes::{store, stored},
        error::Result,
        money::Minutes,
        scope::Scope,
        tx::Tx,
    },
    session::{minutes_of, slots_of_session},
};

/// What a booking is about, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Price without tax, in cents of euro.
    pub price_cents: i64,
    /// Minutes of training.
    pub minutes: i32,
    /// The days, in order.
    pub days: Vec<NaiveDate>,
    /// The version of the programme that was sold.
    pub programme_version: Uuid,
    /// Minutes at a distance over all minutes, in basis points.
    pub distance_basis_points: i32,
    /// Who teaches.
    pub trainers: Vec<Uuid>,
    /// The half-days with their hours: a notice is enough when they change within a day.
    pub plan: Vec<String>,
    /// Where it takes place.
    pub place: Option<String>,
}

/// The part of the terms that an approval is about.
#[derive(Serialize)]
struct Approved<'a> {
    price_cents: i64,
    minutes: i32,
    days: &'a [NaiveDate],
    programme_version: Uuid,
    distance_basis_points: i32,
    trainers: Vec<Uuid>,
}

impl Terms {
    /// The hash of what is material: an approval and an agreement name it.
    pub fn hash(&self) -> Result<String> {
        let mut trainers = self.trainers.clone();
        trainers.sort();
        let approved = Approved {
            price_cents: self.price_cents,
            minutes: self.minutes,
            days: &self.days,
            programme_version: self.programme_version,
            distance_basis_points: self.distance_basis_points,
            trainers,
        };
        Ok(sha256(store(&approved)?))
    }
}

/// The terms of a booking, read from the session as it is planned.
pub async fn terms_of(scope: &Scope<'_>, booking: &booking::Model) -> Result<Terms> {
    read(scope, booking.session_id, booking.programme_version_id, booking.price_cents).await
}

pub(super) async fn read(scope: &Scope<'_>, session: Uuid, programme_version: Uuid, price_cents: i64) -> Result<Terms> {
    let session = scope.get::<session::Entity>(session).await?;
    let slots = slots_of_session(scope, session.id).await?;
    let minutes = Minutes::sum(slots.iter().map(minutes_of)).unwrap_or(Minutes(i32::MAX)).0;
    let distance = slots.iter().filter(|slot| slot.modality == "distance").map(|slot| minutes_of(slot).0).sum();
    let mut days: Vec<NaiveDate> = slots.iter().map(|slot| slot.day).collect();
    days.sort();
    days.dedup();
    let plan = slots
        .iter()
        .map(|slot| {
            let (start, end) = (calendar::local(slot.starts_at), calendar::local(slot.ends_at));
            let place = slot.place.as_deref().or(slot.link.as_deref()).unwrap_or_default();
            format!("{start} – {end} {} {place}", slot.modality)
        })
        .collect();
    Ok(Terms {
        price_cents,
        minutes,
        days,
        programme_version,
        distance_basis_points: distance_share(distance, minutes),
        trainers: trainers_of(scope, slots.iter().map(|slot| slot.id).collect()).await?,
        plan,
        place: session.place.or(session.link),
    })
}

/// Who teaches these half-days, each once, in a stable order.
pub(super) async fn trainers_of(scope: &Scope<'_>, slots: Vec<Uuid>) -> Result<Vec<Uuid>> {
    if slots.is_empty() {
        return Ok(vec![]);
    }
    let rows = scope.find::<slot_trainer::Entity>().filter(slot_trainer::Column::SlotId.is_in(slots)).all().await?;
    let ids: HashSet<Uuid> = rows.into_iter().map(|row| row.trainer_id).collect();
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    ids.sort();
    Ok(ids)
}

/// Look again at the terms of a booking: a material change voids the approval and is told, another one is told.
pub async fn terms_changed(tx: &mut Tx<'_>, booking: Uuid) -> Result<Vec<Material>> {
    let row = tx.lock::<booking::Entity>(booking).await?;
    if !State::of(&row.state)?.is_live() {
        return Ok(vec![]);
    }
    let after = terms_of(&tx.scope(), &row).await?;
    let before: Terms = stored(&row.terms)?;
    if before == after {
        return Ok(vec![]);
    }
    let differs = material(&before, &after);
    let voided = if differs.is_empty() { vec![] } else { fallen(&tx.scope(), &row, &after.hash()?).await? };
    for approval in &voided {
        tx.act(row.activity_id, Event::ApprovalVoided { booking, approval: approval.id }.into())
            .update(approval.clone(), |edit: &mut approval::ActiveModel| edit.state = Set(Approval::Voided.into()))
            .await?;
    }
    let event = match (differs.is_empty(), State::of(&row.state)?) {
        (false, _) => Event::MateriallyChanged { booking },
        // A draft was shown to nobody: there is nobody to tell.
        (true, State::Draft) => Event::Edited { booking },
        (true, _) => Event::Changed { booking },
    };
    let terms = store(&after)?;
    tx.act(row.activity_id, event.into())
        .update(row, |edit: &mut booking::ActiveModel| {
            edit.terms = Set(terms);
            if !voided.is_empty() {
                edit.approval = Set(Approval::Voided.into());
            }
        })
        .await?;
    Ok(differs)
}

/// The approvals that no longer say anything about the present terms.
async fn fallen(scope: &Scope<'_>, booking: &booking::Model, hash: &str) -> Result<Vec<approval::Model>> {
    use approval::Column as A;
    scope
        .find::<approval::Entity>()
        .filter(A::BookingId.eq(booking.id))
        .filter(A::State.is_in([Approval::Requested.name(), Approval::Accepted.name()]))
        .filter(A::TermsHash.ne(hash))
        .all()
        .await
}

/// The signed agreement of a booking, if there is one.
pub(super) async fn signed_agreement(scope: &Scope<'_>, booking: Uuid) -> Result<Option<agreement::Model>> {
    scope
        .find::<agreement::Entity>()
        .filter(agreement::Column::BookingId.eq(booking))
        .filter(agreement::Column::State.eq("signed"))
        .one()
        .await
}

/// Look again at the terms of every booking of a session whose plan changed: the worker's job « recheck_terms ».
pub async fn recheck_terms(ctx: &mut Ctx, session: Uuid) -> Result<()> {
    let bookings = super::of_session(&ctx.scope(), session).await?;
    for booking in bookings {
        let mut tx = ctx.begin().await?;
        terms_changed(&mut tx, booking.id).await?;
        tx.commit().await?;
    }
    Ok(())
}
