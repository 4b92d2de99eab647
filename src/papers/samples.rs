//! What a preview prints: one invented training, told by every kind of paper.

use serde_json::{Value, json};

use crate::{document::Kind, organisation::Issuer, platform::error::Result};

/// The sample content of a kind of paper, as if it came from this issuer.
pub fn sample(kind: Kind, issuer: &Issuer) -> Result<Value> {
    let mut content = match kind {
        Kind::Quote => quote(),
        Kind::Programme => json!({ "number": 2, "dated": "2026-02-15", "programme": programme() }),
        Kind::Agreement => agreement(),
        Kind::Convocation => convocation(),
        Kind::AttendanceSheet => sheet(),
        Kind::Certificate => certificate(),
        Kind::Attestation => attestation(),
        Kind::Amendment => amendment(),
        Kind::WelcomeBooklet => booklet(),
        Kind::InternalRules => rules(),
        Kind::DistanceRecord => distance_record(),
        Kind::Assiduity => assiduity(),
        Kind::SignatureEvidence => evidence(),
    };
    content["issuer"] = serde_json::to_value(issuer)?;
    Ok(content)
}

fn client() -> Value {
    json!({
        "name": "Les Lilas", "legal_form": "association loi 1901", "siret": "732 829 320 00074", "rna": "W751234567",
        "address": ["12 rue des Lilas", "75020 Paris"],
        "signatory": { "name": "Mme Agnès Petit", "quality": "présidente" }
    })
}

fn signatory() -> Value {
    json!({ "name": "Claude Bernard", "quality": "directrice générale", "legal_representative": true })
}

fn quote() -> Value {
    json!({
        "client": client(), "edition": 1, "valid_until": "2026-05-01", "heads": 8,
        "period": "au printemps 2026", "place": "dans vos locaux",
        "terms": "Paiement par virement à 30 jours de la facture, émise après la formation.",
        "lines": [{
            "nature": "training", "label": "Administrer Zourit", "quantity_hundredths": 200, "unit": "jour",
            "unit_price": 120_000, "vat": 0, "net": 240_000
        }],
        "totals": {
            "net_cents": 240_000, "vat_cents": 0, "gross_cents": 240_000,
            "by_vat": [{ "vat_basis_points": 0, "net_cents": 240_000, "vat_cents": 0 }],
            "by_nature": [{ "nature": "training", "net_cents": 240_000 }]
        },
        "programme": programme()
    })
}

fn programme() -> Value {
    json!({
        "title": "Administrer Zourit",
        "objectives": [
            { "text": "Administrer les comptes et les quotas", "assessment": "Mise en situation" },
            { "text": "Partager des fichiers et des agendas", "assessment": "Exercice pratique" }
        ],
        "audience": "Salarié·es et bénévoles d’associations", "prerequisites": "Aucun",
        "modules": [
            { "title": "Comptes et quotas", "minutes": 420, "points": ["comptes", "groupes", "mots de passe"] },
            { "title": "Fichiers et agendas", "minutes": 420, "points": ["partages", "agendas", "migration des courriels"] }
        ],
        "duration_minutes": 840,
        "methods": "Alternance de grand groupe, de petit groupe et de travail individuel",
        "means": {
            "teaching": "Supports remis à chacun·e", "technical": "Un ordinateur par personne",
            "staffing": "Une formatrice, dix ans de pratique des logiciels libres"
        },
        "modality": "face_to_face",
        "evaluation": "Positionnement au début, exercices, bilan à la fin",
        "follow_up": "Feuille d’émargement par demi-journée", "outcome": "Attestation de fin de formation",
        "access": "Sur demande, après un échange préalable", "access_delay": "Quatre semaines",
        "accessibility": "Adaptations étudiées au cas par cas avec le référent handicap",
        "contacts": "bonjour@example.org", "price_per_group_cents": 240_000, "min_heads": 4, "max_heads": 12
    })
}

