//! The cooperative of the story and its catalogue, as its administration enters them. All invented.

use serde_json::{Value, json};

use super::player::{Player, id};
use crate::platform::error::Result;

/// What the story needs to know of the cooperative.
pub struct Set {
    /// The activity.
    pub activity: String,
    /// The trainer's user.
    pub trainer_user: String,
    /// The trainer's key.
    pub trainer_key: String,
    /// The training officer's key.
    pub officer_key: String,
    /// The auditor's key.
    pub auditor_key: String,
    /// The signatory by delegation.
    pub delegate: String,
}

/// Enter the cooperative's legal facts, its signatories and texts, its users, the brand that it carries.
pub async fn enter(administrator: &Player) -> Result<Set> {
    facts(administrator).await?;
    administrator.patch("/v1/organisation", json!({ "approval_required": true })).await?;
    let delegate = signatories(administrator).await?;
    texts(administrator).await?;
    let activity = administrator
        .post(
            "/v1/activities",
            json!({
                "name": "Clairière",
                "description": "Des outils numériques éthiques pour les associations",
                "email": "bonjour@clairiere.example.org",
                "phone": "01 99 00 12 34",
                "website": "https://clairiere.example.org",
                "accent": "#2f6b4f",
                "opened_on": "2024-01-01",
            }),
        )
        .await?;
    let trainer = user(administrator, "Maud", "Serin", "maud.serin@example.org", "trainer").await?;
    let member = json!({ "user_id": trainer, "valid_from": "2024-01-01" });
    administrator.post(&format!("/v1/activities/{}/members", id(&activity)), member).await?;
    let officer = user(administrator, "Olivier", "Nakache-Roy", "formation.coop@example.org", "coop_training").await?;
    let auditor = user(administrator, "Agathe", "Prudhomme", "audit@example.org", "auditor").await?;
    Ok(Set {
        activity: id(&activity).to_owned(),
        trainer_key: key(administrator, &trainer, "Démonstration : formatrice").await?,
        officer_key: key(administrator, &officer, "Démonstration : coopérative").await?,
        auditor_key: key(administrator, &auditor, "Démonstration : auditrice").await?,
        trainer_user: trainer,
        delegate,
    })
}

async fn fact(administrator: &Player, path: &str, mut body: Value) -> Result<Value> {
    body["valid_from"] = json!("2024-01-01");
    administrator.post(&format!("/v1/organisation/{path}"), body).await
}

async fn facts(administrator: &Player) -> Result<()> {
    let identity = json!({
        "name": "Les Ateliers du Commun",
        "legal_form": "SCOP SA à capital variable",
        "capital_cents": 4_200_000,
        "siren": "732829320",
        "siret": "73282932000074",
        "rcs_city": "Nantes",
        "naf": "78.30Z",
        "vat_number": "FR44732829320",
        "address": "14 quai des Antilles",
        "postcode": "44200",
        "city": "Nantes",
        "email": "contact@ateliers.example.org",
        "phone": "02 99 00 45 67",
        "website": "https://ateliers.example.org",
    });
    fact(administrator, "legal-identities", identity).await?;
    let declaration = json!({ "number": "52440812344", "prefect_region": "Pays de la Loire" });
    fact(administrator, "declarations", declaration).await?;
    fact(administrator, "vat-attestations", json!({ "exempt": true, "reference": "3511-2024-0042" })).await?;
    let certificate = json!({
        "certifier": "Certification Exemple",
        "number": "QEX-2024-0117",
        "categories": ["action_formation"],
        "valid_to": "2026-12-31",
    });
    fact(administrator, "quality-certificates", certificate).await?;
    let account =
        json!({ "holder": "Les Ateliers du Commun", "iban": "FR7630006000011234567890189", "bic": "AGRIFRPP" });
    fact(administrator, "bank-accounts", account).await?;
    for (role, first_name, last_name, local) in [
        ("disability", "Héloïse", "Vannier", "handicap"),
        ("pedagogy", "Pascal", "Tremblay", "pedagogie"),
        ("data_protection", "Diane", "Cordier", "donnees"),
        ("administration", "Samir", "Belkacem", "stagiaires"),
    ] {
        let referent = json!({
            "role": role,
            "first_name": first_name,
            "last_name": last_name,
            "email": format!("{local}@ateliers.example.org"),
            "phone": "02 99 00 45 68",
        });
        fact(administrator, "referents", referent).await?;
    }
    Ok(())
}

