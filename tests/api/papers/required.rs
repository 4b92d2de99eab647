//! What each paper must hold: the item, who asks for it, how it reads on the paper. One test reads them all back.

use std::collections::BTreeSet;

use clairiere::{
    papers::laid,
    pdf::{Block, GridCell, Pictures},
};

use super::{
    keep,
    making::{Paper, papers},
    reader::{folded, pages},
};

/// An item that a paper must hold.
struct Item {
    paper: &'static str,
    item: &'static str,
    source: &'static str,
    /// Each of these stands on the paper.
    reads: &'static [&'static str],
}

const fn item(paper: &'static str, item: &'static str, source: &'static str, reads: &'static [&'static str]) -> Item {
    Item { paper, item, source, reads }
}

/// The line of conventions, contrats and quotes.
const CONTRACT: &[&str] =
    &["Déclaration d’activité enregistrée sous le numéro 11 75 12345 75 auprès du préfet de région d’Île-de-France"];
/// The line of whatever is public.
const PUBLIC: &[&str] =
    &["Enregistrée sous le numéro 11 75 12345 75. Cet enregistrement ne vaut pas agrément de l’État."];
/// The three items of distance training.
const DISTANCE: &[&str] = &[
    "Marie Durand répond par mail et par téléphone sous un jour ouvré",
    "Deux exercices sur une instance de Zourit",
    "45 min",
    "Un questionnaire à la fin de la classe virtuelle",
];
const D6353_1: &str = "art. D6353-1 I";
const L6353_4: &str = "art. L6353-4";
const RNQ_1: &str = "RNQ, indicateur 1";
const RNQ_9: &str = "RNQ, indicateur 9";
const MODEL: &str = "modèle du ministère, arrêté du 21 décembre 2018";
const R6313_3: &str = "art. R6313-3";

#[rustfmt::skip]
const ITEMS: &[Item] = &[
    item("devis", "déclaration d’activité", "art. R6351-6", CONTRACT),
    item("devis", "1 intitulé", D6353_1, &["Prendre en main Zourit"]),
    item("devis", "2 objectif", D6353_1, &["Administrer les comptes et les quotas de Zourit"]),
    item("devis", "3 contenu", D6353_1, &["Nextcloud et Zimbra", "migration des mails"]),
    item("devis", "4 moyens prévus", D6353_1, &["Supports remis à chacun·e", "Un ordinateur par personne", "dix ans de pratique des logiciels libres"]),
    item("devis", "5 durée", D6353_1, &["10 h 30"]),
    item("devis", "6 période de réalisation", D6353_1, &["Période de réalisation", "les 24 et 25 mars 2026"]),
    item("devis", "7 taux à distance", D6353_1, &["Taux des enseignements à distance", "33,33 % de la durée totale"]),
    item("devis", "8 modalités de déroulement", D6353_1, &["Modalités de déroulement", "dans vos locaux, puis à distance"]),
    item("devis", "9 modalités de suivi", D6353_1, &["Modalités de suivi", "Feuille d’émargement par demi-journée"]),
    item("devis", "10 modalités de sanction", D6353_1, &["Modalités de sanction", "Attestation de fin de formation"]),
    item("devis", "11 prix", D6353_1, &["Prix de l’action de formation", "1 800,00 €"]),
    item("devis", "12 modalités de règlement", D6353_1, &["Modalités de règlement", "30 jours"]),
    item("devis", "à distance", "art. D6313-3-1", DISTANCE),
    item("devis", "validité, acceptation", "usage", &["valable jusqu’au 31 mars 2026", "bon pour accord"]),
    item("devis", "exonération de TVA", "CGI art. 261-4-4° a", &["1 200,00 € exonéré 1 800,00 €", "article 261, 4, 4° a du code général des impôts"]),
    item("devis", "tient lieu de convention", "art. D6353-1 II", &["tient lieu de convention de formation professionnelle"]),

    item("programme", "mention publique", "art. L6352-12", PUBLIC),
    item("programme", "prérequis", RNQ_1, &["Prérequis", "aucun"]),
    item("programme", "objectifs", RNQ_1, &["Administrer les comptes et les quotas de Zourit", "Partager des fichiers et des agendas"]),
    item("programme", "durée", RNQ_1, &["Durée", "10 h 30"]),
    item("programme", "modalités et délai d’accès", RNQ_1, &["Modalités d’accès", "après un échange préalable", "Délai d’accès", "Quatre semaines"]),
    item("programme", "tarifs", RNQ_1, &["Tarif", "3 600,00 € HT par groupe"]),
    item("programme", "contacts", RNQ_1, &["Contacts", "bonjour@example.org"]),
    item("programme", "méthodes mobilisées", RNQ_1, &["Méthodes mobilisées", "Alternance de grand groupe"]),
    item("programme", "modalités d’évaluation", RNQ_1, &["Modalités d’évaluation", "bilan à la fin"]),
    item("programme", "accessibilité", RNQ_1, &["Accessibilité", "Référent handicap joignable"]),
    item("programme", "date de la version", RNQ_1, &["version 1 du 2 mars 2026"]),
    item("programme", "à distance", "art. D6313-3-1", DISTANCE),

    item("convention", "déclaration d’activité", "art. R6351-6", CONTRACT),
    item("convention", "parties : la coopérative, sa marque, le client", "art. L6353-1", &["La Ruche", "SCOP SARL à capital variable", "732 829 320 00074", "Rosa Bellanger, gérante", "Les Lilas", "Mme Agnès Petit, présidente"]),
    item("convention", "1 intitulé", D6353_1, &["Intitulé", "Prendre en main Zourit"]),
    item("convention", "2 objectif", D6353_1, &["Objectif", "Administrer les comptes et les quotas de Zourit"]),
    item("convention", "3 contenu", D6353_1, &["Contenu", "Administration : comptes ; groupes ; mots de passe"]),
    item("convention", "4 moyens prévus", D6353_1, &["Moyens prévus", "Supports remis à chacun·e"]),
    item("convention", "5 durée", D6353_1, &["10 h 30, sur 2 jours"]),
    item("convention", "6 période de réalisation", D6353_1, &["Période de réalisation", "les 24 et 25 mars 2026"]),
    item("convention", "7 taux à distance", D6353_1, &["33,33 % de la durée totale"]),
    item("convention", "8 modalités de déroulement", D6353_1, &["mardi 24 mars 2026 : 9 h – 12 h 30 et 13 h 30 – 17 h", "Maison des associations", "https://visio.example.org/zourit"]),
    item("convention", "9 modalités de suivi", D6353_1, &["Modalités de suivi", "Feuille d’émargement par demi-journée"]),
    item("convention", "10 modalités de sanction", D6353_1, &["Modalités de sanction", "Attestation de fin de formation"]),
    item("convention", "11 prix", D6353_1, &["1 800,00 €"]),
    item("convention", "12 modalités de règlement", D6353_1, &["Modalités de règlement", "30 jours"]),
    item("convention", "à distance", "art. D6313-3-1", DISTANCE),
    item("convention", "stagiaires", "usage", &["2 stagiaires", "Mme Zoé Lefèvre"]),
    item("convention", "remboursement", "art. L6354-1", &["L. 6354-1"]),
    item("convention", "annulation, abandon", "usage", &["Annulation, interruption et remboursement", "cessation anticipée", "au prorata de leur durée", "force majeure"]),
    item("convention", "signatures", "art. L6353-1", &["Pour l’organisme de formation", "Pour le client", "Fait en deux exemplaires"]),
    item("convention en présentiel", "7 taux à distance", D6353_1, &["Part des enseignements à distance 0 % de la durée totale"]),

    item("contrat", "déclaration d’activité", "art. R6351-6", CONTRACT),
    item("contrat", "1° nature, durée, programme, objet, effectif", L6353_4, &["1° de l’article L. 6313-1", "7 h", "Administration : comptes ; groupes", "Administrer les comptes", "Effectif concerné : 1 stagiaire"]),
    item("contrat", "2° connaissances préalables", L6353_4, &["Niveau requis avant l’entrée en formation : aucun"]),
    item("contrat", "3° conditions, à distance, moyens, contrôle, sanction", L6353_4, &["https://visio.example.org/contrat", "Un ordinateur par personne", "Contrôle des connaissances", "Sanction de la formation", "100 % de la durée totale"]),
    item("contrat", "à distance", "art. D6313-3-1", DISTANCE),
    item("contrat", "4° titres des intervenants", L6353_4, &["Lucie Durand : Master en sciences de l’éducation"]),
    item("contrat", "5° paiement, cessation anticipée, abandon", L6353_4, &["900,00 €", "Prix et modalités de paiement", "cessation anticipée", "abandon"]),
    item("contrat", "rétractation de dix jours", "art. L6353-5", &["dix jours", "L. 6353-5", "lettre recommandée avec avis de réception"]),
    item("contrat", "rien avant, 30 % au plus, échelonné", "art. L6353-6", &["Aucune somme n’est demandée avant l’expiration du délai", "30 %", "270,00 €", "70 %", "630,00 €", "L. 6353-6"]),
    item("contrat", "force majeure", "art. L6353-7", &["force majeure", "L. 6353-7"]),
    item("contrat", "formulaire de rétractation", "C. conso. art. L221-5, R221-1", &["Formulaire de rétractation", "À renvoyer par lettre recommandée avec avis de réception", "Je vous notifie par la présente ma rétractation", "La Ruche, 12 rue des Abeilles, 75011 Paris, contact@example.org", "Contrat signé le"]),
    item("contrat", "échéances, et rien d’autre", L6353_4, &["Paiement par virement, aux échéances ci-dessous."]),
    item("contrat à distance", "rétractation de quatorze jours", "C. conso. art. L221-18", &["quatorze jours", "L. 221-18"]),
    item("contrat à distance", "formulaire de rétractation", "C. conso. art. L221-5, R221-1", &["Formulaire de rétractation", "Je vous notifie par la présente ma rétractation", "La Ruche, 12 rue des Abeilles, 75011 Paris, contact@example.org"]),

    item("avenant", "déclaration d’activité", "art. R6351-6", CONTRACT),
    item("avenant", "ce qui est modifié", "C. civ. art. 1193", &["Avenant n° 1", "à la convention CNV-2026-0001", "2 mars 2026"]),
    item("avenant", "ancien et nouveau", "C. civ. art. 1193", &["Prix de l’action", "1 800,00 €", "2 400,00 €", "10 h 30, sur 2 jours", "14 h, sur 2 jours"]),
    item("avenant", "motif", "usage", &["Un jour de plus à la demande du client."]),
    item("avenant", "signatures", "C. civ. art. 1193", &["Pour l’organisme de formation", "Pour le client"]),
    item("avenant au contrat", "ancien et nouveau prix", "C. civ. art. 1193", &["au contrat", "Mention Ce qui était convenu", "900,00 €", "600,00 €"]),
    item("avenant au contrat", "anciennes et nouvelles échéances", "art. L6353-6", &["30 %, soit 270,00 €", "70 %, soit 630,00 €", "30 %, soit 180,00 €", "70 %, soit 420,00 €"]),
    item("avenant au contrat", "signatures", "C. civ. art. 1193", &["Pour l’organisme de formation", "Le ou la stagiaire"]),

    item("convocation", "stagiaire et intitulé", RNQ_9, &["Mme Zoé Lefèvre", "Prendre en main Zourit"]),
    item("convocation", "horaires par demi-journée", RNQ_9, &["mardi 24 mars 2026", "9 h – 12 h 30", "13 h 30 – 17 h", "mercredi 25 mars 2026"]),
    item("convocation", "lieu, accès, accès PSH, lien", RNQ_9, &["Maison des associations", "métro Porte des Lilas", "plain-pied, ascenseur", "https://visio.example.org/zourit"]),
    item("convocation", "formateur, contacts, référent handicap", RNQ_9, &["Marie Durand", "bonjour@example.org", "Référent handicap", "Hélène Fontaine"]),
    item("convocation", "équipement", RNQ_9, &["vidéoprojecteur"]),
    item("convocation", "règlement du lieu d’accueil", "art. R6352-1", &["propre règlement intérieur", "R. 6352-1"]),
    item("convocation", "à distance", "art. D6313-3-1", DISTANCE),
    item("convocation", "documents joints", RNQ_9, &["Programme de la formation", "Livret d’accueil", "Règlement intérieur"]),
    item("convocation", "déclaration d’activité", "art. R6351-6", CONTRACT),

    item("livret d’accueil", "mention publique", "art. L6352-12", PUBLIC),
    item("livret d’accueil", "texte de l’organisme", RNQ_9, &["Chaque journée alterne apports et exercices.", "repas : tiré du sac", "transport : métro"]),
    item("livret d’accueil", "contacts nommés", RNQ_9, &["Référent pédagogique", "Contact administratif", "Référent handicap", "Hélène Fontaine", "01 23 45 67 89"]),
    item("livret d’accueil", "accès des personnes handicapées", RNQ_9, &["plain-pied, ascenseur"]),
    item("livret d’accueil", "accès et assistance à distance", RNQ_9, &["https://visio.example.org/zourit", "Assistance technique et pédagogique"]),
    item("livret d’accueil", "faits de la session", RNQ_9, &["Prendre en main Zourit", "mardi 24 mars 2026", "10 h 30"]),

    item("règlement intérieur", "texte de l’organisme", "art. L6352-3", &["Article 1", "Le présent règlement s’applique à tous les stagiaires."]),
    item("règlement intérieur", "santé et sécurité du lieu d’accueil", "art. R6352-1", &["Maison des associations, 12 rue des Lilas, 75020 Paris", "R. 6352-1"]),
    item("règlement intérieur", "session et édition", RNQ_9, &["Prendre en main Zourit", "les 24 et 25 mars 2026", "Édition 1, en vigueur depuis le 1er janvier 2024"]),

    item("feuille vierge", "organisme, formateur, lieu", R6313_3, &["La Ruche", "Marie Durand formateur ou formatrice", "Maison des associations"]),
    item("feuille vierge", "intitulé et créneaux", R6313_3, &["Prendre en main Zourit", "24/03/2026", "9 h à 12 h 30", "3 h 30"]),
    item("feuille vierge", "stagiaires et employeur", R6313_3, &["Zoé Lefèvre", "Ali Lefèvre", "Les Lilas"]),
    item("feuille vierge", "règles de signature", R6313_3, &["jamais pour une autre ni d’avance"]),
    item("feuille vierge", "déclaration d’activité", "usage", CONTRACT),
    item("feuille d’émargement", "organisme, formateur, client", R6313_3, &["La Ruche", "Marie Durand formateur ou formatrice présent(e) : 3 h 30", "Les Lilas"]),
    item("feuille d’émargement", "présences et preuve par demi-journée", R6313_3, &["présent(e) : 3 h 30", "en partie : 2 h", "signé sur papier"]),
    item("feuille d’émargement", "arrivée et départ d’une présence en partie", R6313_3, &["en partie : 2 h arrivée 10 h 30", "en partie : 2 h, heures non notées"]),
    item("feuille d’émargement", "heures suivies", R6313_3, &["Heures suivies", "10 h 30", "6 h"]),
    item("feuille d’émargement", "clôture et empreinte", R6313_3, &["Demi-journées closes", "Empreinte"]),
    item("feuille du client", "ses stagiaires", R6313_3, &["Inès Robin", "Les Roseaux", "présent(e) : 3 h 30", "voir la feuille complète"]),
    item("feuille complète", "tous les stagiaires", R6313_3, &["Inès Robin", "Les Roseaux", "Nour Haddad", "Les Mimosas", "non renseigné"]),
    item("feuille complète", "clôture, présences notées, absences de signature", R6313_3, &["Présences notées", "Nour Haddad est partie sans signer."]),

    item("relevé de connexion", "créneaux à distance", "art. D6313-3-1", &["mercredi 25 mars 2026", "9 h à 12 h 30", "3 h 30"]),
    item("relevé de connexion", "1° assistance, 2° activités et durée moyenne, 3° évaluations", "art. D6313-3-1", DISTANCE),
    item("relevé de connexion", "arrivée, départ, durée, journal", R6313_3, &["Zoé Lefèvre", "8 h 58", "12 h 30", "3 h 30", "BigBlueButton", "Ali Lefèvre", "10 h 30", "2 h"]),

    item("attestation", "organisme et déclaration", "art. L6313-7", CONTRACT),
    item("attestation", "stagiaire, action, nature", "art. L6313-7", &["Lefèvre", "Prendre en main Zourit", "L6313-1, 1°"]),
    item("attestation", "dates et durée", "art. L6313-7", &["du 24 au 25 mars 2026", "Durée suivie"]),
    item("attestation", "résultat par objectif", "RNQ, indicateur 11", &["Administrer les comptes et les quotas de Zourit acquis", "Partager des fichiers et des agendas en cours d’acquisition"]),
    item("attestation d’un échec", "résultat par objectif", "RNQ, indicateur 11", &["Administrer les comptes et les quotas de Zourit non acquis", "Partager des fichiers et des agendas acquis"]),
    item("attestation", "signature", "usage", &["Fait à Paris, le 25 mars 2026", "Pour l’organisme de formation", "Rosa Bellanger"]),

    item("attestation d’assiduité", "stagiaire et action", "dispositifs qui la demandent", &["Ali Lefèvre", "bénévole de l’association Les Lilas", "Prendre en main Zourit"]),
    item("attestation d’assiduité", "périodes et heures", "dispositifs qui la demandent", &["du 1er au 31 mars 2026", "du 24 au 25 mars 2026", "10 h 30", "6 h", "57,14 %"]),

    item("fiche de preuve", "qui, comment identifié", "C. civ. art. 1366", &["Zoé Lefèvre, stagiaire", "lien personnel envoyé à son adresse"]),
    item("fiche de preuve", "instants", "C. civ. art. 1367", &["mardi 24 mars 2026, 11:31:07", "2026-03-24T10:31:07Z", "en retard de 3 s"]),
    item("fiche de preuve", "consentement et empreintes", "C. civ. art. 1367", &["Je certifie avoir suivi cette demi-journée.", "1b4f0e98 51971998", "a4e624d6 86e03ed2", "Maillon n° 12"]),
    item("fiche de preuve", "traces", "C. civ. art. 1367", &["192.0.2.17", "Firefox/147.0", "c0ffee42"]),
];

/// The thirteen fields of the certificat de réalisation, in the order of the ministry's model.
const CERTIFICATE: [(&str, &str); 13] = [
    ("titre", "CERTIFICAT DE RÉALISATION"),
    ("signataire", "Je soussigné(e) Rosa Bellanger"),
    (
        "dispensateur",
        "représentant légal du dispensateur de l’action concourant au développement des compétences La Ruche",
    ),
    ("stagiaire", "atteste que : Mme Ali Lefèvre"),
    ("qualité", "bénévole de l’association Les Lilas"),
    ("action", "a suivi l’action Prendre en main Zourit"),
    ("nature", "Nature de l’action concourant au développement des compétences :"),
    ("dates", "qui s’est déroulée du 24 mars 2026 au 25 mars 2026"),
    ("durée", "pour une durée de 6 heures"),
    ("engagement de conservation", "pendant une durée de trois ans à compter de la fin de l’année du dernier paiement"),
    ("fait à, le", "Fait à Paris, le 25 mars 2026"),
    ("cachet et signature", "Cachet et signature du responsable du dispensateur de formation Rosa Bellanger gérante"),
    (
        "projet de transition professionnelle",
        "projet de transition professionnelle, le certificat de réalisation doit être transmis mensuellement",
    ),
];

#[tokio::test]
async fn every_paper_holds_what_is_required_of_it() {
    let papers = papers().await;
    for paper in &papers {
        keep(paper.name, &paper.bytes);
    }
    let mut lacking = vec![];
    for Item { paper, item, source, reads } in ITEMS {
        let Some(made) = papers.iter().find(|one| one.name == *paper) else { panic!("no {paper} was made") };
        let said = folded(&pages(&made.bytes).concat());
        let missing: Vec<&&str> = reads.iter().filter(|words| !said.contains(&folded(words))).collect();
        if !missing.is_empty() {
            lacking.push(format!("{paper}: {item} ({source}): {missing:?}"));
        }
    }
    let certificate = papers.iter().find(|one| one.name == "certificat").unwrap();
    let said = folded(&pages(&certificate.bytes).concat());
    let mut from = 0;
    for (field, words) in CERTIFICATE {
        match said[from..].find(&folded(words)) {
            Some(at) => from += at,
            None => lacking.push(format!("certificat: {field} ({MODEL}) is not after the field before it: {words}")),
        }
    }
    for nature in
        ["action de formation", "bilan de compétences", "action de VAE", "action de formation par apprentissage"]
    {
        assert!(said.contains(&folded(nature)), "certificat: {nature} ({MODEL})");
    }
    assert!(lacking.is_empty(), "{}\n", lacking.join("\n"));
    let named: BTreeSet<&str> = ITEMS.iter().map(|item| item.paper).chain(["certificat"]).collect();
    let strangers: Vec<&str> = papers.iter().map(|one| one.name).filter(|name| !named.contains(name)).collect();
    assert!(strangers.is_empty(), "{strangers:?} have no item in the table");
    let made: BTreeSet<&str> = papers.iter().map(|one| one.kind.as_str()).collect();
    let kinds: BTreeSet<&str> = clairiere::document::Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(
        kinds.difference(&made).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "kinds of paper that nobody makes here"
    );
    for paper in &papers {
        let said = folded(&pages(&paper.bytes).concat());
        assert!(!said.contains("Qualiopi"), "{}: the mark has no place on papers (its rules of use)", paper.name);
    }
}

fn named<'a>(papers: &'a [Paper], name: &str) -> &'a Paper {
    papers.iter().find(|one| one.name == name).unwrap()
}

