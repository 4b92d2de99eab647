//! The Zourit training: one day, then two consecutive days about three weeks later.

use serde_json::json;

use super::{
    cast::ZOURIT,
    training::{Dates, Training},
};

/// The training, for a popular-education association of Nantes.
pub fn training() -> Training {
    Training {
        name: "Zourit",
        domain: "erdre.example.org",
        funder: "uniformation",
        price_cents: 360_000,
        granted_cents: 300_000,
        days: &["2026-05-28", "2026-06-17", "2026-06-18"],
        trainees: ZOURIT,
        exceptions: &[(1, 3, "partial", 120), (2, 7, "absent", 0), (3, 7, "absent", 0), (4, 11, "excused", 0)],
        dates: Dates {
            first_call: "2026-04-08T09:30",
            needs: "2026-04-10T15:30",
            quote: "2026-04-13T10:00",
            accepted: "2026-04-16T14:00",
            planned: "2026-04-17T09:15",
            approved: "2026-04-20T11:00",
            signed: "2026-04-27T09:00",
            granted: "2026-05-06T16:00",
            convoked: "2026-05-13T09:30",
            ended: "2026-06-19T10:00",
        },
        place: json!({
            "name": "Maison des associations des bords de l’Erdre", "whose": "client",
            "address": "27 chemin des Roselières", "postcode": "44300", "city": "Nantes",
            "access": "Tramway ligne 2, arrêt Roselières",
            "disabled_access": "Salle de plain-pied, sanitaires adaptés, place de stationnement réservée",
            "equipment": "Vidéoprojecteur, accès internet ; chacun vient avec son ordinateur",
            "host_rules": true,
        }),
        client: json!({
            "kind": "association", "name": "Les Rives de l’Erdre", "legal_form": "association loi 1901",
            "rna": "W442001234", "siret": "40483304800022", "idcc": "1518", "headcount_band": "10-49",
            "funder_id": "00000000-0000-7000-8000-000000000110", "opco_source": "declared", "opco_known_on": "2026-04-08",
            "address": "27 chemin des Roselières", "postcode": "44300", "city": "Nantes",
            "email": "contact@erdre.example.org", "phone": "02 99 11 22 33",
            "contacts": [
                { "person": { "civility": "mme", "first_name": "Brigitte", "birth_name": "Lannoy",
                    "email": "brigitte.lannoy@erdre.example.org" }, "roles": ["signatory"], "quality": "présidente" },
                { "person": { "civility": "m", "first_name": "Étienne", "birth_name": "Caradec",
                    "email": "etienne.caradec@erdre.example.org" }, "roles": ["training_lead"], "quality": "coordinateur" },
                { "person": { "first_name": "Service", "birth_name": "Comptabilité",
                    "email": "contact@erdre.example.org" }, "roles": ["accounting"], "quality": "comptabilité" },
            ],
        }),
        needs: json!({
            "subject": "Remplacer les outils actuels par Zourit",
            "held_on": "2026-04-10",
            "appointments": [{ "on": "2026-04-10", "minutes": 90, "kind": "video_call" }],
            "participants": [
                { "name": "Brigitte Lannoy", "role": "présidente" },
                { "name": "Étienne Caradec", "role": "coordinateur" },
            ],
            "context": "L’association travaille avec une suite privatrice installée au fil des arrivées ; le conseil \
                        d’administration a voté une migration vers des outils libres.",
            "expectations": "Que chaque salarié et chaque bénévole actif sache utiliser Zourit, et que deux personnes sachent \
                             l’administrer.",
            "digital_estate": {
                "devices": "Quatorze ordinateurs portables, neuf téléphones",
                "servers": "Aucun",
                "data_location": "Comptes personnels chez plusieurs fournisseurs",
                "backups": "Un disque externe, sans restauration vérifiée",
                "dependencies": "Un tableur partagé pour la comptabilité",
                "skills_map": "Deux personnes à l’aise, les autres au quotidien",
            },
        }),
        lines: json!([
            { "nature": "training", "label": "Prise en main de Zourit, 3 jours, groupe de 12", "quantity_hundredths": 300,
              "unit": "jour", "unit_price_cents": 120_000 },
            { "nature": "advice", "label": "Accompagnement au déploiement après la formation", "quantity_hundredths": 100,
              "unit": "journée", "unit_price_cents": 65_000, "vat_basis_points": 2000 },
        ]),
        programme: json!({
            "title": "Prise en main de Zourit",
            "objectives": [
                { "text": "Administrer les comptes, les quotas et les groupes de Zourit", "assessment": "mise en situation" },
                { "text": "Partager et synchroniser des fichiers avec Nextcloud", "assessment": "exercice sur ordinateur" },
                { "text": "Gérer mails, contacts et agendas partagés dans Zimbra", "assessment": "exercice sur ordinateur et téléphone" },
                { "text": "Animer une visioconférence et coopérer sur un pad", "assessment": "mise en situation" },
                { "text": "Appliquer les règles d’hygiène numérique et du RGPD", "assessment": "questionnaire" },
            ],
            "audience": "Salariés, bénévoles et administrateurs d’une structure de l’économie sociale et solidaire",
            "prerequisites": "aucun",
            "modules": [
                { "title": "Administration de Zourit", "minutes": 210, "points": ["comptes et quotas", "groupes", "mots de passe"] },
                { "title": "Nextcloud", "minutes": 420, "points": ["migration des données", "partages", "synchronisation"] },
                { "title": "Zimbra", "minutes": 420, "points": ["contacts et agendas partagés", "téléphones", "anciens mails, nom de domaine"] },
                { "title": "Visioconférence, pads, hygiène numérique", "minutes": 210, "points": ["BigBlueButton", "pads", "données et RGPD", "documentation"] },
            ],
            "duration_minutes": 1260,
            "methods": "Auto-construction des savoirs : alternance de grand groupe, de petit groupe et de travail individuel, \
                        outils de l’éducation populaire",
            "means": {
                "teaching": "Supports libres remis à chacun, pas-à-pas illustrés",
                "technical": "Une instance de Zourit de formation, un ordinateur par personne",
                "staffing": "Une formatrice, quinze ans de pratique du logiciel libre en association",
            },
            "modality": "face_to_face",
            "evaluation": "Positionnement au début, exercices et mises en situation, bilan objectif par objectif à la fin",
            "follow_up": "Feuille d’émargement par demi-journée, signée par les stagiaires et la formatrice",
            "outcome": "Attestation de fin de formation, avec le résultat de chaque objectif",
            "access": "Sur demande, après un échange préalable d’une heure trente",
            "access_delay": "De quatre à huit semaines entre la demande et le premier jour",
            "accessibility": "Chaque besoin est étudié avec la référente handicap de la coopérative",
            "contacts": "bonjour@clairiere.example.org – 01 99 00 12 34",
            "price_per_group_cents": 360_000, "min_heads": 4, "max_heads": 14,
        }),
    }
}
