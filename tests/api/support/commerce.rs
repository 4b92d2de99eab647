//! What is sold, and to whom: clients, people, programmes, quotes, as a trainer makes them; the cooperative's facts.

use clairiere::platform::text::slug;
use serde_json::{Value, json};

use super::{Caller, TestApp, start};

/// An application whose cooperative has its legal facts: papers can be issued.
pub async fn established() -> TestApp {
    let app = start().await;
    app.cooperative().await;
    app
}

/// A client's body: an association with a signatory.
pub fn association(name: &str) -> Value {
    json!({
        "kind": "association", "name": name, "legal_form": "association loi 1901", "rna": "W751234567",
        "siret": "73282932000074", "address": "12 rue des Lilas", "postcode": "75020", "city": "Paris",
        "email": "contact@example.org",
        "contacts": [{
            "person": { "civility": "mme", "first_name": "Agnès", "birth_name": "Petit", "email": "agnes@example.org" },
            "roles": ["signatory", "training_lead"], "quality": "présidente"
        }]
    })
}

/// A complete programme of three days.
pub fn programme(title: &str) -> Value {
    json!({
        "title": title,
        "objectives": [
            { "text": "Administrer les comptes et les quotas de Zourit", "assessment": "mise en situation" },
            { "text": "Partager des fichiers et des agendas", "assessment": "exercice pratique" }
        ],
        "audience": "Salarié·es et bénévoles d’associations",
        "prerequisites": "aucun",
        "modules": [
            { "title": "Administration", "minutes": 420, "points": ["comptes", "groupes", "mots de passe"] },
            { "title": "Nextcloud et Zimbra", "minutes": 840, "points": ["partages", "agendas", "migration des mails"] }
        ],
        "duration_minutes": 1260,
        "methods": "Alternance de grand groupe, de petit groupe et de travail individuel",
        "means": {
            "teaching": "Supports remis à chacun·e", "technical": "Un ordinateur par personne, une instance de Zourit",
            "staffing": "Une formatrice, dix ans de pratique des logiciels libres"
        },
        "modality": "face_to_face",
        "evaluation": "Positionnement au début, exercices, bilan à la fin",
        "follow_up": "Feuille d’émargement par demi-journée",
        "outcome": "Attestation de fin de formation",
        "access": "Sur demande, après un échange préalable",
        "access_delay": "Quatre semaines",
        "accessibility": "Référent handicap joignable ; adaptations étudiées au cas par cas",
        "contacts": "bonjour@example.org",
        "price_per_group_cents": 360_000, "min_heads": 4, "max_heads": 12
    })
}

impl Caller {
    /// An association of that name, with a signatory.
    pub async fn client(&self, name: &str) -> Value {
        self.post("/v1/clients", association(name)).await.status(201)
    }

    /// Somebody of that name.
    pub async fn person(&self, first_name: &str, birth_name: &str) -> Value {
        let email = format!("{}@example.org", slug(first_name));
        let body = json!({ "first_name": first_name, "birth_name": birth_name, "email": email });
        self.post("/v1/people", body).await.status(201)
    }

    /// A published programme of three days, 21 hours: `current_version_id` is what is sold.
    pub async fn programme(&self, title: &str) -> Value {
        let draft = self.post("/v1/programmes", programme(title)).await.status(201);
        let path = format!("/v1/programmes/{}", draft["id"].as_str().unwrap());
        self.post(&format!("{path}/publish"), Value::Null).await.status(201);
        self.get(&path).await.ok()
    }

    /// A draft quote: three days of training for 3 600 €, one day of advice for 600 € and its VAT.
    pub async fn quote(&self, client: &Value, programme: &Value) -> Value {
        let body = json!({
            "client_id": client["id"], "programme_version_id": programme["current_version_id"], "heads": 12,
            "period": "un jour en mars, deux jours en avril 2026", "place": "dans vos locaux",
            "lines": [
                { "nature": "training", "label": "Formation", "quantity_hundredths": 300, "unit": "jour",
                  "unit_price_cents": 120_000 },
                { "nature": "advice", "label": "Accompagnement au déploiement", "unit": "jour",
                  "unit_price_cents": 60_000 }
            ]
        });
        self.post("/v1/quotes", body).await.status(201)
    }
}
