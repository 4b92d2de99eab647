//! A fact of the cooperative holds from a day to another; two of the same never hold on the same day.

use chrono::NaiveDate;
use entity::Stamped;
use sea_orm::{ColumnTrait, ExprTrait, sea_query::SimpleExpr};
use uuid::Uuid;

use crate::platform::{
    access::Ctx,
    calendar::date,
    error::{Error, Result},
    permission::{OrganisationManage, Permission},
    scope::Scope,
    tx::Tx,
};

/// First and last day; no last day while it still holds.
pub(super) type Period = (NaiveDate, Option<NaiveDate>);

/// Only who sees the whole cooperative writes what is common to all activities.
pub(super) fn whole(scope: Scope<'_>) -> Result<()> {
    if scope.sees_all() { Ok(()) } else { Err(Error::Forbidden(OrganisationManage::ID)) }
}

/// The same, before a unit of work begins.
pub(super) fn common(ctx: &Ctx) -> Result<Option<Uuid>> {
    whole(ctx.scope()).map(|()| None)
}

/// The end is not before the beginning.
pub(super) fn in_order((from, to): Period) -> Result<()> {
    let Some(to) = to.filter(|to| *to < from) else { return Ok(()) };
    Err(Error::invalid(
        "/valid_to",
        "dates.order",
        format!("La fin ({}) précède le début ({}).", date(to), date(from)),
        format!("The end ({to}) is before the beginning ({from})."),
    ))
}

/// No other row of the same fact holds on a day of this period.
pub(super) async fn free<E: Stamped>(
    tx: &Tx<'_>,
    (valid_from, valid_to): (E::Column, E::Column),
    same: Option<SimpleExpr>,
    period: Period,
    except: Option<Uuid>,
    of: fn(&E::Model) -> Period,
) -> Result<()> {
    in_order(period)?;
    // Two at once would each find the period free.
    tx.lock::<entity::organisation::Entity>(super::settings::ROW).await?;
    let (from, to) = period;
    let mut query = tx.scope().find::<E>().filter(valid_to.is_null().or(valid_to.gte(from))).filter_some(same);
    if let Some(to) = to {
        query = query.filter(valid_from.lte(to));
    }
    if let Some(id) = except {
        query = query.filter(E::id().ne(id));
    }
    match query.one().await? {
        None => Ok(()),
        Some(row) => Err(overlap(period, of(&row))),
    }
}

pub(super) fn overlap(period: Period, other: Period) -> Error {
    Error::refused(
        "organisation.overlap",
        format!(
            "La période {} chevauche celle d’une autre ligne, {} : fermez d’abord l’autre par « valid_to ».",
            french(period),
            french(other)
        ),
        format!(
            "The period {} overlaps another row's, {}: end the other one by “valid_to” first.",
            english(period),
            english(other)
        ),
    )
}

fn french((from, to): Period) -> String {
    match to {
        Some(to) => format!("du {} au {}", date(from), date(to)),
        None => format!("depuis le {}", date(from)),
    }
}

fn english((from, to): Period) -> String {
    match to {
        Some(to) => format!("from {from} to {to}"),
        None => format!("since {from}"),
    }
}

/// A number as it is stored: parsed already by the rules of the input.
pub(super) fn compact<T: Into<String>, F>(parsed: Result<T, F>, written: String) -> String {
    parsed.map_or(written, Into::into)
}

/// The resource of a dated fact: what is answered, and the life that all share.
macro_rules! fact {
    ($(#[$doc:meta])* $name:ident: $input:ident -> $out:ident of $table:ident at $path:literal, same $same:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, poem_openapi::Object)]
        pub struct $out {
            /// Identifier.
            pub id: uuid::Uuid,
            /// Counts the changes; it is the ETag.
            pub version: i64,
            /// The place of the last change in the audit, for `updated_after`.
            pub seq: i64,
            /// What was written.
            #[oai(flatten)]
            pub fact: $input,
        }

        impl $crate::platform::answer::Versioned for $out {
            fn version(&self) -> i64 {
                self.version
            }
        }

        impl From<entity::$table::Model> for $out {
            fn from(row: entity::$table::Model) -> Self {
                Self { id: row.id, version: row.version, seq: row.seq, fact: $input::written(row) }
            }
        }

        #[doc = concat!("The resource `", $path, "`.")]
        pub struct $name;

        impl $crate::platform::resource::Resource for $name {
            type Table = entity::$table::Entity;
            type Edit = entity::$table::ActiveModel;
            type Input = $input;
            const PATH: &'static str = $path;

            fn activity(
                ctx: &$crate::platform::access::Ctx,
                _: &$input,
            ) -> $crate::platform::error::Result<Option<uuid::Uuid>> {
                super::fact::common(ctx)
            }

            fn input(row: &entity::$table::Model) -> $crate::platform::error::Result<$input> {
                Ok($input::written(row.clone()))
            }

            fn fill(input: $input, edit: &mut entity::$table::ActiveModel) -> $crate::platform::error::Result<()> {
                input.fill(edit)
            }

            fn event(fact: uuid::Uuid, step: $crate::platform::resource::Step) -> $crate::events::Event {
                super::fact::event(fact, step)
            }

            async fn check(
                tx: &$crate::platform::tx::Tx<'_>,
                input: &$input,
                before: Option<&entity::$table::Model>,
            ) -> $crate::platform::error::Result<()> {
                use entity::$table::Column;
                let same: fn(&$input) -> Option<sea_orm::sea_query::SimpleExpr> = $same;
                super::fact::free::<entity::$table::Entity>(
                    tx,
                    (Column::ValidFrom, Column::ValidTo),
                    same(input),
                    (input.valid_from, input.valid_to),
                    before.map(|row| row.id),
                    |row| (row.valid_from, row.valid_to),
                )
                .await
            }
        }
    };
}
pub(super) use fact;

/// The event of a step; facts are never deleted.
pub(super) fn event(fact: Uuid, step: crate::platform::resource::Step) -> crate::events::Event {
    use super::events::Event;
    use crate::platform::resource::Step;
    match step {
        Step::Created => Event::FactAdded { fact }.into(),
        Step::Changed | Step::Deleted => Event::FactChanged { fact }.into(),
    }
}