fn agreement() -> Value {
    json!({
        "kind": "convention", "signatory": signatory(), "client": client(), "withdrawal_days": null,
        "terms": {
            "title": "Administrer Zourit",
            "objectives": ["administrer les comptes et les quotas", "partager des fichiers et des agendas"],
            "content": ["Comptes et quotas : comptes, groupes, mots de passe", "Fichiers et agendas : partages, migration"],
            "means": ["Supports remis à chacun·e", "Un ordinateur par personne"],
            "minutes": 840, "days": ["2026-04-02", "2026-04-23"], "distance_basis_points": 0,
            "schedule": [
                "jeudi 2 avril 2026 : 9 h – 12 h 30 et 13 h 30 – 17 h",
                "jeudi 23 avril 2026 : 9 h – 12 h 30 et 13 h 30 – 17 h"
            ],
            "places": ["Maison des associations, 12 rue des Lilas, 75020 Paris"],
            "follow_up": "Feuille d’émargement par demi-journée.", "outcome": "Attestation de fin de formation.",
            "evaluation": "exercices, bilan à la fin.", "price_cents": 240_000,
            "payment_terms": "Paiement par virement, à 30 jours de la facture.", "instalments": [],
            "cancellation_terms": "Seules les prestations effectivement dispensées sont dues.", "prerequisites": "aucun",
            "trainers": [{ "name": "Marie Durand", "titles": ["Master informatique"] }],
            "trainees": ["Zoé Lefèvre", "Paul Moreau", "Ali Benali"], "heads": 8, "order_reference": "BC-2026-118"
        }
    })
}

fn place() -> Value {
    json!({
        "name": "Maison des associations", "whose": "third_party", "address": "12 rue des Lilas", "postcode": "75020",
        "city": "Paris", "access": "Métro Porte des Lilas, premier étage",
        "disabled_access": "Plain-pied, ascenseur", "equipment": "Vidéoprojecteur, réseau filaire", "host_rules": false
    })
}

fn convocation() -> Value {
    let half = |half: &str, hours: &str| json!({ "day": "2026-04-02", "half": half, "hours": hours, "place": "Maison des associations" });
    json!({
        "trainee": "Zoé Lefèvre", "title": "Administrer Zourit", "minutes": 420,
        "half_days": [half("morning", "9 h – 12 h 30"), half("afternoon", "13 h 30 – 17 h")],
        "places": [place()], "trainers": ["Marie Durand, marie.durand@example.org"],
        "referents": referents(),
        "distance": null, "attachments": ["Programme de la formation", "Règlement intérieur"]
    })
}

fn sheet() -> Value {
    let half = |half: &str, from: &str, to: &str| {
        json!({ "day": "2026-04-02", "half": half, "from": from, "to": to, "minutes": 210, "count": 3,
                "head": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "gaps": null })
    };
    let marked = |minutes: i32, presence: &str| json!({ "marked": { "presence": presence, "minutes": minutes, "proof": "paper" } });
    let row = |name: &str, detail: &str, last: i32, attended: Value| {
        let presence = if last == 210 { "present" } else { "partial" };
        json!({ "name": name, "detail": detail, "cells": [marked(210, "present"), marked(last, presence)], "attended": attended })
    };
    json!({
        "title": "Administrer Zourit", "session": "SES-2026-0001", "client": "Les Lilas",
        "place": "Maison des associations, 12 rue des Lilas, 75020 Paris", "blank": false,
        "slots": [half("matin", "09:00:00", "12:30:00"), half("après-midi", "13:30:00", "17:00:00")],
        "trainees": [
            row("Ali Benali", "Les Lilas", 210, json!(420)),
            row("Zoé Lefèvre", "Les Lilas", 210, json!(420)),
            row("Paul Moreau", "Les Lilas", 120, json!(330))
        ],
        "trainers": [row("Marie Durand", "formateur ou formatrice", 210, Value::Null)]
    })
}

