//! Who may read what the audit shows of a table: whoever may read the table.

use serde_json::Value;

use crate::platform::{access::Ctx, permission::ALL};

/// The permission that reads a table; a guard lists the tables that have none here.
pub fn reads(table: &str) -> Option<&'static str> {
    let permission = match table {
        "organisation"
        | "legal_identity"
        | "declaration"
        | "vat_attestation"
        | "quality_certificate"
        | "signatory"
        | "referent"
        | "bank_account"
        | "organisation_text"
        | "paper_text"
        | "funder" => "organisation.read",
        "stored_file" => "files.read",
        "user_account" | "api_key" | "user_identity" | "sign_in" => "users.manage",
        "activity" | "membership" => "activities.read",
        "person" => "people.read",
        "trainer" => "trainers.read",
        "client" | "client_contact" => "clients.read",
        "programme" | "programme_version" => "programmes.read",
        "needs_analysis" => "needs.read",
        "adaptation" => "adaptations.read",
        "quote" | "quote_line" => "quotes.read",
        "session" | "session_slot" | "slot_trainer" => "sessions.read",
        "booking" | "enrolment" | "enrolment_slot" | "information_pack" | "approval" => "bookings.read",
        "agreement" | "amendment" => "agreements.read",
        "attendance_sheet" | "mark" | "trainer_mark" | "mark_evidence" | "late_mark" | "presence_time" | "walk_in"
        | "connection" | "distance_activity" | "name_correction" | "slot_code" | "mark_dispute" => "attendance.read",
        "objective_result" | "satisfaction" => "evaluations.read",
        "funding_file" | "funding_trainee" | "funding_piece" => "funding.read",
        "document" | "document_file" | "document_attachment" => "documents.read",
        "message" | "reminder" => "messages.read",
        "link" => "links.read",
        "signature_request" | "one_time_code" | "signature" => "signatures.read",
        "outbox" => "jobs.manage",
        "audit_entry" => "audit.read",
        _ => return None,
    };
    Some(permission)
}

/// Leave out the rows of tables that the caller may not read; answers how many were left out.
pub fn keep_readable(ctx: &Ctx, changes: &mut Value) -> u32 {
    let Value::Array(rows) = changes else { return 0 };
    let all = rows.len();
    rows.retain(|row| {
        let permission = row["table"].as_str().and_then(reads);
        let index = permission.and_then(|name| ALL.iter().position(|(id, _)| *id == name));
        index.and_then(|index| u32::try_from(index).ok()).is_some_and(|index| ctx.holds(index))
    });
    u32::try_from(all - rows.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_names_the_permission_that_reads_it() {
        let known = |permission: &str| ALL.iter().any(|(id, _)| *id == permission);
        let lost: Vec<&str> =
            entity::TABLES.iter().map(|(table, _)| *table).filter(|table| !reads(table).is_some_and(known)).collect();
        assert!(lost.is_empty(), "say in src/audit/readers.rs who may read the changes of {lost:?}");
        assert_eq!(reads("somewhere_else"), None);
    }
}