/// All that a paper says, on its pages and in the content that it carries.
fn all_of(paper: &Paper) -> String {
    folded(&format!("{}{}", pages(&paper.bytes).concat(), paper.content))
}

#[tokio::test]
async fn what_a_paper_must_not_say_is_not_there() {
    let papers = papers().await;
    let absent: &[(&str, &str, &[&str])] = &[
        ("contrat", "contradicts the instalments", &["émise à l’issue", "émise après la formation", "le client"]),
        ("contrat à distance", "contradicts the instalments", &["émise à l’issue", "émise après la formation"]),
        ("avenant au contrat", "labels of another article", &["L. 6353-4", "D. 6353-1"]),
        ("feuille du client", "is about another client", &["Nour", "Haddad", "Mimosas", "Présences notées"]),
        ("feuille d’émargement", "is not told to a client", &["Présences notées"]),
    ];
    for (name, why, words) in absent {
        let said = all_of(named(&papers, name));
        let found: Vec<&&str> = words.iter().filter(|words| said.contains(&folded(words))).collect();
        assert!(found.is_empty(), "{name}: {found:?} {why}");
    }
    let force = all_of(named(&papers, "contrat")).matches(&folded("force majeure dûment reconnu")).count();
    // Once on the page: the paragraph of art. L6353-7; the content does not hold it.
    assert_eq!(force, 1);
}

#[tokio::test]
async fn a_blank_sheet_leaves_rows_for_those_who_come_unannounced() {
    let papers = papers().await;
    let blank = laid(&named(&papers, "feuille vierge").row, &Pictures::default()).unwrap();
    let grids: Vec<_> =
        blank.blocks.iter().filter_map(|block| if let Block::Grid(grid) = block { Some(grid) } else { None }).collect();
    assert!(!grids.is_empty());
    for grid in grids {
        let spare: Vec<_> = grid.rows.iter().filter(|row| row.name.is_empty()).collect();
        assert_eq!(spare.len(), 3);
        assert!(spare.iter().all(|row| row.cells.iter().all(|cell| *cell == GridCell::Blank)));
    }
}