fn certificate() -> Value {
    json!({
        "signatory": signatory(), "trainee": "Zoé Lefèvre", "quality": "salarié(e) de l’association Les Lilas",
        "title": "Administrer Zourit", "first_day": "2026-04-02", "last_day": "2026-04-23", "attended": 840,
        "distance": false, "city": "Paris", "day": "2026-04-24"
    })
}

fn attestation() -> Value {
    json!({
        "signatory": signatory(), "trainee": "Zoé Lefèvre", "title": "Administrer Zourit",
        "first_day": "2026-04-02", "last_day": "2026-04-23", "attended": 840,
        "results": [
            { "objective": "Administrer les comptes et les quotas", "after": "acquired" },
            { "objective": "Partager des fichiers et des agendas", "after": "in_progress" }
        ],
        "day": "2026-04-24"
    })
}

fn amendment() -> Value {
    json!({
        "kind": "convention", "signatory": signatory(), "client": client(), "amended": "CNV-2026-0001",
        "signed_on": "2026-03-09", "title": "Administrer Zourit", "number": 1,
        "reason": "La salle n’est pas disponible le second jour.",
        "changes": [{ "item": "Période de réalisation", "before": "2 et 23 avril 2026", "after": "2 et 24 avril 2026" }]
    })
}

fn referents() -> Value {
    json!([{ "role": "Référent handicap", "name": "Hélène Fontaine", "reach": "helene.fontaine@example.org" }])
}

fn booklet() -> Value {
    json!({
        "heading": "Livret d’accueil", "edition": 3, "title": "Administrer Zourit", "minutes": 840,
        "text": "# Bienvenue\n\nCe livret dit l’essentiel de votre formation et de celles et ceux qui vous accueillent.",
        "schedule": ["jeudi 2 avril 2026 : 9 h – 12 h 30 et 13 h 30 – 17 h", "jeudi 23 avril 2026 : 9 h – 12 h 30 et 13 h 30 – 17 h"],
        "places": [place()], "links": [], "distance": null, "trainers": ["Marie Durand, marie.durand@example.org"],
        "referents": referents()
    })
}

fn rules() -> Value {
    json!({
        "heading": "Règlement intérieur", "edition": 2, "valid_from": "2026-01-01", "title": "Administrer Zourit",
        "text": "Article 1 – Objet. Le présent règlement s’applique à tous les stagiaires.\n\nArticle 2 – Santé et sécurité. Chacun veille à sa sécurité et à celle des autres.",
        "days": ["2026-04-02", "2026-04-23"], "hosts": ["Maison des associations, 12 rue des Lilas, 75020 Paris"]
    })
}

fn distance_record() -> Value {
    json!({
        "title": "Administrer Zourit", "session": "SES-2026-0001", "client": "Les Lilas",
        "trainers": ["Marie Durand", "Noé Garnier"],
        "slots": [{ "day": "2026-04-02", "from": "09:00:00", "to": "12:30:00", "minutes": 210 }],
        "distance": {
            "assistance": "Par courriel et par téléphone, réponse sous un jour ouvré",
            "activities": "Classes virtuelles et exercices en ligne (durée moyenne : 45 min)", "evaluations": "Un exercice par module"
        },
        "trainees": [{
            "name": "Zoé Lefèvre", "detail": "Les Lilas", "connected": 205,
            "connections": [{ "day": "2026-04-02", "joined": "09:02:00", "left": "12:27:00", "minutes": 205, "source": "BigBlueButton" }]
        }],
        "day": "2026-04-24"
    })
}

fn assiduity() -> Value {
    json!({
        "signatory": signatory(), "trainee": "Zoé Lefèvre", "quality": "salarié(e) de l’association Les Lilas",
        "title": "Administrer Zourit", "first_day": "2026-04-02", "last_day": "2026-04-30",
        "months": [{ "first_day": "2026-04-02", "last_day": "2026-04-23", "planned": 840, "attended": 720 }],
        "day": "2026-05-04"
    })
}

