//! The cooperative and its legal facts, its users, the activities that it carries.

use crate::table::*;

/// The tables, in the order of their references.
pub fn tables() -> Vec<Declared> {
    vec![
        t("activity", Tenant)
            .text("name")
            .text("slug")
            .maybe_text("description")
            .maybe_text("email")
            .maybe_text("phone")
            .maybe_text("website")
            .maybe_text("accent")
            .day("opened_on")
            .maybe_day("left_on")
            .maybe_text("left_reason")
            .maybe_text("external_id")
            .unique(&["slug"])
            .unique(&["external_id"]),
        t("organisation", Common)
            .flag("approval_required")
            .text("bpf_head_count")
            .int("quote_validity_days")
            .int("payment_days")
            .int("convocation_days")
            .int("reminder_days"),
        t("legal_identity", Common)
            .text("name")
            .text("legal_form")
            .maybe_big("capital_cents")
            .text("siren")
            .text("siret")
            .maybe_text("rcs_city")
            .maybe_text("naf")
            .maybe_text("vat_number")
            .text("address")
            .text("postcode")
            .text("city")
            .text("country")
            .maybe_text("email")
            .maybe_text("phone")
            .maybe_text("website")
            .day("valid_from")
            .maybe_day("valid_to"),
        t("declaration", Common).text("number").text("prefect_region").day("valid_from").maybe_day("valid_to"),
        t("vat_attestation", Common).flag("exempt").maybe_text("reference").day("valid_from").maybe_day("valid_to"),
        t("quality_certificate", Common)
            .text("certifier")
            .text("number")
            .json("categories")
            .day("valid_from")
            .maybe_day("valid_to"),
        t("signatory", Common)
            .text("first_name")
            .text("last_name")
            .text("quality")
            .maybe_text("email")
            .flag("legal_representative")
            .json("paper_kinds")
            .maybe_big("max_amount_cents")
            .day("valid_from")
            .maybe_day("valid_to"),
        t("referent", Common)
            .text("role")
            .text("first_name")
            .text("last_name")
            .maybe_text("email")
            .maybe_text("phone")
            .day("valid_from")
            .maybe_day("valid_to"),
        t("bank_account", Common).text("holder").text("iban").maybe_text("bic").day("valid_from").maybe_day("valid_to"),
        t("organisation_text", Common)
            .text("kind")
            .int("edition")
            .text("title")
            .maybe_text("body")
            .maybe_uuid("stored_file_id")
            .text("sha256")
            .day("valid_from")
            .maybe_day("valid_to")
            .unique(&["kind", "edition"]),
        t("stored_file", Common).text("sha256").text("media_type").big("size").text("file_name").text("purpose"),
        t("user_account", Common)
            .text("first_name")
            .text("last_name")
            .text("email")
            .text("role")
            .maybe_instant("expires_at")
            .maybe_instant("disabled_at")
            .unique(&["email"]),
        t("api_key", Common)
            .reference("user_id", "user_account")
            .text("label")
            .text("prefix")
            .text("hash")
            .maybe_json("permissions")
            .maybe_json("activities")
            .maybe_instant("expires_at")
            .maybe_instant("revoked_at")
            .maybe_instant("last_used_at")
            .unique(&["hash"]),
        t("funder", Reference).text("code").text("name").text("kind").text("fields").unique(&["code"]),
    ]
}
