//! Lines of a quote: each has a nature, and only training enters agreements, hours and funding.

use entity::quote_line::{ActiveModel, Column, Entity, Model};
use poem_openapi::Object;
use sea_orm::{ActiveValue::Set, ColumnTrait};
use uuid::Uuid;
use validator::Validate;

use super::rules::{Amount, net};
use crate::{
    platform::{
        error::{Error, Fault, Result},
        money::{Cents, Rate},
        scope::Scope,
    },
    words,
};

words! {
    /// What a line pays for.
    pub enum Nature as "LineNature" {
        /// Training (action de formation): the only nature that enters the agreement.
        Training = "training",
        /// Advice or accompaniment (accompagnement): with VAT, under its own clause.
        Advice = "advice",
        /// Expenses (frais).
        Expenses = "expenses",
        /// Offered: its price is zero.
        Free = "free",
    }
}

impl Nature {
    /// As papers print it.
    pub fn printed(self) -> &'static str {
        match self {
            Self::Training => "Formation",
            Self::Advice => "Accompagnement",
            Self::Expenses => "Frais",
            Self::Free => "Offert",
        }
    }
}

/// The ordinary VAT rate, in basis points.
pub(super) const ORDINARY: i32 = 2000;

fn one() -> i64 {
    100
}

fn unit() -> String {
    "forfait".into()
}

/// A line, as a caller writes it.
#[derive(Debug, Clone, Object, Validate)]
pub struct NewQuoteLine {
    /// What it pays for.
    pub nature: Nature,
    /// What is sold, in words.
    #[oai(validator(min_length = 1, max_length = 500))]
    pub label: String,
    /// How many units, in hundredths: 150 is one and a half.
    #[oai(default = "one", validator(minimum(value = "1"), maximum(value = "1000000")))]
    pub quantity_hundredths: i64,
    /// The unit: « jour », « heure », « forfait ».
    #[oai(default = "unit", validator(min_length = 1, max_length = 50))]
    pub unit: String,
    /// Price of a unit before tax (HT), in cents of euro.
    #[oai(validator(minimum(value = "0"), maximum(value = "1000000000")))]
    pub unit_price_cents: i64,
    /// VAT rate in hundredths of a percent; by default zero for an exempt training, else 2 000 (20 %).
    #[oai(validator(minimum(value = "0"), maximum(value = "2000")))]
    pub vat_basis_points: Option<i32>,
}

/// A line, as the system knows it.
#[derive(Debug, Clone, Object)]
pub struct QuoteLineOut {
    /// Identifier.
    pub id: Uuid,
    /// Its amount before tax (HT), in cents of euro.
    pub net_cents: i64,
    /// What was written.
    #[oai(flatten)]
    pub line: NewQuoteLine,
}

/// The line that was written in a row.
pub(super) fn written(row: &Model) -> Result<NewQuoteLine> {
    Ok(NewQuoteLine {
        nature: Nature::of(&row.nature)?,
        label: row.label.clone(),
        quantity_hundredths: row.quantity_hundredths,
        unit: row.unit.clone(),
        unit_price_cents: row.unit_price_cents,
        vat_basis_points: Some(row.vat_basis_points),
    })
}

impl QuoteLineOut {
    /// From its row.
    pub(super) fn from_row(row: &Model) -> Result<Self> {
        Ok(Self { id: row.id, net_cents: amount(row)?.net.0, line: written(row)? })
    }
}

/// What a line counts for.
pub(super) fn amount(row: &Model) -> Result<Amount> {
    Ok(Amount {
        nature: Nature::of(&row.nature)?,
        net: net(row.quantity_hundredths, Cents(row.unit_price_cents))?,
        vat: Rate(row.vat_basis_points),
    })
}

