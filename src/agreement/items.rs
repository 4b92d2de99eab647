//! What an agreement must say: the twelve items of art. D6353-1 I and the five of art. L6353-4, as tables.

use super::terms::{After, Terms};
use crate::{
    platform::{
        calendar,
        error::{Error, Result},
        money::{Cents, Minutes, Rate},
    },
    words,
};

words! {
    /// The items of a convention (art. D6353-1 I).
    pub enum Item {
        /// Intitulé de l'action.
        Title = "title",
        /// Objectif.
        Objective = "objective",
        /// Contenu.
        Content = "content",
        /// Moyens prévus.
        Means = "means",
        /// Durée.
        Duration = "duration",
        /// Période de réalisation.
        Period = "period",
        /// Taux des enseignements dispensés à distance sur la durée totale.
        DistanceShare = "distance_share",
        /// Modalités de déroulement.
        Conduct = "conduct",
        /// Modalités de suivi.
        FollowUp = "follow_up",
        /// Modalités de sanction.
        Outcome = "outcome",
        /// Prix de l'action.
        Price = "price",
        /// Modalités de règlement.
        Payment = "payment",
    }
}

/// The twelve items, in the order of the article: what, its French label, where it comes from.
pub const ITEMS: &[(Item, &str, &str)] = &[
    (Item::Title, "Intitulé de l’action", "art. D6353-1 I"),
    (Item::Objective, "Objectif", "art. D6353-1 I"),
    (Item::Content, "Contenu", "art. D6353-1 I"),
    (Item::Means, "Moyens prévus", "art. D6353-1 I"),
    (Item::Duration, "Durée", "art. D6353-1 I"),
    (Item::Period, "Période de réalisation", "art. D6353-1 I"),
    (Item::DistanceShare, "Taux des enseignements dispensés à distance", "art. D6353-1 I"),
    (Item::Conduct, "Modalités de déroulement", "art. D6353-1 I"),
    (Item::FollowUp, "Modalités de suivi", "art. D6353-1 I"),
    (Item::Outcome, "Modalités de sanction", "art. D6353-1 I"),
    (Item::Price, "Prix de l’action", "art. D6353-1 I"),
    (Item::Payment, "Modalités de règlement", "art. D6353-1 I"),
];

