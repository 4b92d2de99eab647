//! When a training may begin, as far as its agreement is concerned.

use chrono::NaiveDate;
use entity::{agreement, booking};
use sea_orm::ColumnTrait;
use uuid::Uuid;

use super::rules::{Standing, State, may_begin};
use crate::platform::{error::Result, scope::Scope};

/// The agreement of a booking that is not void, if there is one.
pub async fn live(scope: &Scope<'_>, booking: Uuid) -> Result<Option<agreement::Model>> {
    use agreement::Column as A;
    scope
        .find::<agreement::Entity>()
        .filter(A::BookingId.eq(booking))
        .filter(A::State.ne(State::Void.name()))
        .descending(A::Id)
        .one()
        .await
}

/// Whether the training may begin on a day for a booking: its agreement is signed and the withdrawal period over,
/// unless the cooperative lets it pass.
pub async fn may_start(scope: &Scope<'_>, booking: &booking::Model, day: NaiveDate) -> Result<()> {
    let signed = live(scope, booking.id).await?.filter(|row| row.state == State::Signed.name());
    let standing = Standing {
        signed: signed.is_some(),
        withdrawal_ends_on: signed.and_then(|row| row.withdrawal_ends_on),
        overridden: booking.start_override.is_some(),
    };
    may_begin(standing, day)
}
