//! The quote as a paper (devis): with its programme, it holds the twelve items of art. D6353-1 and may stand for the
//! convention once accepted.

use chrono::NaiveDate;
use entity::{client, programme_version, quote, quote_line};
use serde::{Deserialize, Serialize};

use super::{
    line::{self, Nature},
    rules::{self, Totals},
};
use crate::{
    catalogue,
    client::{Party, printed},
    organisation::{Issuer, issuer},
    papers::{
        Stamp,
        blocks::{self, DeclarationLine},
    },
    pdf::{Block, Column, Paper, SignatureBox},
    platform::{
        calendar::date,
        error::Result,
        money::{Cents, Rate},
        scope::Scope,
    },
};

/// One line, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its nature.
    pub nature: Nature,
    /// What is sold.
    pub label: String,
    /// How many units, in hundredths.
    pub quantity_hundredths: i64,
    /// The unit.
    pub unit: String,
    /// Price of a unit.
    pub unit_price: Cents,
    /// VAT rate.
    pub vat: Rate,
    /// Its amount before tax.
    pub net: Cents,
}

/// What the paper prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Who offers.
    pub issuer: Issuer,
    /// To whom.
    pub client: Party,
    /// Which edition.
    pub edition: i32,
    /// The last day of validity.
    pub valid_until: Option<NaiveDate>,
    /// How many trainees.
    pub heads: Option<i32>,
    /// When.
    pub period: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// How it is paid.
    pub terms: String,
    /// What is offered.
    pub lines: Vec<Line>,
    /// What it adds up to.
    pub totals: Totals,
    /// The programme that is sold.
    pub programme: Option<catalogue::Content>,
    /// Whether the buyer pays for their own training: they need a contrat, no quote stands for it (art. L6353-3).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub individual: bool,
}

impl Content {
    fn has(&self, nature: Nature) -> bool {
        self.lines.iter().any(|line| line.nature == nature)
    }

    /// Whether it holds all that a convention must.
    pub fn stands_for_the_convention(&self) -> bool {
        !self.individual
            && self.programme.is_some()
            && self.period.is_some()
            && self.place.is_some()
            && self.has(Nature::Training)
    }
}

/// Freeze what the paper prints.
pub async fn content(
    scope: &Scope<'_>,
    row: &quote::Model,
    lines: &[quote_line::Model],
    payment_days: i32,
    day: NaiveDate,
) -> Result<Content> {
    let client = scope.get::<client::Entity>(row.client_id).await?;
    let version = scope.maybe::<programme_version::Entity>(row.programme_version_id).await?;
    let amounts: Vec<_> = lines.iter().map(line::amount).collect::<Result<_>>()?;
    let printed_lines = lines.iter().zip(&amounts).map(|(row, amount)| Line {
        nature: amount.nature,
        label: row.label.clone(),
        quantity_hundredths: row.quantity_hundredths,
        unit: row.unit.clone(),
        unit_price: Cents(row.unit_price_cents),
        vat: amount.vat,
        net: amount.net,
    });
    Ok(Content {
        issuer: issuer(scope, row.activity_id, day).await?,
        individual: client.kind == "individual",
        client: printed(scope, &client).await?,
        edition: row.edition,
        valid_until: row.valid_until,
        heads: row.heads,
        period: row.period.clone(),
        place: row.place.clone(),
        terms: row.terms.clone().unwrap_or_else(|| {
            format!("Paiement par virement à {payment_days} jours de la facture, émise après la formation.")
        }),
        lines: printed_lines.collect(),
        totals: rules::totals(&amounts)?,
        programme: version.as_ref().map(catalogue::content).transpose()?.map(catalogue::paper::without_access),
    })
}

/// Units that are counted, when there are two or more.
const COUNTED: [&str; 8] = ["jour", "journée", "demi-journée", "heure", "personne", "groupe", "séance", "forfait"];

/// « 1,5 jour », « 3 jours ».
fn quantity(hundredths: i64, unit: &str) -> String {
    let (whole, part) = (hundredths / 100, hundredths % 100);
    let number = match (part, part % 10) {
        (0, _) => whole.to_string(),
        (_, 0) => format!("{whole},{}", part / 10),
        _ => format!("{whole},{part:02}"),
    };
    let plural = if hundredths >= 200 && COUNTED.contains(&unit) { "s" } else { "" };
    format!("{number}\u{a0}{unit}{plural}")
}