/// The mentions without which a contrat is void (art. L6353-4): French label, and whether the terms hold it.
type Mention = (&'static str, fn(&Terms) -> bool);
const CONTRACT_ITEMS: &[Mention] = &[
    ("1° nature, durée, programme, objet et effectif", |terms| {
        terms.minutes > 0 && !terms.content.is_empty() && !terms.objectives.is_empty() && terms.heads > 0
    }),
    ("2° niveau de connaissances préalables (« aucun » s’il n’y en a pas)", |terms| {
        said(terms.prerequisites.as_ref())
    }),
    ("3° conditions dans lesquelles la formation est donnée, contrôle des connaissances, sanction", |terms| {
        !terms.means.is_empty()
            && !terms.places.is_empty()
            && said(terms.evaluation.as_ref())
            && said(terms.outcome.as_ref())
    }),
    ("4° diplômes, titres ou références des intervenants", |terms| {
        !terms.trainers.is_empty() && terms.trainers.iter().all(|trainer| !trainer.titles.is_empty())
    }),
    ("5° modalités de paiement et conditions en cas de cessation anticipée ou d’abandon", |terms| {
        said(terms.payment_terms.as_ref()) && said(terms.cancellation_terms.as_ref())
    }),
];

fn said(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

fn holds(item: Item, terms: &Terms) -> bool {
    match item {
        Item::Title => !terms.title.trim().is_empty(),
        Item::Objective => !terms.objectives.is_empty(),
        Item::Content => !terms.content.is_empty(),
        Item::Means => !terms.means.is_empty(),
        Item::Duration => terms.minutes > 0,
        Item::Period => !terms.days.is_empty(),
        // A rate is always there: « 0 % » when everything is face to face.
        Item::DistanceShare => true,
        Item::Conduct => !terms.schedule.is_empty() && !terms.places.is_empty(),
        Item::FollowUp => said(terms.follow_up.as_ref()),
        Item::Outcome => said(terms.outcome.as_ref()),
        Item::Price => terms.price_cents >= 0,
        Item::Payment => said(terms.payment_terms.as_ref()),
    }
}

/// The items that terms lack.
pub fn missing(terms: &Terms) -> Vec<Item> {
    ITEMS.iter().map(|(item, _, _)| *item).filter(|item| !holds(*item, terms)).collect()
}

/// Refuse terms that lack an item, naming each.
pub fn require(terms: &Terms, contract: bool) -> Result<()> {
    let mut lacking: Vec<String> = missing(terms)
        .into_iter()
        .map(|item| ITEMS.iter().find(|(one, _, _)| *one == item).map_or("", |(_, label, _)| label).to_owned())
        .map(|label| format!("{label} (art. D6353-1)"))
        .collect();
    if contract {
        lacking.extend(
            CONTRACT_ITEMS.iter().filter(|(_, has)| !has(terms)).map(|(label, _)| format!("{label} (art. L6353-4)")),
        );
    }
    incomplete(&lacking)
}

/// The refusal that names what is missing, if anything is.
pub fn incomplete(lacking: &[String]) -> Result<()> {
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Error::refused(
        "agreement.items_missing",
        format!("Il manque : {}.", lacking.join(" ; ")),
        format!("Missing (French labels of the articles): {}.", lacking.join("; ")),
    ))
}

/// An item as the paper prints it, and as an amendment compares it.
pub fn printed(item: Item, terms: &Terms) -> String {
    match item {
        Item::Title => terms.title.clone(),
        Item::Objective => terms.objectives.join("\n"),
        Item::Content => terms.content.join("\n"),
        Item::Means => terms.means.join("\n"),
        Item::Duration => duration(terms),
        Item::Period => period(terms),
        Item::DistanceShare => Rate(terms.distance_basis_points).to_string(),
        Item::Conduct => terms.schedule.iter().chain(&terms.places).cloned().collect::<Vec<_>>().join("\n"),
        Item::FollowUp => terms.follow_up.clone().unwrap_or_default(),
        Item::Outcome => terms.outcome.clone().unwrap_or_default(),
        Item::Price => Cents(terms.price_cents).to_string(),
        Item::Payment => {
            let due = instalments(terms).map(|Due { when, share, amount }| format!("{when} : {share}, soit {amount}"));
            terms.payment_terms.iter().cloned().chain(due).collect::<Vec<_>>().join("\n")
        }
    }
}

/// An instalment, as papers print it.
pub(super) struct Due {
    /// When it is due.
    pub when: String,
    /// Its part of the price.
    pub share: Rate,
    /// Its amount.
    pub amount: Cents,
}

/// The instalments with their amounts; the last one takes what rounding left.
pub(super) fn instalments(terms: &Terms) -> impl Iterator<Item = Due> + '_ {
    let mut left = Cents(terms.price_cents);
    let last = terms.instalments.len().saturating_sub(1);
    terms.instalments.iter().enumerate().map(move |(index, one)| {
        let share = Rate(one.percent_basis_points);
        let amount = if index == last { left } else { Cents(terms.price_cents).part(share).unwrap_or(left) };
        left = left.checked_sub(amount).unwrap_or(Cents::ZERO);
        let when = match (one.due_on, one.after) {
            (Some(day), _) => format!("Le {}", calendar::date(day)),
            (None, Some(After::Withdrawal)) => "À l’expiration du délai de rétractation".into(),
            (None, Some(After::Start)) => "Le premier jour de la formation".into(),
            (None, Some(After::End) | None) => "À l’issue de la formation".into(),
        };
        Due { when, share, amount }
    })
}

