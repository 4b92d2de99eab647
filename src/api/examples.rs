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
    ("pointer", "/siret"),
    ("code", "siret.key"),
    ("detail", "La clé du SIRET est fausse."),
    ("type", "/problems/invalid"),
    ("title", "Unprocessable Entity"),
    ("permission", "clients.read"),
    ("possible", "send"),
    ("request_id", "0199c0de-0000-7000-8000-000000000001"),
    ("next", "0199c0de-0000-7000-8000-000000000001"),
];
