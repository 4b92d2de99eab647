//! A half-day in words, the same on every page.

use chrono::{DateTime, Utc};
use entity::{activity, session_slot};
use serde::Serialize;
use uuid::Uuid;

use crate::platform::{calendar, error::Result, scope::Scope};

/// A half-day as pages name it.
#[derive(Debug, Clone, Serialize)]
pub struct Half {
    /// The half-day.
    pub slot: Uuid,
    /// « mardi 3 mars 2026, matin ».
    pub label: String,
    /// « de 9 h à 12 h 30 ».
    pub hours: String,
}

impl Half {
    /// In words.
    pub fn of(slot: &session_slot::Model) -> Self {
        let half = if slot.half == "afternoon" { "après-midi" } else { "matin" };
        Self {
            slot: slot.id,
            label: format!("{}, {half}", calendar::long_date(slot.day)),
            hours: format!("de {} à {}", clock(slot.starts_at), clock(slot.ends_at)),
        }
    }
}

/// The time that clocks show: « 9 h 42 ».
pub fn clock(at: DateTime<Utc>) -> String {
    calendar::time(calendar::local(at).time())
}

/// The name above the pages of an activity.
pub async fn brand(scope: &Scope<'_>, activity: Uuid) -> Result<String> {
    Ok(scope.get::<activity::Entity>(activity).await?.name)
}