/// « 14 h, sur 2 jours ».
pub fn duration(terms: &Terms) -> String {
    let days = terms.days.len();
    format!("{}, sur {days} jour{}", Minutes(terms.minutes), if days > 1 { "s" } else { "" })
}

/// « le 2 mars 2026 », « les 2 mars, 23 et 24 avril 2026 ».
pub fn period(terms: &Terms) -> String {
    match terms.days.as_slice() {
        [one] => calendar::span(*one, *one),
        days => calendar::dates(days),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::agreement::terms::{Instalment, NamedTrainer};

    pub fn whole() -> Terms {
        let text = || Some("Dit.".to_owned());
        Terms {
            title: "Découvrir Zourit".into(),
            objectives: vec!["Tenir une visioconférence".into()],
            content: vec!["Les outils".into()],
            means: vec!["Un poste par personne".into()],
            minutes: 840,
            days: vec!["2026-04-02".parse().unwrap(), "2026-04-23".parse().unwrap()],
            distance_basis_points: 0,
            distance: None,
            schedule: vec!["jeudi 2 avril 2026 : 9 h – 12 h 30".into()],
            places: vec!["Maison des associations".into()],
            follow_up: text(),
            outcome: text(),
            evaluation: text(),
            price_cents: 240_000,
            payment_terms: text(),
            instalments: vec![],
            cancellation_terms: text(),
            prerequisites: Some("aucun".into()),
            trainers: vec![NamedTrainer { name: "Marie Durand".into(), titles: vec!["Master".into()] }],
            trainees: vec![],
            heads: 12,
            order_reference: None,
        }
    }

    #[test]
    fn the_table_holds_the_twelve_items_once_each() {
        assert_eq!(ITEMS.len(), 12);
        assert!(Item::ALL.iter().all(|item| ITEMS.iter().filter(|(one, _, _)| one == item).count() == 1));
        assert!(require(&whole(), true).is_ok());
    }

    #[test]
    fn each_missing_item_is_named() {
        let mut terms = whole();
        terms.follow_up = Some("  ".into());
        terms.means.clear();
        terms.days.clear();
        assert_eq!(missing(&terms), [Item::Means, Item::Period, Item::FollowUp]);
        let Err(Error::Refused(refused)) = require(&terms, false) else { panic!("an incomplete convention passed") };
        assert!(
            ["Moyens prévus", "Période de réalisation", "Modalités de suivi"].iter().all(|x| refused.fr.contains(x))
        );
    }

    #[test]
    fn a_contrat_also_names_the_titles_of_the_trainers() {
        let mut terms = whole();
        terms.trainers[0].titles.clear();
        assert!(require(&terms, false).is_ok());
        let Err(Error::Refused(refused)) = require(&terms, true) else { panic!("a void contrat passed") };
        assert!(refused.fr.contains("4°") && !refused.fr.contains("5°"));
    }

    #[test]
    fn a_face_to_face_training_says_zero_per_cent() {
        assert_eq!(printed(Item::DistanceShare, &whole()).replace(['\u{202f}', '\u{a0}'], " "), "0 %");
    }
    #[test]
    fn a_new_price_changes_the_instalments() {
        let part = |after, percent_basis_points| Instalment { due_on: None, after: Some(after), percent_basis_points };
        let mut terms = whole();
        terms.instalments = vec![part(After::Withdrawal, 3_000), part(After::End, 7_000)];
        terms.price_cents = 90_001;
        let said = |terms: &Terms| printed(Item::Payment, terms).replace(['\u{202f}', '\u{a0}'], " ");
        let expected = "Dit.\nÀ l’expiration du délai de rétractation : 30 %, soit 270,00 €\n\
                        À l’issue de la formation : 70 %, soit 630,01 €";
        assert_eq!(said(&terms), expected);
        terms.price_cents = 60_000;
        assert!(said(&terms).ends_with("soit 420,00 €"), "{}", said(&terms));
    }
}
