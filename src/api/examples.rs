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
    ("reference", "CNV-2026-0001"),
    ("Document.title", "Convention de formation : outils numériques éthiques"),
    ("DocumentOut.title", "Convention de formation : outils numériques éthiques"),
    ("content_hash", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("changes_digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("hash", "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"),
    ("issued_by", "Marie Durand"),
    ("state_reason", "Adresse du client erronée."),
    ("reason", "Adresse du client erronée."),
    ("stream", "activity:0199c0de-0000-7000-8000-000000000001"),
    ("actor", "Marie Durand"),
    ("behalf", "La coopérative"),
    ("event", "booking.agreed"),
    ("subject_kind", "booking"),
    ("faults", "activity:0199c0de-0000-7000-8000-000000000001 entry 12 (booking.agreed): was altered"),
    ("Job.kind", "mail"),
    ("cause", "session.convoked"),
    ("last_error", "421 service not available"),
    ("next", "0199c0de-0000-7000-8000-000000000001"),
];