/// The rate of a line, and what is wrong with it.
pub(super) fn rate(line: &NewQuoteLine, exempt: bool, at: usize) -> Result<i32, Fault> {
    let fault = |member: &str, code: &'static str, fr: &str, en: &str| {
        Err(Fault::new(format!("/lines/{at}/{member}"), code, fr, en))
    };
    let asked = line.vat_basis_points;
    match line.nature {
        Nature::Free if line.unit_price_cents != 0 => fault(
            "unit_price_cents",
            "quote.free",
            "Une ligne offerte a un prix nul.",
            "An offered line costs nothing.",
        ),
        Nature::Free => Ok(asked.unwrap_or(0)),
        Nature::Training if exempt && asked.is_some_and(|rate| rate > 0) => fault(
            "vat_basis_points",
            "quote.training_exempt",
            "La coopérative est exonérée de TVA sur la formation (CGI, art. 261, 4, 4° a)\u{a0}: le taux est zéro.",
            "The cooperative is exempt from VAT on training (CGI art. 261-4-4° a): the rate is zero.",
        ),
        Nature::Training if exempt => Ok(0),
        Nature::Training if asked == Some(0) => fault(
            "vat_basis_points",
            "quote.training_taxed",
            "La coopérative n’est pas exonérée de TVA\u{a0}: la formation porte un taux.",
            "The cooperative is not exempt from VAT: training carries a rate.",
        ),
        Nature::Advice if asked == Some(0) => fault(
            "vat_basis_points",
            "quote.advice_taxed",
            "L’accompagnement n’est pas une formation\u{a0}: il porte la TVA.",
            "Advice is no training: it carries VAT.",
        ),
        Nature::Training | Nature::Advice | Nature::Expenses => Ok(asked.unwrap_or(ORDINARY)),
    }
}

/// The rows of lines, or all that is wrong with them.
pub(super) fn rows(quote: Uuid, lines: Vec<NewQuoteLine>, exempt: bool) -> Result<Vec<ActiveModel>> {
    let (mut rows, mut faults) = (vec![], vec![]);
    for (at, line) in lines.into_iter().enumerate() {
        match rate(&line, exempt, at) {
            Err(fault) => faults.push(fault),
            Ok(rate) => {
                let NewQuoteLine { nature, label, quantity_hundredths, unit, unit_price_cents, vat_basis_points: _ } =
                    line;
                rows.push(ActiveModel {
                    quote_id: Set(quote),
                    position: Set(i32::try_from(at).unwrap_or(i32::MAX)),
                    nature: Set(nature.into()),
                    label: Set(label),
                    quantity_hundredths: Set(quantity_hundredths),
                    unit: Set(unit),
                    unit_price_cents: Set(unit_price_cents),
                    vat_basis_points: Set(rate),
                    ..Default::default()
                });
            }
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(Error::Invalid(faults)) }
}

/// The lines of a quote, in order.
pub async fn lines(scope: &Scope<'_>, quote: Uuid) -> Result<Vec<Model>> {
    scope.find::<Entity>().filter(Column::QuoteId.eq(quote)).ascending(Column::Position).all().await
}

/// What the training lines of a quote add up to, before tax: the price of the agreement.
pub async fn training_total(scope: &Scope<'_>, quote: Uuid) -> Result<Cents> {
    let mut sum = Cents::ZERO;
    for row in lines(scope, quote).await? {
        let amount = amount(&row)?;
        if amount.nature == Nature::Training {
            sum = sum.checked_add(amount.net).ok_or_else(|| Error::internal("a quote does not fit"))?;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(nature: Nature, unit_price_cents: i64, vat_basis_points: Option<i32>) -> NewQuoteLine {
        NewQuoteLine {
            nature,
            label: "ligne".into(),
            quantity_hundredths: 100,
            unit: unit(),
            unit_price_cents,
            vat_basis_points,
        }
    }

    #[test]
    fn each_nature_carries_its_own_vat() {
        let code = |line: &NewQuoteLine, exempt| rate(line, exempt, 0).map_err(|fault| fault.code.into_owned());
        assert_eq!(code(&line(Nature::Training, 1, None), true), Ok(0));
        assert_eq!(code(&line(Nature::Training, 1, Some(2000)), true), Err("quote.training_exempt".into()));
        assert_eq!(code(&line(Nature::Training, 1, None), false), Ok(2000));
        assert_eq!(code(&line(Nature::Advice, 1, None), true), Ok(2000));
        assert_eq!(code(&line(Nature::Advice, 1, Some(0)), true), Err("quote.advice_taxed".into()));
        assert_eq!(code(&line(Nature::Free, 1, None), true), Err("quote.free".into()));
    }
}