/// Lay it out.
pub fn layout(content: &Content, stamp: &Stamp) -> Paper {
    let issuer = &content.issuer;
    let mut paper = blocks::paper("Devis", issuer, stamp, DeclarationLine::Contract)
        .push(Block::title(format!("Devis {}", stamp.reference)))
        .push(Block::subtitle(subtitle(content, stamp)))
        .extend(blocks::introduction(issuer))
        .push(Block::key_values([("De", provider(issuer)), ("À", content.client.lines().join("\n"))]))
        .push(Block::heading("Prix"))
        .push(prices(content));
    if issuer.vat_exempt && content.has(Nature::Training) {
        paper = paper.push(Block::note(
            "Formation\u{a0}: exonération de TVA – article 261, 4, 4° a du code général des impôts.",
        ));
    }
    if content.has(Nature::Advice) {
        paper = paper.push(Block::heading("Accompagnement")).push(Block::paragraph(
            "Les lignes d’accompagnement sont des prestations de conseil, distinctes de la formation\u{a0}: elles portent \
             la TVA, n’entrent ni dans la durée ni dans le prix de l’action de formation, et ne peuvent être prises en \
             charge par un opérateur de compétences au titre de celle-ci.",
        ));
    }
    paper = paper.push(Block::heading("Conditions")).push(Block::key_values(conditions(content)));
    if let Some(programme) = &content.programme {
        paper = paper
            .push(Block::heading("Action de formation"))
            .push(Block::key_values([("Intitulé", programme.title.clone())]))
            .extend(catalogue::paper::body(programme));
    }
    if content.stands_for_the_convention() {
        paper = paper.push(Block::paragraph(
            "Accepté, ce devis comporte les mentions de l’article D. 6353-1 du code du travail et tient lieu de convention \
             de formation professionnelle.",
        ));
    }
    paper
        .extend(blocks::headed("Clauses particulières", blocks::clauses(issuer)))
        .push(Block::signatures(vec![
            SignatureBox::new("Pour l’organisme de formation").line(issuer.name.as_str()),
            SignatureBox::new("Pour le client – bon pour accord")
                .line(content.client.name.as_str())
                .line("Date, nom et qualité, signature"),
        ]))
        .extend(blocks::closing(issuer))
}

/// The party that offers, with its address.
fn provider(issuer: &Issuer) -> String {
    let Issuer { address, postcode, city, .. } = issuer;
    format!("{}\n{address}\n{postcode} {city}", issuer.party())
}

fn subtitle(content: &Content, stamp: &Stamp) -> String {
    let edition = if content.edition > 1 { format!(", édition {}", content.edition) } else { String::new() };
    let validity = content.valid_until.map(|day| format!(", valable jusqu’au {}", date(day))).unwrap_or_default();
    format!("du {}{edition}{validity}", date(stamp.issued_on))
}

fn prices(content: &Content) -> Block {
    let columns = vec![
        Column::left("Désignation", 3.6),
        Column::left("Nature", 2.8),
        Column::right("Quantité", 2.0),
        Column::right("Prix unitaire HT", 2.8),
        Column::right("TVA", 1.5),
        Column::right("Montant HT", 2.2),
    ];
    // No tax on a training is an exemption, not a rate of zero.
    let exempt = |line: &Line| content.issuer.vat_exempt && line.nature == Nature::Training && line.vat.0 == 0;
    let mut rows: Vec<Vec<String>> = content
        .lines
        .iter()
        .map(|line| {
            vec![
                line.label.clone(),
                line.nature.printed().to_owned(),
                quantity(line.quantity_hundredths, &line.unit),
                line.unit_price.to_string(),
                if exempt(line) { "exonéré".to_owned() } else { line.vat.to_string() },
                line.net.to_string(),
            ]
        })
        .collect();
    let total = |label: String, cents: i64| {
        let blank = String::new;
        vec![label, blank(), blank(), blank(), blank(), Cents(cents).to_string()]
    };
    let mut totals = vec![total("Total HT".into(), content.totals.net_cents)];
    totals.extend(
        content
            .totals
            .by_vat
            .iter()
            .filter(|vat| vat.vat_basis_points > 0)
            .map(|vat| total(format!("TVA à {}", Rate(vat.vat_basis_points)), vat.vat_cents)),
    );
    totals.push(total("Total TTC".into(), content.totals.gross_cents));
    let count = totals.len();
    rows.extend(totals);
    match Block::table(columns, rows) {
        Block::Table(table) => Block::Table(crate::pdf::Table { totals: count, ..table }),
        other => other,
    }
}

fn conditions(content: &Content) -> Vec<(&'static str, String)> {
    let training = content.totals.by_nature.iter().find(|total| total.nature == Nature::Training);
    [
        training.map(|total| ("Prix de l’action de formation", format!("{} HT", Cents(total.net_cents)))),
        content.period.clone().map(|period| ("Période de réalisation", period)),
        content.place.clone().map(|place| ("Modalités de déroulement, lieu", place)),
        content.heads.map(|heads| ("Effectif prévu", format!("{heads} stagiaire{}", if heads > 1 { "s" } else { "" }))),
        Some(("Modalités de règlement", content.terms.clone())),
        content.valid_until.map(|day| ("Validité", format!("jusqu’au {}", date(day)))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_agree_with_their_number() {
        let said = |hundredths, unit| quantity(hundredths, unit).replace('\u{a0}', " ");
        assert_eq!(said(150, "jour"), "1,5 jour");
        assert_eq!(said(300, "jour"), "3 jours");
        assert_eq!(said(100, "forfait"), "1 forfait");
        assert_eq!(said(1_250, "km"), "12,5 km");
    }
}
