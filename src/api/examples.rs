//! Examples for the contract: one table, by field name, so that the same thing always has the same example.

use serde_json::{Value, json};

/// The example of a string field, by `Schema.field` or by `field`.
pub fn of(schema: &str, field: &str) -> Option<Value> {
    let qualified = format!("{schema}.{field}");
    let find = |name: &str| TABLE.iter().find(|(key, _)| *key == name).map(|(_, value)| json!(value));
    find(&qualified).or_else(|| find(field))
}

/// Invented people and organisations; numbers pass their checksum and belong to nobody known.
const TABLE: &[(&str, &str)] = &[
    ("external_id", "crm-0042"),
    ("first_name", "Marie"),
    ("last_name", "Durand"),
    ("birth_name", "Durand"),
    ("usage_name", "Durand-Morel"),
    ("printed_name", "Mme Marie Durand-Morel"),
    ("email", "marie.durand@example.org"),
    ("phone", "+33123456789"),
    ("note", "Préfère être appelée le matin."),
    ("address", "12 rue des Lilas"),
    ("city", "Paris"),
    ("country", "FR"),
    ("fields", "cohésion sociale : associations et ESS"),
    ("FunderOut.code", "uniformation"),
    ("idcc", "1518"),
    ("legal_form", "Association loi 1901"),
    ("naf", "9499Z"),
    ("name", "Les Lilas"),
    ("FunderOut.name", "Uniformation"),
    ("postcode", "75020"),
    ("quality", "présidente"),
    ("rna", "W751234567"),
    ("service_code", "SERVICE-FORMATION"),
    ("siret", "73282932000074"),
    ("vat_number", "FR03552081317"),
    ("pointer", "/siret"),
    ("code", "siret.key"),
    ("detail", "La clé du SIRET est fausse."),
    ("type", "/problems/invalid"),
    ("title", "Unprocessable Entity"),
    ("permission", "clients.read"),
    ("possible", "send"),
    ("request_id", "0199c0de-0000-7000-8000-000000000001"),
    ("order_reference", "BC-2026-118"),
    ("BookingOut.reference", "BKG-2026-0001"),
    ("closed_reason", "Le client reporte son projet à l’an prochain."),
    ("accreditation_override", "Agrément en cours de renouvellement, dossier complet."),
    ("start_override", "Convention signée, original au courrier."),
    ("BookingReason.reason", "Le client reporte son projet à l’an prochain."),
    ("ApprovalOut.reason", "Le prix ne suit pas la grille de la coopérative."),
    ("terms_hash", "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592"),
    ("decided_by", "Camille Martin"),
    ("next", "0199c0de-0000-7000-8000-000000000001"),
];
