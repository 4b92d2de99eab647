//! What is in force on a day: the front door of whoever prints or checks.

use chrono::NaiveDate;
use entity::{Visible, bank_account, organisation_text, quality_certificate, referent};
use sea_orm::ColumnTrait;

use super::{issuer::in_force, people::ReferentRole, text::TextKind};
use crate::platform::{
    error::Result,
    scope::{Scope, Scoped},
};

fn standing<'a, E: Visible>(scope: &Scope<'a>, from: E::Column, to: E::Column, day: NaiveDate) -> Scoped<'a, E> {
    scope.find::<E>().filter(in_force(from, to, day)).descending(from)
}

/// The named contact of a role.
pub async fn referent(scope: &Scope<'_>, role: ReferentRole, day: NaiveDate) -> Result<Option<referent::Model>> {
    use referent::Column as C;
    standing::<referent::Entity>(scope, C::ValidFrom, C::ValidTo, day).filter(C::Role.eq(role.name())).one().await
}

/// The edition of a text.
pub async fn text_in_force(
    scope: &Scope<'_>,
    kind: TextKind,
    day: NaiveDate,
) -> Result<Option<organisation_text::Model>> {
    use organisation_text::Column as C;
    standing::<organisation_text::Entity>(scope, C::ValidFrom, C::ValidTo, day)
        .filter(C::Kind.eq(kind.name()))
        .one()
        .await
}

/// The Qualiopi certificate that covers training.
pub async fn certificate_in_force(scope: &Scope<'_>, day: NaiveDate) -> Result<Option<quality_certificate::Model>> {
    use quality_certificate::Column as C;
    standing::<quality_certificate::Entity>(scope, C::ValidFrom, C::ValidTo, day)
        .filter(C::Categories.contains("\"action_formation\""))
        .one()
        .await
}

/// Where the cooperative is paid.
pub async fn bank_account(scope: &Scope<'_>, day: NaiveDate) -> Result<Option<bank_account::Model>> {
    use bank_account::Column as C;
    standing::<bank_account::Entity>(scope, C::ValidFrom, C::ValidTo, day).one().await
}