async fn signatories(administrator: &Player) -> Result<String> {
    let representative = json!({
        "first_name": "Colombe", "last_name": "Delaunay", "quality": "directrice générale",
        "email": "direction@ateliers.example.org", "legal_representative": true, "paper_kinds": [],
    });
    fact(administrator, "signatories", representative).await?;
    let delegate = json!({
        "first_name": "Olivier", "last_name": "Nakache-Roy", "quality": "responsable de la formation, par délégation",
        "email": "formation.coop@example.org", "legal_representative": false,
        "paper_kinds": ["agreement", "amendment", "certificate", "attestation", "assiduity"],
        "max_amount_cents": 1_500_000,
    });
    let delegate = fact(administrator, "signatories", delegate).await?;
    Ok(id(&delegate).to_owned())
}

async fn texts(administrator: &Player) -> Result<()> {
    for (kind, title, body) in [
        ("internal_rules", "Règlement intérieur applicable aux stagiaires", RULES),
        ("terms", "Conditions générales de vente – formation", TERMS),
        ("welcome_booklet", "Livret d’accueil du stagiaire", BOOKLET),
    ] {
        fact(administrator, "texts", json!({ "kind": kind, "title": title, "body": body })).await?;
    }
    Ok(())
}

async fn user(administrator: &Player, first_name: &str, last_name: &str, email: &str, role: &str) -> Result<String> {
    let mut body = json!({ "first_name": first_name, "last_name": last_name, "email": email, "role": role });
    if role == "auditor" {
        body["expires_at"] = json!("2099-12-31T22:00:00Z");
    }
    let user = administrator.post("/v1/users", body).await?;
    Ok(id(&user).to_owned())
}

async fn key(administrator: &Player, user: &str, label: &str) -> Result<String> {
    let made = administrator.post(&format!("/v1/users/{user}/keys"), json!({ "label": label })).await?;
    Ok(made["secret"].as_str().unwrap_or_default().to_owned())
}

/// Enter the trainer, and accredit them on behalf of the cooperative.
pub async fn accredit(trainer: &Player, officer: &Player, set: &Set) -> Result<String> {
    let row = trainer
        .post(
            "/v1/trainers",
            json!({
                "person": {
                    "civility": "mme", "first_name": "Maud", "birth_name": "Serin",
                    "email": "maud.serin@example.org", "phone": "01 99 00 12 34",
                },
                "user_id": set.trainer_user,
                "status": "entrepreneur_salarie",
                "skills": ["Zourit", "Nextcloud", "Paheko", "RGPD", "éducation populaire"],
                "diplomas": ["Licence professionnelle « Logiciels libres et conduite de projet » (2011)"],
                "references": "Quinze ans d’accompagnement d’associations vers le logiciel libre.",
                "cv_dated": "2026-01-15",
            }),
        )
        .await?;
    let trainer_id = id(&row).to_owned();
    officer.post(&format!("/v1/trainers/{trainer_id}/accredit"), json!({ "from": "2026-01-01" })).await?;
    Ok(trainer_id)
}

const RULES: &str = "Article 1 – Objet. Ce règlement s’applique à toute personne qui suit une formation, pour la durée de \
celle-ci.\n\nArticle 2 – Santé et sécurité. Chacune et chacun veille à sa sécurité et à celle des autres, et suit les \
consignes affichées sur le lieu de la formation. Quand la formation a lieu dans une structure dotée d’un règlement \
intérieur, ses mesures de santé et de sécurité s’appliquent.\n\nArticle 3 – Assiduité. Les horaires sont ceux de la \
convocation. Toute absence est signalée ; chaque demi-journée donne lieu à un émargement.\n\nArticle 4 – Discipline. Tout \
manquement peut donner lieu à un avertissement ou à une exclusion, après que la personne a été informée des griefs et \
entendue, assistée si elle le souhaite.\n\nArticle 5 – Représentation. Pour toute formation de plus de 500 heures, les \
stagiaires élisent leurs délégués.";

const TERMS: &str = "Article 1 – Commande. La formation est confirmée par la signature de la convention.\n\nArticle 2 – Prix. \
Les prix sont nets de taxe pour la formation ; le conseil et l’accompagnement sont soumis à la TVA.\n\nArticle 3 – Report \
et annulation. Toute heure de formation non réalisée n’est pas due.";

const BOOKLET: &str = "Bienvenue ! Vous trouverez ici les personnes à qui vous adresser, le déroulement des journées et les \
moyens de nous dire ce dont vous avez besoin pour suivre la formation dans de bonnes conditions.";
