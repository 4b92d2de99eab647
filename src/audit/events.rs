//! That somebody read the audit is in the audit.

use uuid::Uuid;

crate::events! { "audit";
    /// Somebody looked for this in the audit: noted once a day for a key and what it looks for, not page by page.
    Read { key, subject_id: Option<Uuid>, event: Option<String>, activity_id: Option<Uuid> } = "read",
    /// Somebody had every chain verified: noted once a day for a key.
    Verified { key } = "verified",
}