fn evidence() -> Value {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    json!({
        "title": "Administrer Zourit", "session": "SES-2026-0001",
        "slot": { "day": "2026-04-02", "from": "09:00:00", "to": "12:30:00", "place": "Maison des associations" },
        "signer": { "name": "Zoé Lefèvre", "role": "stagiaire", "employer": "Les Lilas",
                    "identified": "lien personnel envoyé à zoe.lefevre@example.org" },
        "signed_at": "2026-04-02T10:28:00Z", "device": null,
        "origin": { "kept": { "ip": "192.0.2.7", "user_agent": "Firefox sous Linux", "device": null } },
        "consent": "Je certifie ma présence à cette demi-journée.", "typed_name": "Zoé Lefèvre", "late": null,
        "slot_digest": digest, "picture_digest": null, "chain": { "number": 12, "previous": digest, "digest": digest }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::wording::{Place, variables_of},
        organisation::{Letterhead, Texts},
        papers::{Stamp, paper},
        pdf::Pictures,
    };

    fn issuer() -> Issuer {
        Issuer {
            brand: "Clairière".into(),
            accent: None,
            brand_email: Some("bonjour@example.org".into()),
            brand_phone: Some("01 23 45 67 89".into()),
            name: "Les Communs".into(),
            legal_form: "SCOP SA à capital variable".into(),
            capital_cents: None,
            siret: "73282932000074".into(),
            rcs_city: None,
            naf: None,
            vat_number: None,
            address: "3 rue de la Clairière".into(),
            postcode: "75020".into(),
            city: "Paris".into(),
            email: Some("communs@example.org".into()),
            phone: Some("01 98 76 54 32".into()),
            nda: "11754370275".into(),
            prefect_region: "Île-de-France".into(),
            vat_exempt: true,
            letterhead: Letterhead::default(),
        }
    }

    fn stamp() -> Stamp {
        Stamp {
            reference: "APERÇU".into(),
            title: "Aperçu".into(),
            issued_on: "2026-03-02".parse().unwrap(),
            issued_at: chrono::DateTime::UNIX_EPOCH,
            specimen: false,
            verification: None,
            pictures: Pictures::default(),
        }
    }

    #[test]
    fn every_variable_of_every_kind_is_printed_as_its_example_says() {
        let mut wrong = vec![];
        for kind in Kind::ALL {
            let mut facts = sample(*kind, &issuer()).unwrap();
            facts["paper"] = json!({ "reference": "APERÇU", "issued_on": "2026-03-02" });
            for variable in variables_of(*kind) {
                let printed = variable.printed(&facts);
                if printed.as_deref() != Some(variable.example) {
                    wrong.push(format!("{kind:?} {}: {printed:?} is not {:?}", variable.name, variable.example));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_kind_prints_the_texts_of_its_places_and_no_other() {
        for kind in Kind::ALL {
            let texts = Texts {
                introduction: Some("Mot d’accueil".into()),
                clauses: vec!["Clause commune".into(), "Clause propre".into()],
                closing: Some("Mot de la fin".into()),
            };
            let dressed = Issuer { letterhead: Letterhead { texts, ..Letterhead::default() }, ..issuer() };
            let content = sample(*kind, &dressed).unwrap().to_string();
            let said = format!("{:?}", paper(*kind, &content, &stamp()).unwrap());
            let words = [
                (Place::Introduction, vec!["Mot d’accueil"]),
                (Place::Clauses, vec!["Clause commune", "Clause propre"]),
                (Place::Closing, vec!["Mot de la fin"]),
            ];
            for (place, texts) in words {
                for text in texts {
                    assert_eq!(said.contains(text), Place::on(*kind).contains(&place), "{kind:?}: {text}");
                }
            }
        }
    }
}
