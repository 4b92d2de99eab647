//! The four-day training towards ethical digital tools.

use serde_json::json;

use super::{
    cast::ETHICAL,
    training::{Dates, Training},
};

/// The training, for a federation of social centres.
pub fn training() -> Training {
    Training {
        name: "Numérique éthique",
        domain: "federation.example.org",
        funder: "uniformation",
        price_cents: 480_000,
        granted_cents: 480_000,
        days: &["2026-09-07", "2026-09-08", "2026-09-21", "2026-09-22"],
        trainees: ETHICAL,
        exceptions: &[(0, 5, "partial", 180), (6, 2, "absent", 0), (7, 2, "absent", 0)],
        dates: Dates {
            first_call: "2026-06-22T14:00",
            needs: "2026-06-26T17:30",
            quote: "2026-06-29T10:00",
            accepted: "2026-07-02T11:00",
            planned: "2026-07-03T09:00",
            approved: "2026-07-06T10:30",
            signed: "2026-07-13T09:00",
            granted: "2026-08-03T15:00",
            convoked: "2026-08-24T09:30",
            ended: "2026-09-23T09:30",
        },
        place: json!({
            "name": "Salle des Tilleuls", "whose": "third_party",
            "address": "3 place du Marché", "postcode": "49000", "city": "Angers",
            "access": "À dix minutes de la gare",
            "disabled_access": "Ascenseur, boucle magnétique à l’accueil",
            "equipment": "Écran, tables en îlots", "host_rules": false,
        }),
        client: json!({
            "kind": "association", "name": "Fédération des Voisinages", "legal_form": "association loi 1901",
            "rna": "W491004321", "siret": "44306184100047", "idcc": "1261", "headcount_band": "50-249",
            "funder_id": "00000000-0000-7000-8000-000000000110", "opco_source": "idcc", "opco_known_on": "2026-06-22",
            "address": "8 rue des Lices", "postcode": "49000", "city": "Angers",
            "email": "contact@federation.example.org", "phone": "02 99 33 44 55",
            "contacts": [
                { "person": { "civility": "m", "first_name": "Gérard", "birth_name": "Mauvoisin",
                    "email": "gerard.mauvoisin@federation.example.org" }, "roles": ["signatory"], "quality": "président" },
                { "person": { "civility": "mme", "first_name": "Nadège", "birth_name": "Poirier",
                    "email": "nadege.poirier@federation.example.org" }, "roles": ["training_lead", "accounting"],
                  "quality": "responsable administrative" },
            ],
        }),
        needs: json!({
            "subject": "S’engager vers un numérique éthique",
            "held_on": "2026-06-26",
            "appointments": [{ "on": "2026-06-26", "minutes": 420, "kind": "day" }],
            "participants": [
                { "name": "Gérard Mauvoisin", "role": "président" },
                { "name": "Nadège Poirier", "role": "responsable administrative" },
                { "name": "Le conseil d’administration", "role": "gouvernance" },
            ],
            "context": "Une journée avec le conseil d’administration : la fédération veut des outils cohérents avec ses valeurs.",
            "expectations": "Comprendre les enjeux, choisir des alternatives, conduire le changement dans les centres.",
            "digital_estate": {
                "devices": "Une trentaine de postes de générations différentes",
                "data_location": "Pour l’essentiel hors d’Europe",
                "backups": "Confiées aux fournisseurs",
                "skills_map": "Très inégale d’un centre à l’autre",
            },
        }),
        lines: json!([
            { "nature": "training", "label": "Vers un numérique éthique, 4 jours, groupe de 12", "quantity_hundredths": 400,
              "unit": "jour", "unit_price_cents": 120_000 },
            { "nature": "free", "label": "Journée préalable avec la gouvernance", "quantity_hundredths": 100,
              "unit": "journée", "unit_price_cents": 0 },
        ]),
        programme: json!({
            "title": "Vers un numérique éthique pour votre association",
            "objectives": [
                { "text": "Décrire les usages et le système d’information de sa structure", "assessment": "cartographie réalisée en groupe" },
                { "text": "Expliquer les enjeux liés aux données et au logiciel libre", "assessment": "questionnaire" },
                { "text": "Utiliser des outils libres de collaboration", "assessment": "exercices sur ordinateur et téléphone" },
                { "text": "Appliquer les notions de cybersécurité et de sauvegarde", "assessment": "mise en situation" },
                { "text": "Préparer le changement dans sa structure", "assessment": "plan d’action présenté au groupe" },
            ],
            "audience": "Salariés et bénévoles d’associations",
            "prerequisites": "aucun",
            "modules": [
                { "title": "État des lieux, enjeux, attentes", "minutes": 420, "points": ["pratiques", "données", "maîtrise de son système d’information"] },
                { "title": "Logiciels libres : histoire et pratique", "minutes": 420, "points": ["petite histoire", "outils collaboratifs", "sur ordinateur et sur téléphone"] },
                { "title": "Comprendre pour contribuer", "minutes": 420, "points": ["RGPD", "réponses aux besoins exprimés", "Zourit, une preuve parmi d’autres"] },
                { "title": "Changer durablement", "minutes": 420, "points": ["cybersécurité et sauvegardes", "transition écologique", "accompagner le changement"] },
            ],
            "duration_minutes": 1680,
            "methods": "Éducation populaire : on part des pratiques de chacun, on alterne apports, ateliers et temps individuels",
            "means": {
                "teaching": "Jeux, fiches, supports sous licence libre",
                "technical": "Un ordinateur par personne, des services libres de formation",
                "staffing": "Une formatrice spécialiste des outils libres",
            },
            "modality": "face_to_face",
            "evaluation": "Positionnement, exercices, plan d’action, bilan objectif par objectif",
            "follow_up": "Feuille d’émargement par demi-journée",
            "outcome": "Attestation de fin de formation",
            "access": "Sur demande, après une journée avec la gouvernance",
            "access_delay": "Environ deux mois",
            "accessibility": "Chaque besoin est étudié avec la référente handicap de la coopérative",
            "contacts": "bonjour@clairiere.example.org – 01 99 00 12 34",
            "price_per_group_cents": 480_000, "min_heads": 6, "max_heads": 14,
        }),
    }
}
