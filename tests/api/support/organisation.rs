//! A complete invented cooperative: everything that its papers print, written through the API.

use clairiere::platform::permission::Role;
use serde_json::{Value, json};

use super::{Caller, TestApp};

/// The cooperative's staff, and the rows that stories name.
pub struct Cooperative {
    pub admin: Caller,
    pub training: Caller,
    pub auditor: Caller,
    /// Any paper, any amount.
    pub representative: String,
    /// Agreements, amendments, certificates and attestations, up to 5 000 €.
    pub delegate: String,
    pub internal_rules: String,
}

fn id(row: &Value) -> String {
    row["id"].as_str().unwrap().to_owned()
}

impl TestApp {
    /// La Ruche, in order since 1 January 2024.
    pub async fn cooperative(&self) -> Cooperative {
        let admin = self.user("Alice", Role::CoopAdmin, &[]).await;
        let make = async |path: &str, mut body: Value| {
            body["valid_from"] = json!("2024-01-01");
            admin.post(&format!("/v1/organisation/{path}"), body).await.status(201)
        };
        make("legal-identities", legal_identity()).await;
        make("declarations", json!({ "number": "11 75 12345 75", "prefect_region": "Île-de-France" })).await;
        make("vat-attestations", json!({ "exempt": true, "reference": "3511-2024-01" })).await;
        make(
            "quality-certificates",
            json!({ "certifier": "Certif Exemple", "number": "QUA-2024-001", "categories": ["action_formation"] }),
        )
        .await;
        let representative = make(
            "signatories",
            json!({ "first_name": "Rosa", "last_name": "Bellanger", "quality": "gérante",
                    "email": "rosa@example.org", "legal_representative": true, "paper_kinds": [] }),
        )
        .await;
        let delegate = make(
            "signatories",
            json!({ "first_name": "Denis", "last_name": "Carlier", "quality": "délégué à la formation",
                    "email": "denis@example.org", "legal_representative": false,
                    "paper_kinds": ["agreement", "amendment", "certificate", "attestation"],
                    "max_amount_cents": 500_000 }),
        )
        .await;
        for (role, first_name) in
            [("disability", "Hélène"), ("pedagogy", "Pierre"), ("data_protection", "Dora"), ("administration", "Aimé")]
        {
            let address = format!("{role}@example.org");
            make(
                "referents",
                json!({ "role": role, "first_name": first_name, "last_name": "Fontaine", "email": address,
                        "phone": "01 23 45 67 89" }),
            )
            .await;
        }
        make(
            "bank-accounts",
            json!({ "holder": "La Ruche SCOP", "iban": "FR76 3000 6000 0112 3456 7890 189", "bic": "AGRIFRPP" }),
        )
        .await;
        let internal_rules = make(
            "texts",
            json!({ "kind": "internal_rules", "title": "Règlement intérieur",
                    "body": "Article 1. Le présent règlement s’applique à tous les stagiaires." }),
        )
        .await;
        make(
            "texts",
            json!({ "kind": "terms", "title": "Conditions générales de vente",
                    "body": "Article 1. Les prix sont nets de taxe." }),
        )
        .await;
        Cooperative {
            training: self.user("Camille", Role::CoopTraining, &[]).await,
            auditor: self.user("Aude", Role::Auditor, &[]).await,
            representative: id(&representative),
            delegate: id(&delegate),
            internal_rules: id(&internal_rules),
            admin,
        }
    }
}

/// An invented worker cooperative, without its days.
pub fn legal_identity() -> Value {
    json!({
        "name": "La Ruche", "legal_form": "SCOP SARL à capital variable", "capital_cents": 1_500_000,
        "siren": "732 829 320", "siret": "732 829 320 00074", "rcs_city": "Paris", "naf": "85.59A",
        "vat_number": "FR44732829320", "address": "12 rue des Abeilles", "postcode": "75011", "city": "Paris",
        "email": "contact@example.org", "phone": "01 23 45 67 89", "website": "https://ruche.example.org"
    })
}
