//! Presence, results, funds.

use crate::table::*;

/// The tables, in the order of their references.
pub fn tables() -> Vec<Declared> {
    vec![
        t("attendance_sheet", Owned)
            .owned_ref("slot_id", "session_slot")
            .text("state")
            .maybe_instant("opened_at")
            .maybe_instant("closed_at")
            .maybe_text("closed_by")
            .maybe_text("gaps")
            .maybe_int("mark_count")
            .maybe_big("head_seq")
            .maybe_text("head_hash")
            .maybe_text("reopened_reason")
            .unique(&["slot_id"]),
        t("mark", Owned)
            .owned_ref("slot_id", "session_slot")
            .owned_ref("enrolment_id", "enrolment")
            .text("presence")
            .int("minutes")
            .text("proof")
            .maybe_text("reason")
            .text("recorded_by")
            .instant("recorded_at")
            .unique(&["slot_id", "enrolment_id"]),
        t("trainer_mark", Owned)
            .owned_ref("slot_id", "session_slot")
            .owned_ref("trainer_id", "trainer")
            .int("minutes")
            .text("proof")
            .text("recorded_by")
            .instant("recorded_at")
            .unique(&["slot_id", "trainer_id"]),
        t("objective_result", Owned)
            .owned_ref("enrolment_id", "enrolment")
            .int("objective")
            .maybe_text("before")
            .maybe_text("after")
            .unique(&["enrolment_id", "objective"]),
        t("satisfaction", Owned)
            .owned_ref("enrolment_id", "enrolment")
            .int("note")
            .maybe_text("comment")
            .unique(&["enrolment_id"]),
        t("funding_file", Owned)
            .external_id()
            .owned_ref("booking_id", "booking")
            .reference("funder_id", "funder")
            .text("state")
            .maybe_text("number")
            .text("mode")
            .big("requested_cents")
            .maybe_big("granted_cents")
            .maybe_day("file_before")
            .maybe_day("filed_on")
            .maybe_day("decided_on")
            .maybe_text("decision_reason")
            .maybe_day("pieces_deadline")
            .maybe_text("invoice_number")
            .maybe_day("paid_on")
            .maybe_text("late_override")
            .text("search"),
        t("funding_trainee", Owned)
            .owned_ref("funding_file_id", "funding_file")
            .owned_ref("enrolment_id", "enrolment")
            .unique(&["funding_file_id", "enrolment_id"]),
        t("funding_piece", Owned)
            .owned_ref("funding_file_id", "funding_file")
            .text("kind")
            .maybe_uuid("document_id")
            .maybe_reference("stored_file_id", "stored_file")
            .maybe_day("provided_on")
            .maybe_text("note"),
    ]
}
